package cli

import (
	"net/netip"
	"strings"
)

// networks returns the networks that list names. An address is a network of
// its own.
func networks(list []string) ([]netip.Prefix, error) {
	var found []netip.Prefix
	for _, name := range list {
		name = strings.TrimSpace(name)
		if strings.Contains(name, "/") {
			p, err := netip.ParsePrefix(name)
			if err != nil {
				return nil, err
			}
			found = append(found, p.Masked())
			continue
		}
		ip, err := netip.ParseAddr(name)
		if err != nil {
			return nil, err
		}
		found = append(found, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
	}
	return found, nil
}
