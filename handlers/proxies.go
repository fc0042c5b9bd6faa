package handlers

import (
	"net"
	"net/netip"

	"github.com/labstack/echo/v4"
)

// extractor returns what tells the address that a request comes from. A header
// that names another one can be forged: it is believed from proxies only.
func extractor(proxies []netip.Prefix) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		p = p.Masked()
		mask := net.CIDRMask(p.Bits(), p.Addr().BitLen())
		trust = append(trust, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: mask}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
