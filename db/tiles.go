package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// What is doubted and of which nobody has said anything lies as tiles in a table
// of its own, by what it was read as: whoever wants those of a thousand pages
// side by side must not look through a million. A correction removes the tiles of
// its value, by whichever way it comes.

// editionsKept bounds how many versions have their places kept.
const editionsKept = 256

// A version of a template never changes, so that its places may be kept.
type version struct {
	template form.TemplateID
	number   int
}

// An edition is what is kept of a version.
type edition struct {
	language string // the first one
	places   map[form.FieldID]form.Field
	at       map[form.FieldID]int // which of the places it is
}

type editions struct {
	mu   sync.Mutex
	kept map[version]*edition
}

// edition returns that of a version, which is not to be changed.
func (db *DB) edition(ctx context.Context, t tx, v version) (*edition, error) {
	db.editions.mu.Lock()
	defer db.editions.mu.Unlock()
	if e := db.editions.kept[v]; e != nil {
		return e, nil
	}
	f, err := templateByID(ctx, t, v.template, v.number)
	if err != nil {
		return nil, err
	}
	e := &edition{places: make(map[form.FieldID]form.Field), at: make(map[form.FieldID]int)}
	if len(f.Languages) > 0 {
		e.language = f.Languages[0]
	}
	for i, p := range f.Places() {
		e.places[p.ID], e.at[p.ID] = p, i
	}
	if len(db.editions.kept) >= editionsKept || db.editions.kept == nil {
		db.editions.kept = make(map[version]*edition)
	}
	db.editions.kept[v] = e
	return e, nil
}

// placesNow returns the places of the version that stands for a template, if any,
// not to be changed: of a field that an older version has, it may know the class.
func (db *DB) placesNow(ctx context.Context, t tx, id form.TemplateID) (map[form.FieldID]form.Field, error) {
	var number int
	if err := t.row(ctx, `SELECT coalesce(`+current+`, 0) FROM templates t WHERE t.id = ?`, id)(&number); err != nil || number == 0 {
		return nil, err
	}
	e, err := db.edition(ctx, t, version{id, number})
	if err != nil {
		return nil, err
	}
	return e.places, nil
}

// layTiles lays the tiles of a page anew, of which something has been read.
func (db *DB) layTiles(ctx context.Context, t tx, page form.PageID) error {
	for _, table := range []string{`tiles`, `untiled`} {
		if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE page_id = ?`, page); err != nil {
			return err
		}
	}
	var v version
	var run int
	if err := t.row(ctx, `
		SELECT coalesce(template_id, 0), coalesce(version, 0), run FROM pages WHERE id = ?`, page)(&v.template, &v.number, &run); err != nil || v.template == 0 {
		return err
	}
	open, err := collect(ctx, t, scanWhole, `
		SELECT `+readingColumns+`, `+detailColumn+`
		FROM pages p`+t.then(`readings r`, `r.page_id = p.id AND r.run = p.run`)+`
		WHERE p.id = ? AND r.reasons <> '' AND NOT `+spokenOf, page)
	if err != nil || len(open) == 0 {
		return err
	}
	e, err := db.edition(ctx, t, v)
	if err != nil {
		return err
	}
	seals, err := t.seals(ctx)
	if err != nil {
		return err
	}
	now, err := db.placesNow(ctx, t, v.template)
	if err != nil {
		return err
	}
	for _, r := range open {
		place, ok := e.places[r.Field]
		if !ok {
			continue // the title, or the page as a whole
		}
		place.Personal = cmp.Or(now[place.ID].Personal, place.Personal)
		for _, tile := range form.Tiles(place, r.Reading) {
			// Neither is what is encrypted told without its page, by no part of it, nor a
			// tick, which is all that there is of its value.
			if seals(place) || place.Personal != "" && tile.Sort == form.TileMark {
				if tile.Place != 0 {
					continue
				}
				tile.Sort, tile.Text = "", ""
			}
			if _, err := t.exec(ctx, `
				INSERT INTO tiles (page_id, run, field, place, template_id, language, sort, text, confidence)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				page, run, tile.Field, tile.Place, v.template, e.language, tile.Sort, tile.Text, tile.Confidence); err != nil {
				return err
			}
		}
	}
	return nil
}

