package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inventory writes down what is in the house, as people said it, and as the
// release answers it.
func (s *story) inventory(ctx context.Context) error {
	s.house.Users = users
	for _, name := range slices.Sorted(maps.Keys(s.chains)) {
		s.house.Templates = append(s.house.Templates, s.chains[name].describe())
	}
	slices.SortFunc(s.house.Templates, func(a, b templateOfHouse) int { return a.ID - b.ID })
	for _, sh := range s.sheets {
		r, err := s.record(ctx, sh)
		if err != nil {
			return err
		}
		s.house.Pages = append(s.house.Pages, sh.describe(r))
	}
	return nil
}

func (c *chain) describe() templateOfHouse {
	t := c.templateOfHouse
	newest := c.versions[len(c.versions)-1].names()
	for _, p := range c.versions[len(c.versions)-1].places() {
		t.Places = append(t.Places, p.name)
	}
	for i := len(c.versions) - 2; i >= 0; i-- {
		for _, p := range c.versions[i].places() {
			if _, there := newest[p.key]; !there && !slices.Contains(t.Retired, p.name) {
				t.Retired = append(t.Retired, p.name)
			}
		}
	}
	return t
}

// describe returns what is to be found of a page, of which the release answers r.
func (sh *sheet) describe(r *record) page {
	p := sh.page
	p.State, p.Failure, p.Validation = r.State, r.Failure, r.Validation
	p.Template, p.Version, p.Combined = r.Template.ID, r.Template.Version, r.Combined
	if sh.of == nil {
		return p
	}
	newest := sh.of.versions[len(sh.of.versions)-1].names()
	for i, place := range sh.of.versions[sh.with].places() {
		read := r.Values[i]
		v := value{
			Name: place.name, Text: read.Reading.Text, Checked: read.Reading.Checked, Confidence: read.Reading.Confidence,
			Said: sh.said[place.key],
		}
		if name, there := newest[place.key]; !there {
			v.Newest = "-"
		} else if name != place.name {
			v.Newest = name
		}
		if !same(v.Said, read.Corrections) {
			v.Before, p.Misfiled = &r.Values[i].Corrections, true
		}
		p.Values = append(p.Values, v)
	}
	return p
}

// same reports whether the same was said.
func same(a, b []said) bool {
	return slices.EqualFunc(a, b, func(a, b said) bool {
		return a.Text == b.Text && a.By == b.By && a.At.Equal(b.At) && (a.Checked == nil) == (b.Checked == nil) && (a.Checked == nil || *a.Checked == *b.Checked)
	})
}

// answers returns what the release answers of the house, by the names of files:
// the results of all pages, and all that can be downloaded.
func (s *story) answers(ctx context.Context) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, d := range s.house.Domains {
		var uids []string
		for _, sh := range s.sheets {
			if sh.Domain == d.ID {
				uids = append(uids, sh.UID)
			}
		}
		for path, question := range map[string]any{"results": map[string]any{"uids": uids}, "records/search": map[string]any{"limit": 100}} {
			var answer json.RawMessage
			if err := s.program[d.ID].ask(ctx, s.own(d.ID, path), nil, question, &answer); err != nil {
				return nil, err
			}
			name, _, _ := strings.Cut(path, "/")
			files[fmt.Sprintf("%s-%d.json", name, d.ID)] = answer
		}
	}
	for _, c := range s.chains {
		parts := []string{fmt.Sprint(c.ID)}
		for _, t := range c.versions[0].Tables {
			parts = append(parts, fmt.Sprintf("%d:%s", c.ID, t.Name))
		}
		for _, part := range parts {
			for _, reader := range []string{"program", "spreadsheet"} {
				data, err := s.people["admin"].get(ctx, exportPath(part, reader))
				if err != nil {
					return nil, err
				}
				files[exportName(part, reader)] = data
			}
		}
	}
	return files, nil
}
