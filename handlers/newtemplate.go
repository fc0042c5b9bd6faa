package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/raster"
	"github.com/seosik/seosik/internal/register"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/suggest"
	"github.com/seosik/seosik/views"
)

// Limits of what new templates are made of.
const (
	newTemplateFiles = 20
	chosenPages      = 20               // of them, a template each
	newTemplateIn    = 10 * time.Minute // reading the print of a large page on a busy machine
	thumbnailSide    = 320              // pixels, of the longer side
)

// A blank is what a person handed in to make templates of. Its files lie in the
// store, and are nobody's: they go within the hour. The browser keeps the rest,
// sealed.
type blank struct {
	By        form.UserID
	Domain    form.DomainID
	Name      string // of the template; empty for its title
	Languages []string
	Files     []blankFile
	Pile      bool   // the pages are filled copies of one form
	FileName  string // of the first, without its extension: a name where there is no title
}

type blankFile struct {
	Key   blob.Key
	Pages int
}

// pages returns how many pages there are in all files.
func (b *blank) pages() (n int) {
	for _, f := range b.Files {
		n += f.Pages
	}
	return n
}

// at returns the file of page n among those of all files, and its number there;
// all count from 1.
func (b *blank) at(n int) (f blankFile, page int, err error) {
	for _, f := range b.Files {
		if n >= 1 && n <= f.Pages {
			return f, n, nil
		}
		n -= f.Pages
	}
	return f, 0, form.ErrNotFound
}

// blankSeal is the name under which a blank is sealed.
const blankSeal = "blank"

// path returns the address at which a person chooses among the pages of b.
func (s *server) blankPath(b *blank) (string, error) {
	sealed, err := securecookie.EncodeMulti(blankSeal, b, s.sessions.Codecs...)
	return "/templates/new/pages?of=" + url.QueryEscape(sealed), err
}

// openBlank returns the blank that was sealed for who is asking.
func (s *server) openBlank(c echo.Context) (sealed string, b *blank, err error) {
	sealed, b = c.FormValue("of"), new(blank)
	if securecookie.DecodeMulti(blankSeal, sealed, b, s.sessions.Codecs...) != nil || b.By != user(c).ID {
		return "", nil, form.ErrNotFound
	}
	return sealed, b, nil
}

// newTemplatePage asks for what a new template is made of.
func (s *server) newTemplatePage(c echo.Context) error {
	domain, err := number[form.DomainID](c.QueryParam("domain"))
	if err != nil {
		return err
	}
	return s.drawNewTemplate(c, http.StatusOK, &blank{Domain: domain}, "")
}

// drawNewTemplate draws the form with what was typed; wrong is a sentence, or
// empty.
func (s *server) drawNewTemplate(c echo.Context, status int, typed *blank, wrong string) error {
	domains, err := s.DB.Domains(c.Request().Context(), scope(c))
	if err != nil {
		return err
	}
	m := views.NewTemplate{
		Frame: s.frame(c, "newtemplate.title", views.Templates), Wrong: wrong,
		TemplateName: typed.Name, Pile: typed.Pile, FileBytes: int64(s.Limits.Bytes), Files: newTemplateFiles,
	}
	if len(domains) > 0 {
		chosen := max(0, slices.IndexFunc(domains, func(d form.Domain) bool { return d.ID == typed.Domain }))
		for i, d := range domains {
			m.Domains = append(m.Domains, option(d.ID, d.Name, i == chosen))
		}
		m.Languages, m.Chosen = domains[chosen].Languages, typed.Languages
		if len(m.Chosen) == 0 {
			m.Chosen = m.Languages
		}
	}
	return s.draw(c, status, views.NewTemplatePage(m))
}

// newTemplate takes in what templates are made of.
func (s *server) newTemplate(c echo.Context) error {
	ctx := c.Request().Context()
	done, err := s.beginUpload(c)
	if err != nil {
		return err
	}
	defer done()
	b, files, err := s.readBlank(c)
	defer discard(files)
	if err == nil {
		err = s.takeBlank(ctx, scope(c), b, files)
	}
	if o, ok := mendable(err); ok {
		return s.drawNewTemplate(c, o.status, b, o.say(ctx))
	}
	if err != nil {
		return err
	}
	b.By = user(c).ID
	to, err := s.blankPath(b)
	if err != nil {
		return err
	}
	return sendTo(c, to)
}

// What is wrong with what was typed or chosen.
var (
	errNoFile    = errors.New("no file was chosen")
	errNameTaken = errors.New("the domain has a template of that name")
	errBlankGone = errors.New("what was handed in has been removed again")
)

