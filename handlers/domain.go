package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// domainDetail shows a domain with all that can be set.
func (s *server) domainDetail(c echo.Context) error {
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	return s.drawDomain(c, http.StatusOK, views.DomainPage{Domain: d, Saved: c.QueryParams().Has("saved")})
}

// domain returns the domain of the path.
func (s *server) domain(c echo.Context) (form.Domain, error) {
	id, err := id[form.DomainID](c, "domain")
	if err != nil {
		return form.Domain{}, err
	}
	return s.DB.Domain(c.Request().Context(), scope(c), id)
}

// drawDomain draws m, whose Domain is set.
func (s *server) drawDomain(c echo.Context, status int, m views.DomainPage) error {
	ctx, d := c.Request().Context(), m.Domain
	m.Frame = s.frame(c, "domain.title", views.Domains)
	m.Name = d.Name
	m.InvokeURL, m.Fetches = s.address(c)+d.InvokePath(), s.Fetch != nil
	var err error
	if m.Templates, err = s.DB.Templates(ctx, d.ID); err != nil {
		return err
	}
	if m.Calls, err = s.DB.Calls(ctx, d.ID); err != nil {
		return err
	}
	if m.Untold, err = s.DB.Untold(ctx, d.ID); err != nil {
		return err
	}
	secrets, err := s.DB.Secrets(ctx, d.ID)
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		m.Secrets = append(m.Secrets, views.SecretRow(secret))
	}
	if m.Inbox, err = s.inboxOf(c, d); err != nil {
		return err
	}
	return s.draw(c, status, views.DomainDetail(m))
}

// inboxOf returns the scan folder of a domain, or nil.
func (s *server) inboxOf(c echo.Context, d form.Domain) (*views.Inbox, error) {
	if s.Inbox == nil {
		return nil, nil //nolint:nilnil // none is one
	}
	ctx := c.Request().Context()
	_, all := scope(c).Domains()
	status, err := s.Inbox.Status(ctx, d, all, views.Language(ctx))
	if err != nil {
		return nil, err
	}
	m := &views.Inbox{Folder: status.Folder, Waiting: status.Waiting, Reading: status.Reading, Failed: status.Failed, Trouble: status.Trouble}
	for _, f := range status.Last {
		m.Last = append(m.Last, views.FailedFile(f))
	}
	return m, nil
}

// saveDomain keeps what was typed.
func (s *server) saveDomain(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	if err = readDomain(c, &d); err == nil {
		err = s.DB.SaveDomain(ctx, actor(c), d)
	}
	if _, invalid := errors.AsType[*form.InvalidError](err); invalid {
		return s.drawDomain(c, http.StatusUnprocessableEntity, views.DomainPage{Domain: d, Wrong: explain(err).say(ctx)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/domains/%d?saved", d.ID))
}

// readDomain reads what was typed into d.
func readDomain(c echo.Context, d *form.Domain) error {
	values, err := c.FormParams()
	if err != nil {
		return errBadRequest
	}
	d.Name, d.Languages = strings.TrimSpace(values.Get("name")), values["language"]
	d.Settings.Tables, d.Settings.FetchURLs = values.Get("tables") == "true", values.Get("fetch") == "true"
	d.Settings.Cells, d.Settings.Beta = values.Get("cells") == "true", values.Get("beta") == "true"
	d.Settings.Webhook = strings.TrimSpace(values.Get("webhook"))
	d.Settings.Illegible = strings.TrimSpace(values.Get("illegible"))
	for name, limit := range map[string]*int{"together": &d.Settings.Together, "quota": &d.Settings.Quota, "per_minute": &d.Settings.PerMinute} {
		text := strings.TrimSpace(values.Get(name))
		if *limit = 0; text == "" {
			continue
		}
		if *limit, err = strconv.Atoi(text); err != nil {
			*limit = 0
			return form.Invalid(name, "must be a whole number")
		}
	}
	return nil
}

// rotateSecret gives a domain a new secret and shows it, this once. The ones
// before stay good for a time that is chosen.
func (s *server) rotateSecret(c echo.Context) error {
	ctx := c.Request().Context()
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	hours := 24
	if text := c.FormValue("keep"); text != "" {
		if hours, err = strconv.Atoi(text); err != nil || !slices.Contains(views.Keeps, hours) {
			return errBadRequest
		}
	}
	secret, err := s.DB.RotateSecret(ctx, actor(c), d.ID, time.Duration(hours)*time.Hour)
	if err != nil {
		return err
	}
	return s.drawDomain(c, http.StatusOK, views.DomainPage{
		Domain: d,
		Secret: &views.NewSecret{Domain: d, URL: s.address(c) + d.InvokePath(), Secret: secret},
	})
}

// endSecrets ends at once what was to be good for a while yet.
func (s *server) endSecrets(c echo.Context) error {
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	if err := s.DB.EndSecrets(c.Request().Context(), actor(c), d.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/domains/%d?saved", d.ID))
}

// rotateSigningKey gives a domain a new signing key.
func (s *server) rotateSigningKey(c echo.Context) error {
	d, err := s.domain(c)
	if err != nil {
		return err
	}
	if err := s.DB.RotateSigningKey(c.Request().Context(), actor(c), d.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/domains/%d?saved", d.ID))
}

// setValidation has pages of a template checked by a program.
func (s *server) setValidation(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	t, err := s.DB.Template(ctx, scope(c), id, 0)
	if err != nil {
		return err
	}
	err = s.DB.SetValidation(ctx, actor(c), id, strings.TrimSpace(c.FormValue("validation")))
	if _, invalid := errors.AsType[*form.InvalidError](err); invalid {
		d, notFound := s.DB.Domain(ctx, scope(c), t.Domain)
		if notFound != nil {
			return notFound
		}
		return s.drawDomain(c, http.StatusUnprocessableEntity, views.DomainPage{Domain: d, Wrong: explain(err).say(ctx)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("/domains/%d?saved", t.Domain))
}
