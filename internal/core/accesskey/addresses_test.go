package accesskey

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chaveiro/chaveiro/internal/base/fault"
	"github.com/chaveiro/chaveiro/internal/base/principal"
	"github.com/chaveiro/chaveiro/internal/core/audit"
)

// Proves: 5.4
func TestANetworkIsReadInOneFormOnly(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"203.0.113.7":            "203.0.113.7/32",
		" 203.0.113.7\t":         "203.0.113.7/32",
		"203.0.113.7/32":         "203.0.113.7/32",
		"203.0.113.0/24":         "203.0.113.0/24",
		"0.0.0.0/0":              "0.0.0.0/0",
		"10.0.0.0/8":             "10.0.0.0/8",
		"2001:db8::1":            "2001:db8::1/128",
		"2001:DB8:0:0::1":        "2001:db8::1/128",
		"2001:db8::/32":          "2001:db8::/32",
		"::ffff:203.0.113.7":     "203.0.113.7/32",
		"::ffff:203.0.113.0/120": "203.0.113.0/24",
		"::ffff:cb00:7100/120":   "203.0.113.0/24",

		"203.0.113.7/24":         "NETWORK_INEXACT at addresses.0: 203.0.113.0/24",
		"2001:db8::1/64":         "NETWORK_INEXACT at addresses.0: 2001:db8::/64",
		"::ffff:203.0.113.7/120": "NETWORK_INEXACT at addresses.0: 203.0.113.0/24",

		"":                       "ADDRESS_INVALID at addresses.0",
		" ":                      "ADDRESS_INVALID at addresses.0",
		"203.0.113":              "ADDRESS_INVALID at addresses.0",
		"203.0.113.256":          "ADDRESS_INVALID at addresses.0",
		"203.0.113.007":          "ADDRESS_INVALID at addresses.0",
		"203.0.113.0/33":         "ADDRESS_INVALID at addresses.0",
		"203.0.113.0/024":        "ADDRESS_INVALID at addresses.0",
		"203.0.113.0/":           "ADDRESS_INVALID at addresses.0",
		"203.0.113.0/-1":         "ADDRESS_INVALID at addresses.0",
		"203.0.113.1-9":          "ADDRESS_INVALID at addresses.0",
		"203.0.113.*":            "ADDRESS_INVALID at addresses.0",
		"203.0.113.7:8080":       "ADDRESS_INVALID at addresses.0",
		"203.0.113.7, ::1":       "ADDRESS_INVALID at addresses.0",
		"2001:db8::/129":         "ADDRESS_INVALID at addresses.0",
		"fe80::1%eth0":           "ADDRESS_INVALID at addresses.0",
		"fe80::%eth0/64":         "ADDRESS_INVALID at addresses.0",
		"loja.example":           "ADDRESS_INVALID at addresses.0",
		"203.0.113.7\x00":        "ADDRESS_INVALID at addresses.0",
		"２０３.0.113.7":            "ADDRESS_INVALID at addresses.0",
		strings.Repeat("1", 1e5): "ADDRESS_INVALID at addresses.0",
	} {
		var bad fault.List
		read := Networks(&bad, []string{given})
		got := bad.Error()
		if len(bad) == 1 && len(bad[0].Args) > 0 {
			got += fmt.Sprintf(": %v", bad[0].Args[0])
		}
		if len(read) == 1 && len(bad) == 0 {
			got = read[0].String()
		}
		if got != want {
			t.Errorf("%.40q gives %s, want %s", given, got, want)
		}
	}
}

func TestAListOfNetworksHasEachOnceAndNoMoreThanTwenty(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range maxAddresses {
		many = append(many, fmt.Sprintf("203.0.113.%d", i))
	}
	for name, c := range map[string]struct {
		given []string
		read  int
		err   string
	}{
		"none":              {nil, 0, ""},
		"as many as may be": {many, maxAddresses, ""},
		"one too many":      {append(slices.Clone(many), "::1"), 0, "LIMIT_REACHED at addresses"},
		"one twice":         {[]string{"::1", "203.0.113.7", "::1/128", "203.0.113.7/32"}, 2, ""},
		"two bad among others": {[]string{"::1", "x", "10.0.0.0/8", "10.0.0.1/8"}, 2,
			"ADDRESS_INVALID at addresses.1, NETWORK_INEXACT at addresses.3"},
	} {
		var bad fault.List
		if read := Networks(&bad, c.given); len(read) != c.read || bad.Error() != c.err {
			t.Errorf("%s: %v with %q, want %d with %q", name, read, bad.Error(), c.read, c.err)
		}
	}
}