// LayTiles lays the tiles of some pages that were read before there were any. It
// returns how many are left.
func (db *DB) LayTiles(ctx context.Context, most int) (left int, err error) {
	defer wrap(&err, "lay tiles")
	var some bool // mostly there are none, which is found out without keeping others from writing
	err = db.view(ctx, func(t tx) error { return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM untiled)`)(&some) })
	if err != nil || !some {
		return 0, err
	}
	err = db.update(ctx, func(t tx) error {
		pages, err := collect(ctx, t, scanID[form.PageID], `SELECT page_id FROM untiled ORDER BY page_id DESC LIMIT ?`, most)
		if err != nil {
			return err
		}
		for _, page := range pages {
			if err := db.layTiles(ctx, t, page); err != nil {
				return err
			}
		}
		return t.row(ctx, `SELECT count(*) FROM untiled`)(&left)
	})
	return left, err
}

// A TileGroup is how many tiles there are that were read as the same.
type TileGroup struct {
	Sort form.TileSort
	Text string // of characters and checkboxes; those of other sorts are one group
	N    int
}

// TileFilter chooses tiles.
type TileFilter struct {
	Template form.TemplateID // 0 for all
	Language string          // empty for all
	Sort     form.TileSort
	Text     string      // of characters and checkboxes
	For      form.UserID // who asks: pages that others have open are passed over
	After    TileSpot
	Limit    int
}

// A TileSpot is where a tile stands among those of its sort: by what was read, the
// least sure first.
type TileSpot struct {
	Text       string
	Confidence float64 // 0 at the beginning
	Page       form.PageID
	Field      form.FieldID
	Place      int
}

func (s TileSpot) compare(o TileSpot) int {
	return cmp.Or(
		cmp.Compare(s.Text, o.Text), cmp.Compare(s.Confidence, o.Confidence),
		cmp.Compare(s.Page, o.Page), cmp.Compare(s.Field, o.Field), cmp.Compare(s.Place, o.Place))
}

// A Tile is a tile with what is shown of it.
type Tile struct {
	form.Tile
	Page     form.PageID
	Run      int
	Template form.TemplateID
	Of       form.Field // as of form.Template.Places, by the version that has read the page
	Whole    string     // what was read in all of the field
	Snippet  Snippet
}

// Spot returns where t stands.
func (t *Tile) Spot() TileSpot {
	return TileSpot{t.Text, t.Confidence, t.Page, t.Field, t.Place}
}

// A Snippet is where a picture is kept; its zero value is none.
type Snippet struct {
	Blob        blob.Key
	Start, Size int64 // bytes
}

// keyed reports whether the tiles of a sort are counted by their text.
func keyed(s form.TileSort) bool { return s == form.TileCharacter || s == form.TileMark }

// TileGroups returns the groups of tiles that there are of a template and
// language, those of each sort by their texts, and the languages of all.
func (db *DB) TileGroups(ctx context.Context, in form.Scope, f TileFilter) (groups []TileGroup, languages []string, err error) {
	defer wrap(&err, "groups of tiles")
	term, args := within(in, `t.domain_id`)
	var w where
	w.and(true, `c.n > 0 AND c.sort <> 'field'`)
	w.and(true, term, args...)
	w.and(f.Template != 0, `c.template_id = ?`, f.Template)
	w.and(f.Language != "", `c.language = ?`, f.Language)
	err = db.view(ctx, func(t tx) error {
		groups, err = collect(ctx, t, func(scan func(...any) error) (g TileGroup, err error) {
			return g, scan(&g.Sort, &g.Text, &g.N)
		}, `SELECT c.sort, c.key, sum(c.n) FROM tile_counts c JOIN templates t ON t.id = c.template_id`+w.String()+`
			GROUP BY c.sort, c.key ORDER BY c.key`, w.args...)
		if err != nil {
			return err
		}
		languages, err = collect(ctx, t, func(scan func(...any) error) (s string, err error) { return s, scan(&s) }, `
			SELECT DISTINCT c.language FROM tile_counts c JOIN templates t ON t.id = c.template_id
			WHERE c.n > 0 AND `+term+` ORDER BY c.language`, args...)
		return err
	})
	slices.SortStableFunc(groups, func(a, b TileGroup) int {
		return slices.Index(form.TileSorts, a.Sort) - slices.Index(form.TileSorts, b.Sort)
	})
	return groups, languages, err
}

// Tiles returns tiles that lie side by side, those read as the same together and
// the least sure first.
func (db *DB) Tiles(ctx context.Context, in form.Scope, f TileFilter) (tiles []Tile, err error) {
	defer wrap(&err, "tiles")
	err = db.view(ctx, func(t tx) error {
		tiles = nil
		templates, err := f.templates(ctx, t, in)
		if err != nil {
			return err
		}
		if tiles, err = f.among(ctx, t, templates); err != nil {
			return err
		}
		return db.dress(ctx, t, tiles)
	})
	return tiles, err
}

// among returns the first tiles of templates together. Of each it takes some, and
// more of those only of which there may be more before the last that is returned:
// of forty templates, a hundred each are 40 times what is shown.
func (f *TileFilter) among(ctx context.Context, t tx, templates []form.TemplateID) (tiles []Tile, err error) {
	most := limit(f.Limit)
	some := min(most, max(8, 2*most/max(1, len(templates))))
	last := make(map[form.TemplateID]TileSpot) // of those that may have more
	for _, template := range templates {
		last[template] = f.After
	}
	for more := true; more; {
		more = false
		for _, template := range templates {
			after, has := last[template]
			if !has || len(tiles) >= most && tiles[most-1].Spot().compare(after) <= 0 {
				continue
			}
			of, err := f.of(ctx, t, template, after, some)
			if err != nil {
				return nil, err
			}
			if len(of) < some {
				delete(last, template)
			} else {
				last[template], more = of[some-1].Spot(), true
			}
			tiles = append(tiles, of...)
			if len(tiles) >= most {
				slices.SortFunc(tiles, func(a, b Tile) int { return a.Spot().compare(b.Spot()) })
				tiles = tiles[:most]
			}
		}
	}
	slices.SortFunc(tiles, func(a, b Tile) int { return a.Spot().compare(b.Spot()) })
	return tiles, nil
}

// templates returns those that have tiles of f.
func (f *TileFilter) templates(ctx context.Context, t tx, in form.Scope) ([]form.TemplateID, error) {
	w := where{terms: []string{`c.n > 0`}}
	w.and(true, `c.sort = ?`, f.Sort)
	w.and(keyed(f.Sort), `c.key = ?`, f.Text)
	w.within(in, `t.domain_id`)
	w.and(f.Template != 0, `c.template_id = ?`, f.Template)
	w.and(f.Language != "", `c.language = ?`, f.Language)
	return collect(ctx, t, scanID[form.TemplateID], `
		SELECT DISTINCT c.template_id FROM tile_counts c JOIN templates t ON t.id = c.template_id`+w.String(), w.args...)
}

// open is the term that a person can say something of tile v of page p.
const openTile = `p.run = v.run AND p.state = 'review'`

// unheld returns the term that nobody else has page p open, and that it was not
// set aside.
func unheld(d dialect) string {
	return `NOT EXISTS (SELECT 1 FROM claims c WHERE c.page_id = p.id AND c.user_id <> ? AND c.until > ` + d.clock() + `)
		AND NOT EXISTS (SELECT 1 FROM asides a WHERE a.page_id = p.id)`
}

// of returns the first tiles of a template after one, n at most.
func (f *TileFilter) of(ctx context.Context, t tx, template form.TemplateID, after TileSpot, n int) ([]Tile, error) {
	w := where{terms: []string{`v.sort <> '' AND v.said IS NULL`}}
	w.and(true, `v.template_id = ? AND v.sort = ?`, template, f.Sort)
	if keyed(f.Sort) {
		w.and(true, `v.text = ?`, f.Text)
		w.and(after != TileSpot{}, `(v.confidence, v.page_id, v.field, v.place) > (?, ?, ?, ?)`, after.Confidence, after.Page, after.Field, after.Place)
	} else {
		w.and(after != TileSpot{}, `(v.text, v.confidence, v.page_id, v.field, v.place) > (?, ?, ?, ?, ?)`,
			after.Text, after.Confidence, after.Page, after.Field, after.Place)
	}
	w.and(true, openTile)
	w.and(true, unheld(t.dialect), f.For)
	return collect(ctx, t, func(scan func(...any) error) (v Tile, err error) {
		return v, scan(&v.Page, &v.Run, &v.Field, &v.Place, &v.Sort, &v.Text, &v.Confidence)
	}, `
		SELECT v.page_id, v.run, v.field, v.place, v.sort, v.text, v.confidence
		FROM tiles v`+t.by(`tiles_alike`)+t.then(`pages p`, `p.id = v.page_id`)+w.String()+`
		ORDER BY v.text, v.confidence, v.page_id, v.field, v.place LIMIT ?`, append(w.args, n)...)
}

// dress adds what is shown of tiles.
func (db *DB) dress(ctx context.Context, t tx, tiles []Tile) error {
	for i := range tiles {
		v := &tiles[i]
		var of version
		if err := t.row(ctx, `
			SELECT p.template_id, p.version, r.text, coalesce(s.blob, ''), coalesce(s.start, 0), coalesce(s.size, 0)
			FROM pages p
			JOIN readings r ON r.page_id = p.id AND r.run = p.run AND r.field = ?
			LEFT JOIN snippets s ON s.page_id = p.id AND s.run = p.run AND s.field = r.field AND s.place = ?
			WHERE p.id = ?`, v.Field, v.Place, v.Page)(
			&of.template, &of.number, &v.Whole, &v.Snippet.Blob, &v.Snippet.Start, &v.Snippet.Size); err != nil {
			return err
		}
		e, err := db.edition(ctx, t, of)
		if err != nil {
			return err
		}
		v.Template, v.Of = of.template, e.places[v.Field]
	}
	return nil
}

// A Verdict is what a person says of a tile.
type Verdict struct {
	Page  form.PageID
	Run   int // that the person saw
	Field form.FieldID
	Place int
	Text  string // what stands there; of a checkbox form.TileChecked or form.TileUnchecked
	Open  bool   // nothing, after all: what was said of it before does not count
	// Where the person says something else than before: After is the correction
	// that came of it, or 0 and Again where others of the row were open.
	After form.CorrectionID
	Again bool
}

// An Outcome is what became of a verdict.
type Outcome struct {
	// Missed is whether it does not count, as others have said something of the
	// value meanwhile, or the page is read again.
	Missed     bool
	Correction form.CorrectionID // 0 where it is missed, or others of the row are open
	// Held is whether nothing is doubtful on its page any more and something holds that
	// back all the same; of the verdicts of a page, the first has it.
	Held bool
}

// Say adds what a person said of tiles, as corrections of their values: that of a
// row of boxes comes with the last of its tiles. What is missed keeps no other
// from being said. Pages of which nothing is doubtful any more become done.
func (db *DB) Say(ctx context.Context, by form.Actor, in form.Scope, said []Verdict) (outcomes []Outcome, err error) {
	defer wrap(&err, "say of %d tiles", len(said))
	err = db.update(ctx, func(t tx) error {
		outcomes = make([]Outcome, len(said))
		var pages []form.PageID
		for i, v := range said {
			c, err := db.sayTile(ctx, t, in, v)
			if errors.Is(err, sql.ErrNoRows) || errors.Is(err, form.ErrConflict) {
				if outcomes[i].Correction, err = db.heard(ctx, t, by, in, v); err == nil {
					outcomes[i].Missed = outcomes[i].Correction == 0
					continue
				}
			}
			if err != nil {
				return err
			}
			if c == nil {
				continue
			}
			c.By = by.User
			added, err := db.addCorrection(ctx, t, *c)
			if err != nil {
				return err
			}
			outcomes[i].Correction = added.ID
			if !slices.Contains(pages, v.Page) {
				pages = append(pages, v.Page)
			}
		}
		for _, page := range pages {
			if err := db.said(ctx, t, page); err != nil {
				return err
			}
			first := slices.IndexFunc(said, func(v Verdict) bool { return v.Page == page })
			if err := t.row(ctx, `SELECT state = 'review' AND doubtful = 0 FROM pages WHERE id = ?`, page)(&outcomes[first].Held); err != nil {
				return err
			}
		}
		return nil
	})
	return outcomes, err
}

// heard returns the correction by which a person has said what v says: it comes once
// more where the answer got lost. It is 0 where there is none, or another counts.
func (db *DB) heard(ctx context.Context, t tx, by form.Actor, in form.Scope, v Verdict) (form.CorrectionID, error) {
	newest, err := newestOf(ctx, t, form.Correction{Page: v.Page, Field: v.Field})
	if err != nil || newest.ID == 0 || newest.By != by.User || newest.Run != v.Run {
		return 0, err
	}
	said, err := db.verdict(ctx, t, in, v, func(r form.Reading) (string, error) { return inBox(r, newest.Text, v) })
	switch {
	case errors.Is(err, sql.ErrNoRows) || errors.Is(err, form.ErrConflict):
		return 0, nil
	case err != nil || !sameSaid(newest, said):
		return 0, err
	}
	return newest.ID, nil
}

// said brings a page up to date of which something was said.
func (db *DB) said(ctx context.Context, t tx, page form.PageID) error {
	var state form.State
	if err := t.row(ctx, `SELECT state FROM pages WHERE id = ?`, page)(&state); err != nil {
		return err
	}
	if state == form.StateDone {
		if err := db.tellCorrected(ctx, t, page); err != nil {
			return err
		}
	}
	if err := countDoubt(ctx, t, page); err != nil {
		return err
	}
	return db.settle(ctx, t, page)
}

// sayTile notes what a person says of a tile. It returns the correction of its
// value, or nil while other boxes of that are open; sql.ErrNoRows where the tile
// is not open.
func (db *DB) sayTile(ctx context.Context, t tx, in form.Scope, v Verdict) (*form.Correction, error) {
	if _, err := shownIn(ctx, t, in, v); err != nil {
		return nil, err
	}
	if v.After == 0 {
		if open, err := sayOpen(ctx, t, v); err != nil || open {
			return nil, err
		}
	} else { // or else that it is open says that nobody has said anything since
		if err := unseen(ctx, t, form.Correction{Page: v.Page, Run: v.Run, Field: v.Field}, v.After); err != nil {
			return nil, err
		}
	}
	c, err := db.verdict(ctx, t, in, v, func(r form.Reading) (string, error) { return rowWith(ctx, t, v, r) })
	return &c, err
}

// shownIn returns by which template the run of a tile was read, or sql.ErrNoRows where
// it does not count, or the page is out of scope.
func shownIn(ctx context.Context, t tx, in form.Scope, v Verdict) (of version, err error) {
	var domain form.DomainID
	err = t.row(ctx, `
		SELECT domain_id, template_id, version FROM pages WHERE id = ? AND run = ? AND state IN ('review', 'done')`, v.Page, v.Run)(
		&domain, &of.template, &of.number)
	if err == nil && !in.Has(domain) {
		err = sql.ErrNoRows
	}
	return of, err
}

// verdict returns v as a correction of its value. Row returns the text of a row of boxes
// with what v says of one.
func (db *DB) verdict(ctx context.Context, t tx, in form.Scope, v Verdict, row func(form.Reading) (string, error)) (c form.Correction, err error) {
	c = form.Correction{Page: v.Page, Run: v.Run, Field: v.Field, Text: v.Text}
	of, err := shownIn(ctx, t, in, v)
	if err != nil {
		return c, err
	}
	if v.Open {
		c.Text, c.Mark = "", form.MarkWithdrawn
		return c, nil
	}
	r, err := scanWhole(t.row(ctx, `
		SELECT `+readingColumns+`, `+detailColumn+` FROM readings r WHERE r.page_id = ? AND r.run = ? AND r.field = ?`, v.Page, v.Run, v.Field))
	if err != nil {
		return c, err
	}
	e, err := db.edition(ctx, t, of)
	if err != nil {
		return c, err
	}
	switch place := e.places[v.Field]; {
	case place.Kind == form.Checkbox:
		held := place.Marked(v.Text == form.TileChecked)
		c.Text, c.Checked, c.Accepted = held.Text, held.Checked, held.Checked == r.Checked
		return c, nil
	case v.Place > 0:
		if c.Text, err = row(r.Reading); err != nil {
			return c, err
		}
	}
	c.Accepted = c.Text == r.Text
	return c, nil
}

// sayOpen notes what is said of a tile of which nothing was, or by the same person
// who was not asked for the rest of its row yet. It reports whether others of the
// row are open.
func sayOpen(ctx context.Context, t tx, v Verdict) (others bool, err error) {
	var place int
	if err := t.row(ctx, `
		SELECT v.place FROM tiles v JOIN pages p ON p.id = v.page_id
		WHERE v.page_id = ? AND v.field = ? AND v.place = ? AND v.run = ? AND (v.said IS NULL OR ?) AND `+openTile,
		v.Page, v.Field, v.Place, v.Run, v.Again)(&place); err != nil || place == 0 {
		return false, err
	}
	said := any(v.Text)
	if v.Open {
		said = nil
	}
	if _, err := t.exec(ctx, `
		UPDATE tiles SET said = ? WHERE page_id = ? AND field = ? AND place = ?`, said, v.Page, v.Field, place); err != nil {
		return false, err
	}
	err = t.row(ctx, `
		SELECT EXISTS (SELECT 1 FROM tiles WHERE page_id = ? AND field = ? AND place > 0 AND said IS NULL)`, v.Page, v.Field)(&others)
	return others, err
}

// rowWith returns the text of a row of boxes with what was said of them: of all of
// its tiles, or of one after a correction, which says how it was before.
func rowWith(ctx context.Context, t tx, v Verdict, r form.Reading) (string, error) {
	if v.After != 0 {
		var before string
		if err := t.row(ctx, `SELECT text FROM corrections WHERE id = ?`, v.After)(&before); err != nil {
			return "", err
		}
		return inBox(r, before, v)
	}
	said := make(map[int]string)
	err := t.rows(ctx, func(scan func(...any) error) error {
		var place int
		var text string
		err := scan(&place, &text)
		said[place] = text
		return err
	}, `SELECT place, said FROM tiles WHERE page_id = ? AND field = ? AND place > 0`, v.Page, v.Field)
	return form.InBoxes(r, said), err
}

// inBox returns the text of a row of boxes, which was before, with what v says of one.
func inBox(r form.Reading, before string, v Verdict) (string, error) {
	text, ok := form.InBox(r, before, v.Place, v.Text)
	if !ok {
		return "", form.ErrConflict
	}
	return text, nil
}

// addSnippets notes the pictures of what was read in a run.
func addSnippets(ctx context.Context, t tx, page form.PageID, run int, s form.Snippets) error {
	for _, part := range s.Parts {
		if _, err := t.exec(ctx, `
			INSERT INTO snippets (page_id, run, field, place, blob, start, size) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (page_id, run, field, place) DO NOTHING`,
			page, run, part.Field, part.Place, s.Blob, part.Start, part.Size); err != nil {
			return err
		}
	}
	return nil
}

// AddSnippets notes pictures of a page that were cut later. It returns
// form.ErrNotFound where the page or the run is gone.
func (db *DB) AddSnippets(ctx context.Context, page form.PageID, run int, s form.Snippets) (err error) {
	defer wrap(&err, "pictures of page %d", page)
	return db.update(ctx, func(t tx) error { return addSnippets(ctx, t, page, run, s) })
}

// SnippetOf returns where the picture of a tile, or of a value, is kept, or
// form.ErrNotFound where it was never cut.
func (db *DB) SnippetOf(ctx context.Context, in form.Scope, page form.PageID, run int, field form.FieldID, place int) (s Snippet, err error) {
	defer wrap(&err, "picture of page %d", page)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		err := t.row(ctx, `
			SELECT p.domain_id, s.blob, s.start, s.size FROM snippets s JOIN pages p ON p.id = s.page_id
			WHERE s.page_id = ? AND s.run = ? AND s.field = ? AND s.place = ?`, page, run, field, place)(&domain, &s.Blob, &s.Start, &s.Size)
		return seen(in, domain, err)
	})
	return s, err
}
