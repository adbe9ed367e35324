package accesskey

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/chaveiro/chaveiro/internal/base/fault"
)

// maxAddresses caps how many networks a key may be bound to.
const maxAddresses = 20

// Networks parses the addresses and networks from which a key is to be accepted, and drops duplicates. It adds each
// entry that it cannot parse to bad, at the entry's index. It refuses a network with bits beyond its mask:
// 203.0.113.7/24 can mean one address or all 256.
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

// parseNetwork parses an address, as a network of one, or a network in CIDR notation. It converts an IPv4-mapped IPv6
// address to IPv4, as callers' addresses are.
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

// Allows reports whether a key or token that is bound to networks is accepted from an address. Without networks every
// address is accepted, and an unknown address only then.
func Allows(networks []netip.Prefix, address string) bool {
	if len(networks) == 0 {
		return true
	}
	from, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(from.Unmap()) })
}

// widens reports whether a key is accepted from more addresses once it is bound to after instead of before. An empty
// list is every address. It may report true for a network that only several networks of before cover together.
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

// Told returns networks for an audit event: nil for an empty list.
func Told(networks []netip.Prefix) any {
	if len(networks) == 0 {
		return nil
	}
	return networks
}
