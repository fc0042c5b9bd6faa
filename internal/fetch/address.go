package fetch

import (
	"fmt"
	"net/netip"
	"strings"
)

// Allowed is what may be talked to besides the public Internet. Its zero value
// allows nothing more.
type Allowed struct {
	hosts    map[string]bool // lower case
	networks []netip.Prefix
}

// ParseAllowed reads a list of host names, addresses and networks such as
// 10.0.0.0/8.
func ParseAllowed(list []string) (Allowed, error) {
	a := Allowed{hosts: make(map[string]bool)}
	for _, item := range list {
		item = strings.ToLower(strings.TrimSpace(item))
		if addr, err := netip.ParseAddr(strings.Trim(item, "[]")); err == nil {
			a.networks = append(a.networks, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
			continue
		}
		if network, err := netip.ParsePrefix(item); err == nil {
			a.networks = append(a.networks, network.Masked())
			continue
		}
		if item == "" || strings.ContainsAny(item, "/:@ ") {
			return Allowed{}, fmt.Errorf("%q is no host name, address or network", item)
		}
		a.hosts[strings.TrimSuffix(item, ".")] = true
	}
	return a, nil
}

// permits reports whether addr, which belongs to host, may be talked to.
func (a Allowed) permits(host string, addr netip.Addr) bool {
	if addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if public(addr) {
		return true
	}
	for _, n := range a.networks {
		if n.Contains(addr) {
			return true
		}
	}
	// A name that was allowed must not lead to the metadata of a cloud.
	return a.hosts[strings.ToLower(strings.TrimSuffix(host, "."))] && !addr.IsLinkLocalUnicast() &&
		!addr.IsUnspecified() && !addr.IsMulticast()
}

// The special-purpose addresses of IANA's registries (RFC 6890 and those that
// update it), which are not public.
var special4 = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // behind a carrier's NAT
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local, and the metadata of clouds
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, and broadcast
)

// Of IPv6, only global unicast is public. What holds an IPv4 address (mapped
// and compatible ones, NAT64) lies outside of it or is listed here (6to4,
// Teredo), so that no form of a private address gets through.
var (
	global6  = netip.MustParsePrefix("2000::/3")
	special6 = prefixes(
		"2001::/23",     // protocol assignments, among them Teredo
		"2001:db8::/32", // documentation
		"2002::/16",     // 6to4
		"3fff::/20",     // documentation
	)
)

func prefixes(list ...string) []netip.Prefix {
	ps := make([]netip.Prefix, len(list))
	for i, s := range list {
		ps[i] = netip.MustParsePrefix(s)
	}
	return ps
}

// public reports whether addr, which is not mapped, is on the public Internet.
func public(addr netip.Addr) bool {
	special := special4
	if addr.Is6() {
		if !global6.Contains(addr) {
			return false
		}
		special = special6
	}
	for _, p := range special {
		if p.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}
