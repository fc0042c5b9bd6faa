package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// domainList shows the domains with the addresses that programs call.
func (s *server) domainList(c echo.Context) error {
	return s.drawDomains(c, http.StatusOK, views.DomainsPage{Chosen: []string{"ko"}})
}

func (s *server) drawDomains(c echo.Context, status int, m views.DomainsPage) error {
	ctx := c.Request().Context()
	m.Frame = s.frame(c, "nav.domains", views.Domains)
	domains, err := s.DB.Domains(ctx, scope(c))
	if err != nil {
		return err
	}
	for _, d := range domains {
		row := views.DomainRow{Domain: d, InvokeURL: s.address(c) + d.InvokePath()}
		ts, err := s.DB.Templates(ctx, d.ID)
		if err != nil {
			return err
		}
		for _, t := range ts {
			if t.Stage == form.Service {
				row.Templates++
			}
		}
		m.Domains = append(m.Domains, row)
	}
	return s.draw(c, status, views.DomainList(m))
}

// address returns the beginning of this site's addresses as the browser sees it.
func (s *server) address(c echo.Context) string {
	scheme := "http://"
	if s.TLS {
		scheme = "https://"
	}
	return scheme + c.Request().Host
}

// addDomain adds a domain and shows its secret, this once.
func (s *server) addDomain(c echo.Context) error {
	ctx := c.Request().Context()
	values, err := c.FormParams()
	if err != nil {
		return errBadRequest
	}
	d := form.Domain{Name: strings.TrimSpace(values.Get("name")), Languages: values["language"]}
	if err := d.Check(); err != nil {
		return s.drawDomains(c, http.StatusUnprocessableEntity,
			views.DomainsPage{Wrong: explain(err).say(ctx), Name: d.Name, Chosen: d.Languages})
	}
	d, secret, err := s.DB.AddDomain(ctx, actor(c), d.Name, d.Languages)
	if err != nil {
		return err
	}
	return s.drawDomains(c, http.StatusOK, views.DomainsPage{
		Chosen: []string{"ko"},
		Secret: &views.NewSecret{Domain: d, URL: s.address(c) + d.InvokePath(), Secret: secret},
	})
}
