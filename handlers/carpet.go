package handlers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/views"
)

const (
	carpetTiles  = 100 // on a screen, of one character
	carpetWords  = 42  // of several, which are wider
	carpetGroups = 24  // on a screen, at most, of which each has few tiles
	// carpetSaid bounds what is said in one go, and a text of it, in characters.
	carpetSaid = 500
	tileText   = 200
)

// carpet shows doubtful values of many pages that were read as the same.
func (s *server) carpet(c echo.Context) error {
	m, err := s.carpetScreen(c, db.TileFilter{})
	if err != nil {
		return err
	}
	p := views.CarpetPage{Frame: s.frame(c, "carpet.title", views.Review), Screen: m}
	if p.Templates, err = s.templateGroups(c, m.Template); err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.Carpet(p))
}

// carpetNext sends the next screen alone: that of a group, or after another.
func (s *server) carpetNext(c echo.Context) error {
	f := db.TileFilter{Sort: form.TileSort(c.FormValue("sort")), Text: c.FormValue("text")}
	if !slices.Contains(form.TileSorts, f.Sort) || utf8.RuneCountInString(f.Text) > tileText {
		return errBadRequest
	}
	if after := c.FormValue("after"); after != "" {
		if err := json.Unmarshal([]byte(after), &f.After); err != nil {
			return errBadRequest
		}
	}
	m, err := s.carpetScreen(c, f)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.CarpetScreenAlone(m))
}

// carpetScreen returns a screen of the group of f, after what f says, and of the
// groups that follow it as far as there is room; for no group, from the first on.
// What is written on a form is in no address, so that f is not read from one.
func (s *server) carpetScreen(c echo.Context, f db.TileFilter) (m views.CarpetScreen, err error) {
	if f.Template, err = number[form.TemplateID](c.FormValue("template")); err != nil {
		return m, err
	}
	if f.Language = c.FormValue("lang"); len(f.Language) > 16 {
		return m, errBadRequest
	}
	m.Template, m.Language, f.For = f.Template, f.Language, user(c).ID
	groups, languages, err := s.DB.TileGroups(c.Request().Context(), scope(c), f)
	if err != nil {
		return m, err
	}
	m.Languages = languages
	for _, g := range groups {
		m.Groups = append(m.Groups, views.CarpetGroup{Sort: g.Sort, Text: g.Text, N: g.N})
	}
	from := 0
	if f.Sort != "" {
		from = slices.IndexFunc(groups, func(g db.TileGroup) bool { return g.Sort == f.Sort && g.Text == f.Text })
		if from < 0 { // it has none any more
			from, f.After = 0, db.TileSpot{}
		}
	}
	if err = s.fillScreen(c, &m, f, groups[from:]); err != nil {
		return m, err
	}
	var pages []form.PageID
	for _, section := range m.Sections {
		for _, t := range section.Tiles {
			pages = append(pages, t.Page)
		}
	}
	s.sawPages(c, db.AccessView, "carpet", pages)
	return m, nil
}

// fillScreen fills a screen from groups on. What shows one character lies with
// others of its sort; words and blanks, which are wider, lie alone.
func (s *server) fillScreen(c echo.Context, m *views.CarpetScreen, f db.TileFilter, groups []db.TileGroup) error {
	room := 0
	for i, g := range groups {
		if i >= carpetGroups || i > 0 && g.Sort != m.Sort && m.Shown() > 0 {
			return nil
		}
		if m.Shown() == 0 {
			m.Sort, room = g.Sort, carpetTiles
			if g.Sort == form.TileBlank || g.Sort == form.TileShort {
				room = carpetWords
			}
		}
		f.Sort, f.Text, f.Limit = g.Sort, g.Text, room-m.Shown()
		if i > 0 {
			f.After = db.TileSpot{}
		}
		tiles, err := s.DB.Tiles(c.Request().Context(), scope(c), f)
		if err != nil {
			return err
		}
		if len(tiles) == 0 {
			continue
		}
		section := views.CarpetSection{Sort: g.Sort, Text: g.Text, N: g.N}
		for _, t := range tiles {
			tile, err := s.carpetTile(c, t)
			if err != nil {
				return err
			}
			section.Tiles = append(section.Tiles, tile)
		}
		m.Sections = append(m.Sections, section)
		spot, err := json.Marshal(tiles[len(tiles)-1].Spot())
		if err != nil {
			return err
		}
		if m.Last, m.After = section, string(spot); m.Shown() >= room {
			return nil
		}
	}
	return nil
}

// carpetTile returns a tile as the person who asks sees it. One character of a value
// says nothing.
func (s *server) carpetTile(c echo.Context, t db.Tile) (tile views.CarpetTile, err error) {
	masks, err := s.masks(c)
	if err != nil {
		return tile, err
	}
	class, err := s.classNow(c, t.Template)
	if err != nil {
		return tile, err
	}
	t.Of.Personal = class(t.Of)
	return views.CarpetTile{
		Page: t.Page, Run: t.Run, Field: t.Of, Place: t.Place, Sort: t.Sort, Text: t.Text, Whole: t.Whole, Confidence: t.Confidence,
		Image:  s.snippetAddress(c.Request().Context(), t.Page, t.Run, t.Field, t.Place, t.Snippet),
		Veiled: t.Place == 0 && masks.Least(visit(c).Grants).Of(t.Of.Personal) != form.SightOpen,
	}, nil
}