// mendable returns what err means where it is the fault of what was typed or
// handed in, and can be mended on the page.
func mendable(err error) (outcome, bool) {
	o := explain(err)
	_, invalid := errors.AsType[*form.InvalidError](err)
	return o, invalid || errors.Is(err, errNoFile) || errors.Is(err, errNameTaken) || errors.Is(err, register.ErrOtherForm) ||
		errors.Is(err, suggest.ErrFewCopies) || errors.Is(err, suggest.ErrManyCopies) || strings.HasPrefix(o.words, "failure.")
}

// readBlank reads the parts of the request as they come. The caller discards the
// files, also on an error.
func (s *server) readBlank(c echo.Context) (b *blank, files []intake.File, err error) {
	b = new(blank)
	parts, err := c.Request().MultipartReader()
	if err != nil {
		return b, nil, errBadRequest
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return b, files, nil
		}
		if err != nil {
			return b, files, broken(err)
		}
		if part.FormName() != "file" {
			if err := b.readPart(part); err != nil {
				return b, files, err
			}
			continue
		}
		if part.FileName() == "" { // none was chosen
			continue
		}
		if len(files) == newTemplateFiles {
			return b, files, errTooMuch
		}
		f, err := s.readFile(part, int64(s.Limits.Bytes))
		if err != nil {
			return b, files, err
		}
		f.Name = part.FileName()
		files = append(files, f)
	}
}

// readPart reads a part that is no file.
func (b *blank) readPart(part *multipart.Part) (err error) {
	const most = 1000 // bytes
	if part.FormName() == "domain" {
		b.Domain, err = partNumber[form.DomainID](part)
		return err
	}
	text, err := io.ReadAll(io.LimitReader(part, most))
	if err != nil {
		return broken(err)
	}
	switch part.FormName() {
	case "name":
		b.Name = strings.TrimSpace(string(text))
	case "made_of":
		b.Pile = string(text) == "copies"
	case "language":
		if len(b.Languages) < len(form.Languages) {
			b.Languages = append(b.Languages, string(text))
		}
	}
	return nil
}

