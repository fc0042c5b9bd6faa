package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What was said of a field, a row or a column stays with it through versions:
// in downloads over all of them, and where a page is read again with a later
// one.
func TestUpgradeAcrossVersions(t *testing.T) {
	h := moveIn(t)
	i := slices.IndexFunc(h.Templates, func(t templateOfHouse) bool { return t.Version > 1 })
	for _, part := range h.Templates[i].parts() {
		h.checkColumns(&h.Templates[i], part)
	}
	h.checkReadAgain(&h.Templates[i])
}

// checkColumns sees that a part of the download of t, over all its versions, has
// one column for each field, named and ordered as in the newest version, and
// behind them those of fields that are no more, marked, and holds what counts.
func (h *movedHouse) checkColumns(t *templateOfHouse, part string) {
	h.Helper()
	_, table, isTable := strings.Cut(part, ":")
	body, err := h.clerk.get(h.Context(), exportPath(part, "program"))
	h.ok(err)
	lines, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	h.ok(err)
	columns := h.columns(t, lines[0], table)
	want := make(map[string]string) // by document, page, row and column
	for _, p := range h.Pages {
		if p.Template == t.ID && !p.Pending {
			h.expect(want, p, table)
		}
	}
	for _, line := range lines[1:] {
		if slices.ContainsFunc(h.Pages, func(p page) bool { return p.Pending && p.Document == line[0] }) {
			continue
		}
		row := ""
		if isTable {
			row = line[2]
		}
		for name, column := range columns {
			at := fmt.Sprint(line[0], " ", line[1], " ", row, " ", name)
			if line[column] != want[at] {
				h.Errorf("download %s: %s is %q, want %q", part, at, line[column], want[at])
			}
			delete(want, at)
		}
	}
	for at, text := range want {
		if text != "" {
			h.Errorf("download %s: %s is not there, want %q", part, at, text)
		}
	}
}

// columns returns which column each field, or each column of a table, has.
func (h *movedHouse) columns(t *templateOfHouse, head []string, table string) map[string]int {
	h.Helper()
	columns, last := make(map[string]int), 0
	for _, place := range t.Places {
		name, ok := columnOf(place, table)
		if _, seen := columns[name]; !ok || seen {
			continue
		}
		at := slices.Index(head, name)
		if at <= last {
			h.Errorf("download %d %s: %q is column %d of %q", t.ID, table, name, at, head)
		}
		columns[name], last = max(at, 0), at
	}
	for _, place := range t.Retired {
		name, ok := columnOf(place, table)
		if !ok {
			continue
		}
		at := slices.IndexFunc(head, func(s string) bool { return strings.Contains(s, name) && s != name })
		if at <= last {
			h.Errorf("download %d %s: %q, which is no more, is column %d of %q", t.ID, table, name, at, head)
			continue
		}
		columns[name] = at
	}
	return columns
}

// columnOf returns the name of the column that a place is in, and whether that
// is in the download of a table, or of the fields.
func columnOf(place, table string) (name string, ok bool) {
	of, rest, isCell := strings.Cut(place, "[")
	if !isCell {
		return place, table == ""
	}
	_, name, _ = strings.Cut(rest, "].")
	return name, of == table
}

// expect adds what the download should have of p.
func (h *movedHouse) expect(want map[string]string, p page, table string) {
	for _, v := range p.Values {
		name := v.Name
		if v.Newest != "" && v.Newest != "-" {
			name = v.Newest
		}
		column, ok := columnOf(name, table)
		if !ok {
			continue
		}
		row := ""
		if table != "" {
			_, row, _ = strings.Cut(v.Name, "[") // as the page itself has it
			row, _, _ = strings.Cut(row, "]")
		}
		text := v.Text
		if n := len(v.Said); n > 0 {
			text = v.Said[n-1].Text
		}
		want[fmt.Sprint(p.Document, " ", p.Number, " ", row, " ", column)] = text
	}
}

// checkReadAgain has a page of the first version read again with the newest, and
// sees that what was said of it holds where it was said.
func (h *movedHouse) checkReadAgain(t *templateOfHouse) {
	h.Helper()
	p := h.page("신청 01.png")
	_, err := h.clerk.form(h.Context(), "/pages/"+p.ID+"/place", map[string][]string{"template": {fmt.Sprint(t.ID)}})
	h.ok(err)
	h.settle()
	r := h.record(p)
	if r.Template.Version != t.Version {
		h.Fatalf("%s is of version %d, want %d", p.Document, r.Template.Version, t.Version)
	}
	for _, got := range r.Values {
		var want []said
		for _, v := range p.Values {
			if v.Newest == got.Name || v.Newest == "" && v.Name == got.Name {
				want = v.Said
			}
		}
		if !same(got.Corrections, want) {
			h.Errorf("%s, read again: people said %+v of %s, want %+v", p.Document, got.Corrections, got.Name, want)
		}
	}
}