// snippetAddress returns the picture of a tile as an address: the picture itself
// where it is kept, as a hundred requests take longer than all of a screen, and
// else where it is cut.
func (s *server) snippetAddress(ctx context.Context, page form.PageID, run int, field form.FieldID, place int, kept db.Snippet) string {
	if kept.Blob != "" {
		if data, err := s.readSnippet(ctx, kept); err == nil {
			return "data:image/png;base64," + base64.StdEncoding.EncodeToString(data)
		}
	}
	return fmt.Sprintf("/pages/%d/snippets/%d/%s/%d", page, run, url.PathEscape(string(field)), place)
}

// readSnippet returns a picture that is kept.
func (s *server) readSnippet(ctx context.Context, kept db.Snippet) ([]byte, error) {
	f, err := s.Blobs.Open(ctx, kept.Blob)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if _, err := f.Seek(kept.Start, io.SeekStart); err != nil {
		return nil, err
	}
	data := make([]byte, kept.Size)
	_, err = io.ReadFull(f, data)
	return data, err
}

// snippet sends the picture of a value or of one of its boxes. Where it was not
// cut when the page was read, all of that page are, and are kept.
func (s *server) snippet(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	run, err1 := strconv.Atoi(c.Param("run"))
	place, err2 := strconv.Atoi(c.Param("place"))
	field, err3 := url.PathUnescape(c.Param("field"))
	if err1 != nil || err2 != nil || err3 != nil {
		return form.ErrNotFound
	}
	kept, err := s.DB.SnippetOf(ctx, scope(c), page, run, form.FieldID(field), place)
	if err == nil {
		var data []byte
		if data, err = s.readSnippet(ctx, kept); err == nil {
			return s.sendSnippet(c, page, data)
		}
	}
	if !errors.Is(err, form.ErrNotFound) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	snippets, err := s.cutSnippets(c, page, run)
	if err != nil {
		return err
	}
	for _, cut := range snippets {
		if cut.Field == form.FieldID(field) && cut.Place == place {
			return s.sendSnippet(c, page, cut.Image)
		}
	}
	return form.ErrNotFound
}

func (s *server) sendSnippet(c echo.Context, of form.PageID, picture []byte) error {
	s.sawPart(c, of)
	if err := s.logged(c); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", picture)
}

// cutSnippets cuts the pictures of all values of a page, and keeps them: whoever
// looks at one column of pages looks at the next.
func (s *server) cutSnippets(c echo.Context, page form.PageID, run int) ([]reader.Snippet, error) {
	ctx := c.Request().Context()
	r, err := s.DB.Record(ctx, scope(c), page)
	if err != nil {
		return nil, err
	}
	if r.Page.Image == "" || r.Page.Run != run || r.Template == nil {
		return nil, form.ErrNotFound
	}
	img, done, err := s.pictures.take(ctx, r.Page.Image)
	if err != nil {
		return nil, err
	}
	defer done()
	var places []form.Field
	var readings []form.Reading
	for _, v := range r.Values {
		places, readings = append(places, v.Field), append(readings, v.Reading)
	}
	snippets := reader.AllSnippets(reader.GrayOf(img), r.Page.TemplateToPage, places, readings)
	kept, err := intake.KeepSnippets(ctx, s.Blobs, snippets)
	if err != nil {
		return nil, err
	}
	if err := s.DB.AddSnippets(ctx, page, run, kept); err != nil && !errors.Is(err, form.ErrConflict) {
		return nil, errors.Join(err, s.DB.LoosenBlobs(ctx, kept.Blob))
	}
	return snippets, nil
}

// A tileSaid is what a person says of a tile, as it is sent.
type tileSaid struct {
	Page  form.PageID       `json:"page"`
	Run   int               `json:"run"`
	Field form.FieldID      `json:"field"`
	Place int               `json:"place"`
	Text  string            `json:"text"`
	After form.CorrectionID `json:"after"`
	Again bool              `json:"again"`
	Open  bool              `json:"open"`
}

// sayTiles keeps what a person said of the tiles of a screen.
func (s *server) sayTiles(c echo.Context) error {
	var asked []tileSaid
	if err := json.NewDecoder(c.Request().Body).Decode(&asked); err != nil || len(asked) > carpetSaid {
		return errBadRequest
	}
	said := make([]db.Verdict, len(asked))
	for i, v := range asked {
		text := strings.TrimSpace(strings.Map(printed, v.Text))
		if !utf8.ValidString(v.Text) || utf8.RuneCountInString(text) > tileText {
			return errBadRequest
		}
		said[i] = db.Verdict{Page: v.Page, Run: v.Run, Field: v.Field, Place: v.Place, Text: text, After: v.After, Again: v.Again, Open: v.Open}
	}
	outcomes, err := s.DB.Say(c.Request().Context(), actor(c), scope(c), said)
	if err != nil {
		return err
	}
	type became struct {
		Missed bool              `json:"missed"`
		After  form.CorrectionID `json:"after"`
		Broken []string          `json:"broken,omitempty"` // rules that keep the page from being done
	}
	answer, told := make([]became, len(outcomes)), make(map[form.PageID]bool)
	for i, o := range outcomes {
		page := said[i].Page
		answer[i] = became{Missed: o.Missed, After: o.Correction}
		if !o.Held || told[page] {
			continue
		}
		told[page] = true
		if answer[i].Broken, err = s.unkept(c, page); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, answer)
}

// unkept returns which rules values of a page break that a person has to mend or keep
// there, each with its field.
func (s *server) unkept(c echo.Context, page form.PageID) (list []string, err error) {
	r, err := s.record(c, page)
	if err != nil {
		return nil, err
	}
	unkept, broken := r.Unkept(), r.Broken()
	for _, v := range r.Values {
		if slices.Contains(unkept, v.Field.ID) {
			sentences := views.Sentences(c.Request().Context(), broken[v.Field.ID])
			list = append(list, v.Field.Title()+": "+strings.Join(sentences, " "))
		}
	}
	return list, nil
}