func TestABoundKeyIsTakenFromWithinItsNetworksOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bound, address string
		taken          bool
	}{
		{"", "203.0.113.7", true},
		{"", "", true},
		{"203.0.113.7", "203.0.113.7", true},
		{"203.0.113.7", "203.0.113.8", false},
		{"203.0.113.7", "::ffff:203.0.113.7", true},
		{"203.0.113.0/24", "203.0.113.255", true},
		{"203.0.113.0/24", "203.0.114.0", false},
		{"203.0.113.0/24", "2001:db8::1", false},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "203.0.113.7", false},
		{"2001:db8::/32", "2001:db8:ffff::1", true},
		{"2001:db8::/32", "2001:db9::1", false},
		{"10.0.0.0/8 2001:db8::/32 203.0.113.7", "203.0.113.7", true},
		{"203.0.113.7", "", false},
		{"203.0.113.7", "unknown", false},
		{"203.0.113.7", "203.0.113.7:80", false},
	} {
		var bad fault.List
		bound := Networks(&bad, strings.Fields(c.bound))
		if taken := Allows(bound, c.address); taken != c.taken || len(bad) > 0 {
			t.Errorf("bound to %q and from %q it is taken: %t", c.bound, c.address, taken)
		}
	}
}

// Proves: 5.4
func FuzzNetworks(f *testing.F) {
	for _, seed := range []string{"203.0.113.7", "203.0.113.0/24", "2001:db8::/32", "::ffff:203.0.113.0/120",
		"fe80::1%eth0", "203.0.113.7/24"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var bad fault.List
		read := Networks(&bad, []string{text})
		if len(read)+len(bad) != 1 {
			t.Fatalf("%q gives %v and %v", text, read, bad)
		}
		for _, network := range read {
			if !network.IsValid() || network != network.Masked() || network.Addr().Is4In6() || network.Addr().Zone() != "" {
				t.Errorf("%q gives %v, which is not in its one form", text, network)
			}
			again, err := netip.ParsePrefix(network.String())
			if err != nil || again != network {
				t.Errorf("%q gives %v, which reads as %v, %v", text, network, again, err)
			}
			if !Allows(read, network.Addr().String()) {
				t.Errorf("%q gives %v, which does not allow its own address", text, network)
			}
		}
		for _, e := range bad {
			if e.Code != fault.NetworkInexact {
				continue
			}
			if better := Networks(new(fault.List), []string{fmt.Sprint(e.Args[0])}); len(better) != 1 {
				t.Errorf("%q is advised to be written %v, which is refused", text, e.Args[0])
			}
		}
	})
}

func TestTheNewAddressesOfARefusedKeyAreCappedPerHour(t *testing.T) {
	t.Parallel()
	var r refusals
	key := principal.Key{ID: "key_1"}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	note := func(n int) {
		for i := range n {
			r.note(key, audit.Origin{Address: fmt.Sprintf("203.0.113.%d", i), RequestID: fmt.Sprint("req-", i)}, now)
		}
	}
	note(200)
	taken := r.take()
	if last := taken["key_1"]; last.address != "203.0.113.199" || len(last.first) != maxRefused ||
		last.first[0].RequestID != "req-0" {
		t.Errorf("noted is %+v", last)
	}
	if r.take() != nil {
		t.Error("they are taken twice")
	}

	note(1)
	r.putBack(join(map[string]noted{}, taken)) // they could not be saved, and there are newer ones
	if last := r.take()["key_1"]; last.address != "203.0.113.0" || len(last.first) != maxRefused {
		t.Errorf("put back is %+v", last)
	}

	now = now.Add(time.Hour)
	note(1)
	r.putBack(nil)
	if last := r.take()["key_1"]; len(last.first) != 1 {
		t.Errorf("in the next hour: %+v", last)
	}
}