// takeBlank looks whether what was handed in will do, and keeps its files for
// the time being.
func (s *server) takeBlank(ctx context.Context, in form.Scope, b *blank, files []intake.File) error {
	if _, err := s.DB.Domain(ctx, in, b.Domain); err != nil {
		return err
	}
	if err := form.CheckLanguages(b.Languages); err != nil {
		return err
	}
	if b.Name != "" {
		if err := s.checkNewName(ctx, b.Domain, b.Name); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		return errNoFile
	}
	base := path.Base(strings.ReplaceAll(files[0].Name, `\`, "/"))
	b.FileName = firstRunes(strings.TrimSuffix(base, path.Ext(base)), 60)
	for _, f := range files {
		kept, err := s.keepBlankFile(ctx, f)
		if err != nil {
			return err
		}
		b.Files = append(b.Files, kept)
	}
	switch n := b.pages(); {
	case b.Pile && n < suggest.PileLeast:
		return suggest.ErrFewCopies
	case b.Pile && n > suggest.PileMost:
		return suggest.ErrManyCopies
	case n > s.Limits.Pages && s.Limits.Pages > 0:
		return scan.ErrTooManyPages
	}
	return nil
}

// checkNewName returns an error where a template of that name cannot be added.
func (s *server) checkNewName(ctx context.Context, domain form.DomainID, name string) error {
	if err := form.CheckName(name); err != nil {
		return err
	}
	list, err := s.DB.Templates(ctx, domain)
	if slices.ContainsFunc(list, func(t *form.Template) bool { return t.Name == name }) {
		return errNameTaken
	}
	return err
}

// keepBlankFile keeps a file that templates can be made of.
func (s *server) keepBlankFile(ctx context.Context, f intake.File) (kept blankFile, err error) {
	if f.Draft == nil {
		return kept, scan.ErrTooLarge
	}
	done, err := s.looking.enter(ctx, f.Size+countBytes)
	if err != nil {
		return kept, err
	}
	defer done()
	data, err := f.Draft.Bytes()
	if err != nil {
		return kept, err
	}
	if kept.Pages, err = scan.Count(ctx, data, s.Limits); err != nil {
		return kept, err
	}
	if kept.Key, err = f.Draft.Keep(ctx); err != nil {
		return kept, err
	}
	return kept, s.DB.LoosenBlobs(ctx, kept.Key)
}

// firstRunes returns text, or so many characters of it.
func firstRunes(text string, most int) string {
	rs := []rune(text)
	return string(rs[:min(len(rs), most)])
}

// newTemplatePages lets a person choose among the pages of what was handed in,
// and then shows how templates are made of those.
func (s *server) newTemplatePages(c echo.Context) error {
	sealed, b, err := s.openBlank(c)
	if err != nil {
		return err
	}
	chosen := c.QueryParams()["page"]
	if b.Pile || b.pages() == 1 {
		chosen = []string{"1"}
	}
	if len(chosen) > chosenPages {
		return errTooMuch
	}
	m := views.NewTemplatePages{
		Frame: s.frame(c, "newtemplate.title", views.Templates),
		Of:    sealed, Pages: b.pages(), Most: chosenPages,
	}
	for i, text := range chosen {
		page, err := strconv.Atoi(text)
		if err != nil {
			return errBadRequest
		}
		row := views.NewTemplateRow{Of: sealed, Page: page, Pile: b.Pile}
		if len(chosen) > 1 {
			row.Number = i + 1
		}
		m.Chosen = append(m.Chosen, row)
	}
	return s.draw(c, http.StatusOK, views.ChooseBlankPages(m))
}

// blankThumbnail sends a small picture of a page of what was handed in.
func (s *server) blankThumbnail(c echo.Context) error {
	_, b, err := s.openBlank(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil {
		return errBadRequest
	}
	ctx := c.Request().Context()
	var small bytes.Buffer
	err = s.withBlankPage(ctx, b, n, func(_ []byte, page *scan.Page) error {
		img := page.Gray
		if factor := float64(max(img.Rect.Dx(), img.Rect.Dy())) / thumbnailSide; factor > 1 {
			img = raster.Reduce(img, factor)
		}
		return png.Encode(&small, img)
	})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", small.Bytes())
}

// withBlankPage calls use with page n of what was handed in, and the file that it
// is in. Who comes later waits, so that no more is in memory than may be.
func (s *server) withBlankPage(ctx context.Context, b *blank, n int, use func([]byte, *scan.Page) error) error {
	f, number, err := b.at(n)
	if err != nil {
		return err
	}
	done, err := s.looking.enter(ctx, int64(s.Limits.Bytes)+countBytes)
	if err != nil {
		return err
	}
	defer done()
	data, err := s.Blobs.Bytes(ctx, f.Key)
	if err != nil {
		return goneBlank(err)
	}
	page, err := scan.Nth(ctx, data, number, s.Limits)
	if err != nil {
		return err
	}
	defer page.Free()
	return use(data, &page)
}

// goneBlank returns err, or that what was handed in has been swept.
func goneBlank(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return errBlankGone
	}
	return err
}

// makeTemplate makes a template of one page of what was handed in.
func (s *server) makeTemplate(c echo.Context) error {
	sealed, b, err := s.openBlank(c)
	if err != nil {
		return err
	}
	row := views.NewTemplateRow{Of: sealed, Pile: b.Pile}
	if row.Page, err = strconv.Atoi(c.FormValue("page")); err != nil {
		return errBadRequest
	}
	if row.Number, err = count(c.FormValue("number")); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if b.Pile {
		row.Made, row.Strangers, err = s.templateOfPile(ctx, actor(c), b)
	} else {
		row.Made, err = s.templateOf(ctx, actor(c), b, row.Page, row.Number)
	}
	if err != nil {
		if !scripted(c) {
			return err
		}
		o := explain(err)
		if o.status >= http.StatusInternalServerError {
			s.Log.ErrorContext(ctx, "request failed", "method", c.Request().Method, "route", c.Path(), "error", err)
		}
		row.Wrong = o.say(ctx)
		if e, ok := errors.AsType[*suggest.StrangersError](err); ok {
			row.Wrong = views.SayStrangers(ctx, e.Copies)
		}
		return s.draw(c, http.StatusUnprocessableEntity, views.MakeTemplate(row))
	}
	if row.Number == 0 && len(row.Strangers) == 0 || !scripted(c) {
		return sendTo(c, templatePath(row.Made.ID)+"/build")
	}
	return s.draw(c, http.StatusOK, views.MakeTemplate(row))
}

// count reads a number that may be missing.
func count(text string) (int, error) {
	n, err := number[int64](text)
	return int(n), err
}

// templateOf makes a template of page n of b, in a turn of a call: of several,
// which are numbered from 1, each has its number in its name.
func (s *server) templateOf(ctx context.Context, by form.Actor, b *blank, n, number int) (t *form.Template, err error) {
	err = s.Intake.Aside(ctx, func(ctx context.Context) error {
		return s.withBlankPage(ctx, b, n, func(file []byte, page *scan.Page) error {
			found, err := suggest.Blank(ctx, s.Print(b.Languages), page.Gray, page.Color, b.Languages)
			if err != nil {
				return err
			}
			if err := found.DeclareFrom(ctx, file, page.Number, s.Limits, b.Languages); err != nil {
				return err
			}
			t, err = s.keepNewTemplate(ctx, by, b, found, page.Shown, number)
			return err
		})
	})
	return t, err
}

// templateOfPile makes a template of what the pages of b have in common, in a turn
// of a call, and returns which of them, from 0, were left out as of another form.
func (s *server) templateOfPile(ctx context.Context, by form.Actor, b *blank) (t *form.Template, strangers []int, err error) {
	err = s.Intake.Aside(ctx, func(ctx context.Context) error {
		var page scan.Page // the one in hand
		defer func() { page.Free() }()
		common, err := suggest.Pile(ctx, b.pages(), func(i int) (*image.Gray, image.Image, error) {
			page.Free()
			f, number, err := b.at(i + 1)
			if err != nil {
				return nil, nil, err
			}
			data, err := s.Blobs.Bytes(ctx, f.Key)
			if err != nil {
				return nil, nil, goneBlank(err)
			}
			page, err = scan.Nth(ctx, data, number, s.Limits)
			return page.Gray, page.Color, err
		})
		if err != nil {
			return err
		}
		found, err := common.Form(ctx, s.Print(b.Languages), b.Languages)
		if err != nil {
			return err
		}
		strangers = common.Strangers
		t, err = s.keepNewTemplate(ctx, by, b, found, nil, 0)
		return err
	})
	return t, strangers, err
}

// keepNewTemplate keeps a page as the draft of a template, and what its fields
// may be. Where it has been kept already, as when a page is loaded twice, it
// returns that draft.
func (s *server) keepNewTemplate(ctx context.Context, by form.Actor, b *blank, found *suggest.Form, shown []byte, number int) (*form.Template, error) {
	picture, imageName, err := found.Encode(shown)
	if err != nil {
		return nil, err
	}
	names, made, err := s.newNames(ctx, b, blob.KeyOf(picture), found.Name, number)
	if err != nil || made != nil {
		return made, err
	}
	key, err := s.Blobs.Put(ctx, picture)
	if err != nil {
		return nil, err
	}
	size := found.Picture.Bounds()
	suggested := found.Template("", b.Languages, imageName, size.Dx(), size.Dy())
	for i := range suggested.Fields {
		if f := &suggested.Fields[i]; suggest.Nameless(f.Name, b.Languages) {
			f.Name = "" // to be given, and not to be overlooked
		}
	}
	t := &form.Template{
		Domain: b.Domain, Languages: b.Languages, Image: key, ImageName: imageName, Width: size.Dx(), Height: size.Dy(),
	}
	for _, name := range names {
		t.Name = name
		saved, err := s.DB.AddDraft(ctx, by, t, suggested)
		if !errors.Is(err, form.ErrConflict) {
			return saved, err
		}
	}
	return nil, errNameTaken
}

// newNames returns the names that a new template may have, the best first, or the
// template that has been made of the same picture before.
func (s *server) newNames(ctx context.Context, b *blank, picture blob.Key, title string, number int) (names []string, made *form.Template, err error) {
	list, err := s.DB.Templates(ctx, b.Domain)
	if err != nil {
		return nil, nil, err
	}
	name := b.Name
	if name != "" && number > 0 {
		name += " " + strconv.Itoa(number)
	}
	for _, t := range list {
		if t.Stage == form.Draft && t.Image == picture && (name == "" || t.Name == name) {
			return nil, t, nil
		}
	}
	if name != "" {
		return []string{name}, nil, nil
	}
	name = firstRunes(title, 60)
	for _, other := range []string{b.FileName, views.Say(ctx, "newtemplate.nameless")} {
		if form.CheckName(name) != nil {
			name = other
		}
	}
	taken := make(map[string]bool)
	for _, t := range list {
		taken[t.Name] = true
	}
	for i := 1; len(names) < newTemplateFiles; i++ {
		tried := name
		if i > 1 {
			tried = fmt.Sprintf("%s %d", name, i)
		}
		if !taken[tried] {
			names = append(names, tried)
		}
	}
	return names, nil, nil
}
