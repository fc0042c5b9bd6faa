package handlers

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// answersTo returns errHost where the name that the browser asked for is none
// of the site's. Another site's name may lead to this machine as well: its
// scripts would then be of the same origin as ours, and could make themselves
// the administrator (DNS rebinding). An address cannot lead elsewhere.
func (s *server) answersTo(c echo.Context, r route) error {
	if r.access == programs || r.anyHost || len(s.Hosts) == 0 && r.path != "/setup" {
		return nil
	}
	host := c.Request().Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || host == "localhost" {
		return nil
	}
	if slices.ContainsFunc(s.Hosts, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), host) }) {
		return nil
	}
	return errHost
}
