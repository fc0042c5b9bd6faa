package views

import (
	"context"
	"strconv"

	"github.com/seosik/seosik/internal/form"
)

// A CarpetPage shows what is doubtful on many pages, side by side.
type CarpetPage struct {
	Frame
	Templates []Group // to choose from
	Screen    CarpetScreen
}

// A CarpetScreen is what is looked at in one go.
type CarpetScreen struct {
	Template  form.TemplateID // of which there are only tiles; 0 for all
	Language  string          // the same; empty for all
	Languages []string        // to choose from
	Groups    []CarpetGroup   // all there are
	Sort      form.TileSort   // of all sections
	Sections  []CarpetSection
	Last      CarpetSection // the last one, after whose tiles
	After     string        // and this one it goes on
}

// A CarpetGroup is how many tiles were read as the same.
type CarpetGroup struct {
	Sort form.TileSort
	Text string
	N    int
}

// A CarpetSection is tiles that were read as the same.
type CarpetSection struct {
	Sort  form.TileSort
	Text  string
	N     int // of the group
	Tiles []CarpetTile
}

// A CarpetTile is the picture of a value, or of one of its boxes, with what was
// read there.
type CarpetTile struct {
	Page       form.PageID
	Run        int
	Field      form.Field
	Place      int
	Sort       form.TileSort
	Text       string
	Whole      string // of which Text is in one box
	Confidence float64
	Image      string // address
	Veiled     bool   // it is masked until it has the focus
}

// Shown returns how many tiles are on m.
func (m CarpetScreen) Shown() (n int) {
	for _, s := range m.Sections {
		n += len(s.Tiles)
	}
	return n
}

// total returns how many tiles the groups have that are shown.
func (m CarpetScreen) total() (n int) {
	for _, s := range m.Sections {
		n += s.N
	}
	return n
}

// heading says what is shown.
func (m CarpetScreen) heading(ctx context.Context) string {
	if len(m.Sections) == 1 {
		return readAs(ctx, m.Sort, m.Sections[0].Text)
	}
	return Say(ctx, "carpet.sort_"+string(m.Sort))
}

// left returns how many tiles there are.
func (m CarpetScreen) left() (n int) {
	for _, g := range m.Groups {
		n += g.N
	}
	return n
}

// of returns the groups of a sort.
func (m CarpetScreen) of(sort form.TileSort) (groups []CarpetGroup) {
	for _, g := range m.Groups {
		if g.Sort == sort {
			groups = append(groups, g)
		}
	}
	return groups
}

// shows reports whether g has tiles on m.
func (m CarpetScreen) shows(g CarpetGroup) bool {
	for _, s := range m.Sections {
		if s.Sort == g.Sort && s.Text == g.Text {
			return true
		}
	}
	return false
}

func (m CarpetScreen) languageOptions(ctx context.Context) []Option {
	options := []Option{{"", Say(ctx, "carpet.any_language"), m.Language == ""}}
	for _, l := range m.Languages {
		options = append(options, Option{l, Say(ctx, "lang."+l), l == m.Language})
	}
	return options
}

func (m CarpetScreen) template() string {
	if m.Template == 0 {
		return ""
	}
	return strconv.FormatInt(int64(m.Template), 10)
}

// readAs says what tiles were read as.
func readAs(ctx context.Context, sort form.TileSort, text string) string {
	switch {
	case sort == form.TileMark && text == form.TileChecked:
		return Say(ctx, "carpet.as_checked")
	case sort == form.TileMark:
		return Say(ctx, "carpet.as_unchecked")
	case sort == form.TileBlank:
		return Say(ctx, "carpet.as_blank")
	case sort == form.TileShort:
		return Say(ctx, "carpet.as_short")
	}
	return Say(ctx, "carpet.as", "Text", text)
}

// short names a group in a list.
func (g CarpetGroup) short(ctx context.Context) string {
	switch g.Sort {
	case form.TileCharacter:
		return g.Text
	case form.TileMark:
		return boxSign(g.Text) + " " + Say(ctx, checkedWord(g.Text == form.TileChecked))
	}
	return Say(ctx, "carpet.all")
}

func (s CarpetSection) short(ctx context.Context) string {
	return CarpetGroup{Sort: s.Sort, Text: s.Text}.short(ctx)
}

// label says to those who do not see the picture what a tile is.
func (t CarpetTile) label(ctx context.Context) string {
	return Say(ctx, "carpet.tile", "Field", placeLabel(t.Field), "Text", readAs(ctx, t.Sort, t.Text), "Page", int64(t.Page))
}

// title is what the mouse tells of a tile.
func (t CarpetTile) title() string {
	title := placeLabel(t.Field) + " · " + percent(t.Confidence)
	if t.Place > 0 {
		return title + " · " + t.Field.Mask(t.Whole)
	}
	return title
}

// carpetKeys names the words that say by which keys tiles of a sort are worked.
func carpetKeys(sort form.TileSort) string {
	if sort == form.TileMark {
		return "mark"
	}
	return "text"
}

// boxSign draws a checkbox as it was read.
func boxSign(text string) string {
	if text == form.TileChecked {
		return "☑"
	}
	return "☐"
}
