package accesskey

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// maxAddresses is how many networks a key may be bound to.
const maxAddresses = 20

// Networks reads the addresses and networks that a key is to be taken from, each once. What cannot be read is added to
// bad at its place in the list. A network with bits beyond its mask is refused and not cut: 203.0.113.7/24 may stand
// for the one address as well as for all 256.
func Networks(bad *fault.List, given []string) []netip.Prefix {
	if len(given) > maxAddresses {
		bad.Add(fault.LimitReached, []any{maxAddresses}, "addresses")
		return nil
	}
	var read []netip.Prefix
	for i, text := range given {
		network, ok := parseNetwork(text)
		at := []string{"addresses", strconv.Itoa(i)}
		switch {
		case !ok:
			bad.Add(fault.AddressInvalid, nil, at...)
		case network != network.Masked():
			bad.Add(fault.NetworkInexact, []any{network.Masked()}, at...)
		case !slices.Contains(read, network):
			read = append(read, network)
		}
	}
	return read
}

// parseNetwork reads an address, which is a network of one, or a network in CIDR notation. An IPv4 address in the form
// of IPv6 is the IPv4 address, as callers have it.
func parseNetwork(text string) (network netip.Prefix, ok bool) {
	const mapped = 96 // bits before the IPv4 address
	text = strings.TrimSpace(text)
	if address, err := netip.ParseAddr(text); err == nil {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), address.Zone() == ""
	}
	network, err := netip.ParsePrefix(text)
	if err == nil && network.Addr().Is4In6() && network.Bits() >= mapped {
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mapped)
	}
	return network, err == nil
}

// Allows reports whether a key or token that is bound to these networks is taken from an address: from any when there
// are none, and from one that is not known only then.
func Allows(networks []netip.Prefix, address string) bool {
	if len(networks) == 0 {
		return true
	}
	from, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(from.Unmap()) })
}

// widens reports whether a key that was bound to the networks before is taken from any address more once it is bound to
// those after.
func widens(before, after []netip.Prefix) bool {
	switch {
	case len(before) == 0:
		return false
	case len(after) == 0:
		return true
	}
	within := func(n netip.Prefix) bool {
		return slices.ContainsFunc(before, func(b netip.Prefix) bool { return b.Bits() <= n.Bits() && b.Contains(n.Addr()) })
	}
	return slices.ContainsFunc(after, func(n netip.Prefix) bool { return !within(n) })
}

// Told is a list of networks in an audit event: nil when there are none.
func Told(networks []netip.Prefix) any {
	if len(networks) == 0 {
		return nil
	}
	return networks
}
