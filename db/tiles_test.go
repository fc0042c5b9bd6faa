package db

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

const (
	rowID   form.FieldID = "0193a000-0000-7000-8000-000000000011"
	tickID  form.FieldID = "0193a000-0000-7000-8000-000000000012"
	blindID form.FieldID = "0193a000-0000-7000-8000-000000000013"
)

// newCarpet returns an office whose template has a row of boxes and a checkbox, too.
func newCarpet(t testing.TB) *office {
	o := newOffice(t)
	f := newTemplate(o.domain, "rows")
	row := form.Field{ID: rowID, Name: "row", Kind: form.MultiBox, ValueType: form.Numeric, Box: geom.XYWH(10, 100, 40, 10)}
	for i := range 4 {
		row.Boxes = append(row.Boxes, geom.XYWH(10+10*float64(i), 100, 10, 10))
	}
	f.Fields = append(f.Fields, row, form.Field{
		ID: tickID, Name: "tick", Kind: form.Checkbox, CheckedText: "예", UncheckedText: "아니요", ValueType: form.All, Box: geom.XYWH(10, 120, 10, 10),
	})
	o.template = o.save(t, f)
	return o
}

// readAs keeps the readings of a page of a new document, which is doubtful where
// they are.
func (o *office) readAs(t testing.TB, readings ...form.Reading) form.PageID {
	t.Helper()
	_, docs := o.submit(t, "a.png")
	id, err := o.savePage(t.Context(), docs[0], o.pageWith(readings), readings)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (o *office) pageWith(readings []form.Reading) form.Page {
	p := form.Page{
		Number: 1, State: form.StateDone, Width: 10, Height: 20, Image: blob.KeyOf(nil),
		Template: o.template.ID, Version: o.template.Version, TemplateToPage: geom.Identity,
	}
	for i, r := range readings {
		if len(r.Reasons) > 0 {
			p.State = form.StateReview
			p.Snippets.Blob = blob.KeyOf([]byte("snippets"))
			p.Snippets.Parts = append(p.Snippets.Parts, form.Snippet{Field: r.Field, Start: int64(i), Size: 1})
		}
	}
	return p
}

func unsure(field form.FieldID, text string, confidence float64) form.Reading {
	return form.Reading{Field: field, Text: text, Confidence: confidence, Reasons: []form.Reason{form.ReasonUnsure}, Engine: "test"}
}

// inBoxes returns a reading of a row in which the boxes at the places, from 1, are
// doubtful.
func inBoxes(text string, doubtful ...int) form.Reading {
	r := unsure(rowID, text, .5)
	for _, c := range text {
		r.Words = append(r.Words, form.Word{Text: string(c), Confidence: 1})
	}
	for _, place := range doubtful {
		r.Words[place-1].Confidence = .5
	}
	return r
}

func (o *office) groups(t testing.TB, f TileFilter) (groups []string) {
	t.Helper()
	list, _, err := o.TileGroups(t.Context(), form.Everything, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		groups = append(groups, fmt.Sprintf("%s %q %d", g.Sort, g.Text, g.N))
	}
	return groups
}

func TestTilesLieSideBySide(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	a := o.readAs(t, unsure(nameID, "7", .5), unsure(sumID, "서울", .4), inBoxes("1723", 2, 3))
	b := o.readAs(t, unsure(nameID, "7", .3), unsure(sumID, "", .4), form.Reading{Field: tickID, Checked: true, Text: "예", Reasons: []form.Reason{form.ReasonFaint}})
	o.readAs(t, form.Reading{Field: nameID, Text: "7", Confidence: 1})
	long := unsure(dateID, "서울특별시 강남구 테헤란로 1", .4)
	c := o.readAs(t, long)
	if diff := cmp.Diff([]string{`character "2" 1`, `character "7" 3`, `mark "1" 1`, `blank "" 1`, `short "" 1`}, o.groups(t, TileFilter{})); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if got := o.groups(t, TileFilter{Template: o.template.ID, Language: "ko"}); len(got) != 5 {
		t.Errorf("of the template and language: %q", got)
	}
	for _, f := range []TileFilter{{Template: 1}, {Language: "ja"}} {
		if got := o.groups(t, f); got != nil {
			t.Errorf("of %+v: %q", f, got)
		}
	}
	tiles, err := o.Tiles(ctx, form.Everything, TileFilter{Sort: form.TileCharacter, Text: "7"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range tiles {
		got = append(got, fmt.Sprint(v.Page, v.Run, v.Of.Name, v.Place, v.Whole, v.Confidence, v.Snippet.Size))
	}
	want := []string{fmt.Sprint(b, 1, "name", 0, "7", .3, 1), fmt.Sprint(a, 1, "name", 0, "7", .5, 1), fmt.Sprint(a, 1, "row", 2, "1723", .5, 0)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tiles (-want +got):\n%s", diff)
	}
	after, err := o.Tiles(ctx, form.Everything, TileFilter{Sort: form.TileCharacter, Text: "7", After: tiles[0].Spot(), Limit: 1})
	if err != nil || len(after) != 1 || after[0].Page != a || after[0].Place != 0 {
		t.Errorf("after the first: %+v, %v", after, err)
	}
	for _, in := range []form.Scope{{}, form.Within(99)} {
		if tiles, err := o.Tiles(ctx, in, TileFilter{Sort: form.TileCharacter, Text: "7"}); err != nil || len(tiles) > 0 {
			t.Errorf("out of scope: %+v, %v", tiles, err)
		}
	}
	// What is too long for a carpet has its place on a sheet.
	n, err := o.SheetCounts(ctx, form.Everything, o.template.ID)
	if diff := cmp.Diff(map[form.FieldID]int{nameID: 2, sumID: 2, rowID: 1, tickID: 1, dateID: 1}, n); diff != "" || err != nil {
		t.Errorf("open values (-want +got):\n%s%v", diff, err)
	}
	rows, err := o.Sheet(ctx, form.Everything, SheetFilter{Template: o.template.ID, Field: dateID})
	if err != nil || len(rows) != 1 || rows[0].Page != c || rows[0].Value.Text() != long.Text || rows[0].Value.Field.Name != "date" || rows[0].Snippet.Size != 1 {
		t.Errorf("sheet: %+v, %v", rows, err)
	}
	// What an older edition has people key blind is on no sheet, also where nothing else is on a part of it.
	var blind form.PageID
	for range 2 {
		blind = o.readAs(t, form.Reading{Field: nameID, Text: "8", Confidence: 1, Reasons: []form.Reason{form.ReasonTwo}})
	}
	last := o.readAs(t, form.Reading{Field: nameID, Text: "7", Confidence: 1})
	for _, after := range []form.PageID{blind - 1, blind} {
		rows, err := o.Sheet(ctx, form.Everything, SheetFilter{Template: o.template.ID, Field: nameID, All: true, After: after - 1, Limit: 1})
		if err != nil || len(rows) != 1 || rows[0].Page != last {
			t.Errorf("a sheet with what is keyed blind: %+v, %v", rows, err)
		}
	}
	all, err := o.Sheet(ctx, form.Everything, SheetFilter{Template: o.template.ID, Field: nameID, All: true, Limit: 3})
	if err != nil || len(all) != 3 || all[0].Page != a || all[2].Value.Doubtful() {
		t.Errorf("all: %+v, %v", all, err)
	}
	o.checkCounts(t)
}

func TestWhatIsSaidOfTilesAreCorrections(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	kim := form.Person(o.user)
	tick := form.Reading{Field: tickID, Checked: true, Text: "예", Reasons: []form.Reason{form.ReasonFaint}, Engine: "test"}
	id := o.readAs(t, unsure(nameID, "7", .5), tick, inBoxes("1723", 2, 3))
	say := func(said ...Verdict) (missed []bool) {
		t.Helper()
		outcomes, err := o.Say(ctx, kim, form.Everything, said)
		if err != nil {
			t.Fatal(err)
		}
		o.checkCounts(t)
		for _, out := range outcomes {
			missed = append(missed, out.Missed)
		}
		return missed
	}
	first := Verdict{Page: id, Run: 1, Field: rowID, Place: 2, Text: "7"}
	if missed := say(first, Verdict{Page: id, Run: 1, Field: nameID, Text: "1"}); missed[0] || missed[1] {
		t.Errorf("missed %v", missed)
	}
	r, err := o.Record(ctx, form.Everything, id)
	if err != nil || r.Page.Doubtful != 2 || r.Values[0].Text() != "1" || r.Values[0].Latest().Accepted || r.Values[3].Latest() != nil {
		t.Errorf("record %+v, %v", r.Values, err)
	}
	missed := say(first, Verdict{Page: id, Run: 1, Field: rowID, Place: 3, Text: "4"}, Verdict{Page: id, Run: 2, Field: tickID}, Verdict{Page: 99, Run: 1, Field: tickID})
	if diff := cmp.Diff([]bool{true, false, true, true}, missed); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
	say(Verdict{Page: id, Run: 1, Field: tickID, Text: form.TileUnchecked})
	r, err = o.Record(ctx, form.Everything, id)
	if err != nil || r.Page.State != form.StateDone || r.Values[3].Text() != "1743" || r.Values[4].Text() != "아니요" || r.Values[4].Checked() {
		t.Errorf("state %s, record %+v, %v", r.Page.State, r.Values, err)
	}
	if got := o.table(t, `SELECT 1 FROM tiles`); got != nil {
		t.Error("tiles are left")
	}
}

// Whoever says something else of what they have just said replaces nothing that
// others have said since.
func TestWhatIsSaidOfTilesAgain(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	id := o.readAs(t, unsure(nameID, "7", .5), inBoxes("1723", 2, 3))
	say := func(v Verdict) Outcome {
		t.Helper()
		v.Page, v.Run = id, 1
		outcomes, err := o.Say(ctx, form.Person(o.user), form.Everything, []Verdict{v})
		if err != nil {
			t.Fatal(err)
		}
		o.checkCounts(t)
		return outcomes[0]
	}
	texts := func() string {
		r, err := o.Record(ctx, form.Everything, id)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(r.Page.State, " ", r.Values[0].Text(), " ", r.Values[3].Text(), " ", len(r.Values[3].Corrections))
	}
	name := say(Verdict{Field: nameID, Text: "7"})
	if out := say(Verdict{Field: rowID, Place: 2, Text: "1"}); out != (Outcome{}) {
		t.Errorf("the first box: %+v", out)
	}
	if out := say(Verdict{Field: rowID, Place: 2, Text: "9"}); !out.Missed {
		t.Errorf("the first box by somebody else: %+v", out)
	}
	if out := say(Verdict{Field: rowID, Place: 2, Text: "9", Again: true}); out.Missed {
		t.Errorf("the first box again: %+v", out)
	}
	say(Verdict{Field: rowID, Place: 2, Open: true, Again: true})
	if got := o.groups(t, TileFilter{}); len(got) != 2 {
		t.Errorf("the first box is left open: %q", got)
	}
	say(Verdict{Field: rowID, Place: 2, Text: "9"})
	row := say(Verdict{Field: rowID, Place: 3, Text: "2"})
	if got := texts(); got != "done 7 1923 1" {
		t.Errorf("after all: %s", got)
	}
	if out := say(Verdict{Field: rowID, Place: 2, Text: "7", After: row.Correction}); out.Missed || out.Correction <= row.Correction {
		t.Errorf("after the row: %+v", out)
	}
	if out := say(Verdict{Field: rowID, Place: 2, Text: "0", After: row.Correction}); !out.Missed {
		t.Errorf("after what is no longer the last: %+v", out)
	}
	one := say(Verdict{Field: nameID, Text: "1", After: name.Correction})
	if got := texts(); got != "done 1 1723 2" {
		t.Errorf("said again: %s", got)
	}
	// What is left open after all lies as a tile again, of which something can be said.
	if out := say(Verdict{Field: nameID, Open: true, After: one.Correction}); out.Missed {
		t.Errorf("left open: %+v", out)
	}
	if got := texts(); got != "review 7 1723 2" {
		t.Errorf("left open: %s", got)
	}
	if out := say(Verdict{Field: nameID, Text: "4"}); out.Missed {
		t.Errorf("then said: %+v", out)
	}
	if got := texts(); got != "done 4 1723 2" {
		t.Errorf("then said: %s", got)
	}
}

// Who has not the page in scope leaves no trace on its tiles, not even that of a
// row of which others are open.
func TestNothingIsSaidOfTilesOutOfScope(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	id := o.readAs(t, unsure(nameID, "7", .5), inBoxes("1723", 2, 3))
	before := o.table(t, `SELECT * FROM tiles`)
	said := []Verdict{{Field: nameID, Text: "1"}, {Field: rowID, Place: 2, Text: "1"}, {Field: rowID, Place: 2, Open: true, Again: true}}
	for i := range said {
		said[i].Page, said[i].Run = id, 1
	}
	for _, in := range []form.Scope{{}, form.Within(99)} {
		outcomes, err := o.Say(ctx, form.Person(o.user), in, said)
		if diff := cmp.Diff([]Outcome{{Missed: true}, {Missed: true}, {Missed: true}}, outcomes); diff != "" || err != nil {
			t.Errorf("outcomes (-want +got):\n%s%v", diff, err)
		}
	}
	if diff := cmp.Diff(before, o.table(t, `SELECT * FROM tiles`)); diff != "" {
		t.Errorf("tiles (-want +got):\n%s", diff)
	}
	if got := o.table(t, `SELECT 1 FROM corrections`); got != nil {
		t.Error("something was said")
	}
}

func TestTilesFollowWhatIsSaidAndRead(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	kim := form.Person(o.user)
	id := o.readAs(t, unsure(nameID, "7", .5), inBoxes("1723", 2))
	if _, _, err := o.AddCorrection(ctx, kim, form.Correction{Page: id, Run: 1, Field: nameID, Text: "7", Accepted: true}, 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`character "7" 1`}, o.groups(t, TileFilter{})); diff != "" {
		t.Errorf("after a correction (-want +got):\n%s", diff)
	}
	// While it is being read again, nothing can be said of it.
	c := o.again(t, id, 0)
	if tiles, err := o.Tiles(ctx, form.Everything, TileFilter{Sort: form.TileCharacter, Text: "7"}); err != nil || len(tiles) != 0 {
		t.Errorf("while it is read: %+v, %v", tiles, err)
	}
	again := []form.Reading{unsure(nameID, "8", .5), inBoxes("1783", 3)}
	if err := o.SaveRun(ctx, c.Page, c.Run, o.pageWith(again), again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`character "8" 1`}, o.groups(t, TileFilter{})); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	if missed, err := o.Say(ctx, kim, form.Everything, []Verdict{{Page: id, Run: 1, Field: rowID, Place: 3, Text: "8"}}); err != nil || !missed[0].Missed {
		t.Errorf("said of the run before: %v, %v", missed, err)
	}
	o.checkCounts(t)
	if err := o.DeleteSubmission(ctx, kim, 1); err != nil {
		t.Fatal(err)
	}
	o.checkCounts(t)
	if got := o.table(t, `SELECT key FROM loose_blobs WHERE key = ?`, blob.KeyOf([]byte("snippets"))); len(got) != 1 {
		t.Error("the pictures of a page that was deleted are kept")
	}
}

func TestSnippetsAreKeptAndFound(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	id := o.readAs(t, unsure(nameID, "7", .5))
	of := func(in form.Scope, field form.FieldID, place int) (Snippet, error) {
		return o.SnippetOf(ctx, in, id, 1, field, place)
	}
	if s, err := of(form.Everything, nameID, 0); err != nil || s.Blob != blob.KeyOf([]byte("snippets")) || s.Size != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := of(form.Within(99), nameID, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("out of scope: %v", err)
	}
	if _, err := of(form.Everything, sumID, 0); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("not cut: %v", err)
	}
	later := form.Snippets{Blob: blob.KeyOf([]byte("later")), Parts: []form.Snippet{{Field: sumID, Start: 3, Size: 5}, {Field: nameID, Size: 9}}}
	if err := o.AddSnippets(ctx, id, 1, later); err != nil {
		t.Fatal(err)
	}
	if s, err := of(form.Everything, sumID, 0); err != nil || s != (Snippet{later.Blob, 3, 5}) {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := of(form.Everything, nameID, 0); err != nil || s.Size != 1 {
		t.Errorf("cut twice: %+v, %v", s, err)
	}
	if err := o.AddSnippets(ctx, 99, 1, later); !errors.Is(err, form.ErrNotFound) {
		t.Errorf("of a page that is gone: %v", err)
	}
}

// A database of before has no tiles: they are laid after the start.
func TestTilesOfPagesReadBefore(t *testing.T) {
	o := newCarpet(t)
	read := o.readAs(t, unsure(nameID, "7", .5), inBoxes("1723", 2))
	o.readAs(t, form.Reading{Field: nameID, Text: "7", Confidence: 1})
	old := o.before(t, 18, readTables...)
	if got := old.groups(t, TileFilter{}); got != nil {
		t.Fatalf("%q at once", got)
	}
	if left, err := old.LayTiles(t.Context(), 10); left != 0 || err != nil {
		t.Errorf("LayTiles = %d, %v", left, err)
	}
	if diff := cmp.Diff([]string{`character "7" 2`}, old.groups(t, TileFilter{})); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if _, err := old.Say(t.Context(), form.Person(o.user), form.Everything, []Verdict{{Page: read, Run: 1, Field: nameID, Text: "7"}}); err != nil {
		t.Error(err)
	}
}

// Whatever the templates, and however many tiles are asked for, they come in one
// order, none twice and none left out.
func TestTilesOfManyTemplatesAreInOneOrder(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	var all []TileSpot
	for i := range 5 {
		o.template = o.save(t, newTemplate(o.domain, fmt.Sprint("more ", i)))
		for k := range []int{40, 1, 13, 0, 9}[i] {
			r := unsure(nameID, "7", float64((k*37+i*11)%100)/100)
			all = append(all, TileSpot{"7", r.Confidence, o.readAs(t, r), nameID, 0})
		}
	}
	slices.SortFunc(all, TileSpot.compare)
	for _, n := range []int{1, 7, 30, 100} {
		var got []TileSpot
		f := TileFilter{Sort: form.TileCharacter, Text: "7", Limit: n}
		for {
			tiles, err := o.Tiles(ctx, form.Everything, f)
			if err != nil {
				t.Fatal(err)
			}
			if len(tiles) == 0 {
				break
			}
			for _, v := range tiles {
				got = append(got, v.Spot())
			}
			f.After = got[len(got)-1]
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("%d at a time (-want +got):\n%s", n, diff)
		}
	}
}

func TestTilesOfPagesThatOthersHaveOpenArePassedOver(t *testing.T) {
	o, ctx := newCarpet(t), t.Context()
	lee, err := o.AddUser(ctx, form.Command, "lee", "hash")
	if err != nil {
		t.Fatal(err)
	}
	a, b := o.readAs(t, unsure(nameID, "7", .5)), o.readAs(t, unsure(nameID, "7", .6))
	for _, statement := range []string{
		`INSERT INTO claims (page_id, user_id, ahead, until) VALUES (?, ?, 0, 9999999999999)`,
		`INSERT INTO claims (page_id, user_id, ahead, until) VALUES (?, ?, 0, 1)`, // which is over
	} {
		if _, err := o.Pool().ExecContext(ctx, statement, map[bool]form.PageID{true: a, false: b}[strings.Contains(statement, "999")], lee.ID); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(who form.UserID) (shown string) {
		tiles, err := o.Tiles(ctx, form.Everything, TileFilter{Sort: form.TileCharacter, Text: "7", For: who})
		rows, err2 := o.Sheet(ctx, form.Everything, SheetFilter{Template: o.template.ID, Field: nameID, For: who})
		if err != nil || err2 != nil || len(tiles) != len(rows) {
			t.Fatal(err, err2, len(tiles), len(rows))
		}
		for _, v := range tiles {
			shown += fmt.Sprint(" ", v.Page)
		}
		return shown
	}
	if got, want := shown(o.user), fmt.Sprint(" ", b); got != want {
		t.Errorf("another is shown%s, want%s", got, want)
	}
	if got, want := shown(lee.ID), fmt.Sprint(" ", a, " ", b); got != want {
		t.Errorf("who has it open is shown%s, want%s", got, want)
	}
	if _, err := o.Pool().ExecContext(ctx, `INSERT INTO asides (page_id, kind, user_id, at) VALUES (?, 'later', ?, 1)`, b, lee.ID); err != nil {
		t.Fatal(err)
	}
	if got := shown(o.user); got != "" {
		t.Errorf("set aside, and shown%s", got)
	}
}

// What is personal data only since is no more found by whoever may not see it, nor laid
// side by side: on pages, too, that an older version has read.
func TestWhatIsPersonalDataOnlySince(t *testing.T) {
	o := newCarpet(t)
	o.lock(t)
	tick := unsure(tickID, "예", .5)
	tick.Checked = true
	page := o.readAs(t, unsure(nameID, "7", .5), tick, form.Reading{Field: rowID, Text: "9001", Confidence: 1})
	o.index(t)
	look := func(found int, groups ...string) {
		t.Helper()
		pages, err := o.Pages(t.Context(), form.Everything, PageFilter{Value: "9001"})
		if err != nil || len(pages) != found {
			t.Errorf("%d pages are found, want %d: %v", len(pages), found, err)
		}
		if diff := cmp.Diff(groups, o.groups(t, TileFilter{})); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
	}
	look(1, `character "7" 1`, `mark "1" 1`)
	f := *o.template
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		switch f.Fields[i].ID {
		case nameID:
			f.Fields[i].Personal = form.PersonalHealth
		case rowID:
			f.Fields[i].Personal = form.PersonalResident
		case tickID: // which is not encrypted
			f.Fields[i].Personal = form.PersonalContact
		}
	}
	o.save(t, &f)
	o.index(t)
	if left, err := o.LayTiles(t.Context(), 10); left != 0 || err != nil {
		t.Errorf("LayTiles = %d, %v", left, err)
	}
	look(0)
	if got := o.with(t, "9001"); len(got) != 1 || got[0] != page {
		t.Errorf("with personal data: pages %v are found", got)
	}
	if open, err := o.SheetCounts(t.Context(), form.Everything, o.template.ID); open[tickID] != 1 || err != nil {
		t.Errorf("in the sheet: %v, %v", open, err)
	}
	for more := true; more; {
		var err error
		if more, err = o.SealTexts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.table(t, `SELECT count(*) FROM readings WHERE text = '9001'`); got[0] != "0" {
		t.Error("what is personal data only since is not encrypted")
	}
}

// What a version before took for another class is of the one that mended it.
func TestAClassThatIsMendedHoldsForOlderPages(t *testing.T) {
	o := newCarpet(t)
	o.lock(t)
	as := func(class form.Personal) {
		t.Helper()
		f := *o.template
		f.Fields = slices.Clone(f.Fields)
		for i := range f.Fields {
			if f.Fields[i].ID == rowID {
				f.Fields[i].Personal = class
			}
		}
		o.template = o.save(t, &f)
	}
	as(form.PersonalName)
	page := o.readAs(t, form.Reading{Field: rowID, Text: "9001", Confidence: 1})
	o.index(t)
	if got := o.with(t, "900"); len(got) != 1 || got[0] != page {
		t.Fatalf("by a part of a name: pages %v are found", got)
	}
	as(form.PersonalResident)
	o.index(t)
	if got := o.with(t, "900"); len(got) != 0 {
		t.Errorf("by a part of a resident number: pages %v are found", got)
	}
	if got := o.with(t, "9001"); len(got) != 1 || got[0] != page {
		t.Errorf("by all of it: pages %v are found", got)
	}
}

// What was released before classes held for older pages is looked at once more.
func TestWhatWasPersonalDataOnlySinceBefore(t *testing.T) {
	o := newCarpet(t)
	page := o.readAs(t, unsure(tickID, "예", .5))
	f := *o.template
	f.Fields = slices.Clone(f.Fields)
	f.Fields[len(f.Fields)-1].Personal = form.PersonalContact
	o.template = o.save(t, &f)
	o.readAs(t, unsure(nameID, "7", .5)) // by the version that knows
	old := o.before(t, 36, readTables...)
	if got := old.table(t, `SELECT page_id FROM untiled`); len(got) != 1 || got[0] != fmt.Sprint(page) {
		t.Errorf("%v are laid anew, want %d", got, page)
	}
	if _, err := old.LayTiles(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if open, err := old.SheetCounts(t.Context(), form.Everything, o.template.ID); open[tickID] != 1 || err != nil {
		t.Errorf("in the sheet: %v, %v", open, err)
	}
	if got := old.groups(t, TileFilter{}); got != nil {
		t.Errorf("side by side: %q", got)
	}
}
