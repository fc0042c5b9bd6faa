package cli

import (
	"context"
	"net"
	"net/netip"

	"github.com/seosik/seosik/internal/gate"
)

// loopback is where proxies and programs of this machine come from.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// openGateAt listens at an address, and bounds the connections that are accepted, to a
// share of those that there may be: 1 for all. Those of proxies are many people's.
func (c *serveCmd) openGateAt(ctx context.Context, address string, share int) (*gate.Gate, error) {
	proxies, err := networks(c.TrustedProxies)
	if err != nil {
		return nil, err
	}
	bounds, err := gate.Bounds()
	if err != nil {
		return nil, err
	}
	bounds.Most, bounds.Each = max(1, bounds.Most/share), max(1, bounds.Each/share)
	bounds.Free = append(proxies, loopback...)
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return gate.New(l, bounds), nil
}
