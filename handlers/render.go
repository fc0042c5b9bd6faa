package handlers

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// draw sends page. It is drawn before anything is sent: a page that cannot be
// drawn is an error, and not half a page.
func (s *server) draw(c echo.Context, status int, page templ.Component) error {
	buf := templ.GetBuffer()
	defer templ.ReleaseBuffer(buf)
	if err := page.Render(c.Request().Context(), buf); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	if err := s.logged(c); err != nil {
		return err
	}
	return c.HTMLBlob(status, buf.Bytes())
}

// frame returns what stands around the page that answers c.
func (s *server) frame(c echo.Context, title string, section views.Section) views.Frame {
	f := views.Frame{Title: title, Section: section, User: user(c).Name, UserID: user(c).ID, Outbox: user(c).OutboxKey, Session: s.sessionTimes(c), Path: "/"}
	if disk := s.Disk.State(); disk.ReadOnly {
		f.Disk = "read_only.banner"
	} else if disk.Low {
		f.Disk = "low.banner"
	}
	if user(c).ID != 0 && !user(c).HasPassword() {
		f.Provider = s.providerName()
	}
	if may(c).May(form.MayManage, 0) {
		f.Matters = len(s.matters(c.Request().Context()))
	}
	if r := c.Request(); r.Method == http.MethodGet {
		f.Path = r.URL.RequestURI()
	}
	return f
}

// scripted reports whether a script of a page asks, and not the browser itself.
func scripted(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }

// sendTo has the browser go to address.
func sendTo(c echo.Context, address string) error {
	if scripted(c) {
		c.Response().Header().Set("HX-Redirect", address)
		return c.NoContent(http.StatusNoContent)
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// local returns address if it is one of this site, or else the home page.
func local(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(address, "/") ||
		strings.HasPrefix(address, "//") || strings.Contains(address, `\`) {
		return "/"
	}
	return u.RequestURI()
}

// attach has the browser save what follows as a file of that name.
func attach(h http.Header, name string) {
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": safeName(name)}))
}

// maxFileName is how long file systems let a name be: bytes.
const maxFileName = 255

// reserved are names that Windows keeps for devices, whatever comes after a point.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)

// safeName returns name as a file can be called on all systems. The names that people
// give to things may hold what no file name can, or what makes it look like another.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			return '_'
		}
		return r
	}, name)
	if name = strings.Trim(name, " ."); name == "" || reserved.MatchString(name) {
		name = "_" + name
	}
	if extension := path.Ext(name); len(name) > maxFileName && len(extension) < 16 {
		name = name[:maxFileName-len(extension)] + extension
	}
	return strings.ToValidUTF8(name[:min(len(name), maxFileName)], "")
}

// id reads a number from the path. What is no number names nothing.
func id[T ~int64](c echo.Context, name string) (T, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n < 1 {
		return 0, form.ErrNotFound
	}
	return T(n), nil
}
