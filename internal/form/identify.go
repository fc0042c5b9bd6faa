package form

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/seosik/seosik/internal/geom"
)

// provisional returns what a field without an id is known by: its name. What a
// field is called must not pass for an id.
func provisional(name string) FieldID {
	if isID(name) {
		return FieldID("[" + name + "]") // no name has brackets
	}
	return FieldID(name)
}

func isID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// lasting returns id where it is one that Identify gives to a field, or "".
func (id FieldID) lasting() string {
	if isID(string(id)) {
		return string(id)
	}
	return ""
}

func indexed(i int) string { return fmt.Sprintf("[%d]", i) }

// shownReference returns id where it can stand in a line.
func shownReference(id FieldID) string {
	if len([]rune(id)) > 2*maxName || hidden(string(id)) {
		return "?"
	}
	return string(id)
}

// sound reports whether the parts of t fit together, so that it has cells.
func (t *Table) sound() bool {
	return t.Header >= 0 && t.Header+len(t.Rows) == len(t.Cells) &&
		!slices.ContainsFunc(t.Cells, func(row []geom.Box) bool { return len(row) != len(t.Columns) })
}

// ids returns the FieldID of each place by what it is called in the file.
func (t *Template) ids() map[FieldID]FieldID {
	ids := make(map[FieldID]FieldID)
	t.eachReference(func(name, id FieldID) { ids[name] = id })
	return ids
}

// references returns what each place is called in the file by its FieldID.
func (t *Template) references() map[FieldID]FieldID {
	names := make(map[FieldID]FieldID)
	t.eachReference(func(name, id FieldID) { names[id] = name })
	return names
}

func (t *Template) eachReference(do func(name, id FieldID)) {
	for _, f := range t.Places() {
		if f.Table == "" {
			do(FieldID(f.Name), f.ID)
			continue
		}
		do(t.tableOf(&f).cellReference(f.Row, f.Column), f.ID)
	}
}

// Names returns by what name readings of t went before fields had ids: the
// name, or the table, row and column, of each place, by its FieldID.
func (t *Template) Names() map[FieldID]string {
	names := make(map[FieldID]string)
	t.eachReference(func(name, id FieldID) { names[id] = string(name) })
	return names
}

// renameParts has the combined fields refer to places by other ids.
func (t *Template) renameParts(to map[FieldID]FieldID) {
	for i := range t.Combine {
		parts := t.Combine[i].Parts
		for k := range parts {
			if id, ok := to[parts[k].Field]; ok {
				parts[k].Field = id
			}
		}
	}
}

// eachID calls do with every id of t: of fields, tables, columns, rows and
// groups. Where is for people.
func (t *Template) eachID(do func(at func(*defects) spot, property, id string)) {
	for i, f := range t.Fields {
		do(func(ds *defects) spot { return ds.of("fields", i, shown(f.Name)) }, "id", f.ID.lasting())
		if f.ID.lasting() == "" && f.ID != provisional(f.Name) {
			do(func(ds *defects) spot { return ds.of("fields", i, shown(f.Name)) }, "id", string(f.ID))
		}
	}
	for i := range t.Tables {
		table := &t.Tables[i]
		at := func(ds *defects) spot { return ds.of("tables", i, shown(table.Name)) }
		do(at, "id", table.ID)
		for k, c := range table.Columns {
			do(at, "columnIds"+indexed(k), c.ID)
		}
		for k, r := range table.Rows {
			do(at, "rowIds"+indexed(k), r.ID)
		}
	}
	for i, g := range t.Groups {
		do(func(ds *defects) spot { return ds.of("groups", i, shown(g.Name)) }, "id", g.ID)
	}
}

// checkIDs wants ids to be UUIDs, each there once.
func (t *Template) checkIDs(ds *defects) {
	owner := make(map[string]string)
	t.eachID(func(at func(*defects) spot, property, id string) {
		switch {
		case id == "":
		case !isID(id):
			at(ds).add(property, DefectIDForm)
		case owner[id] != "":
			at(ds).add(property, DefectIDTwice, owner[id])
		default:
			owner[id] = at(ds).in("%s", property).at.Where()
		}
	})
}

// sameBox is how much of two boxes, over what both cover (intersection over
// union), is common where they are of one thing.
const sameBox = .5

// A thing is what has an id: a field, table, column, row or group.
type thing struct {
	id   string // "" for none
	kind string // only things of one kind are matched
	name string // "" for none
	box  geom.Box
	keep func(id string)
}

// Identify gives each field, table, column, row and group of t that has no id
// the one of the same thing of before, an older version or nil: of what has the
// same name, or else the same place. What is in neither has a new one. Boxes are
// compared at the size of t's picture.
func (t *Template) Identify(before *Template) {
	if before == nil {
		before = new(Template)
	}
	m := matcher{taken: make(map[string]bool), samePicture: t.Image == before.Image}
	before = before.scaled(t.Width, t.Height)
	t.eachID(func(_ func(*defects) spot, _, id string) { m.taken[id] = true })
	names := t.references()
	m.match(t.fieldThings(), before.fieldThings())
	m.match(t.groupThings(), before.groupThings())
	m.match(t.tableThings(), before.tableThings())
	for i := range t.Tables {
		m.table(&t.Tables[i], before)
	}
	ids := t.ids()
	for id, name := range names {
		names[id] = ids[name]
	}
	t.renameParts(names)
}

// scaled returns a copy of t whose boxes are those of a picture of that size.
func (t *Template) scaled(width, height int) *Template {
	c := *t
	if t.Width <= 0 || t.Height <= 0 {
		return &c
	}
	x, y := float64(width)/float64(t.Width), float64(height)/float64(t.Height)
	scale := func(b geom.Box) geom.Box { return geom.XYWH(b.Min.X*x, b.Min.Y*y, b.Width()*x, b.Height()*y) }
	c.Fields, c.Tables = slices.Clone(t.Fields), slices.Clone(t.Tables)
	for i := range c.Fields {
		c.Fields[i].Box = scale(c.Fields[i].Box)
	}
	for i := range c.Tables {
		table := &c.Tables[i]
		table.Box = scale(table.Box)
		table.Cells = make([][]geom.Box, len(t.Tables[i].Cells))
		for r, row := range t.Tables[i].Cells {
			for _, b := range row {
				table.Cells[r] = append(table.Cells[r], scale(b))
			}
		}
	}
	return &c
}

// A matcher finds in an older version what has no id.
type matcher struct {
	taken       map[string]bool // ids that are in use
	samePicture bool
}

// match gives the things of now that have no id the ids of before, or new ones.
func (m *matcher) match(now, before []thing) {
	m.byName(now, before)
	m.byBox(now, before)
	for i := range now {
		if now[i].id == "" {
			now[i].take(uuid.Must(uuid.NewV7()).String())
		}
	}
}

func (th *thing) take(id string) {
	th.id = id
	th.keep(id)
}

// free reports whether b may be what n is.
func (m *matcher) free(n, b *thing) bool {
	return n.id == "" && b.id != "" && !m.taken[b.id] && n.kind == b.kind
}

func (m *matcher) byName(now, before []thing) {
	named := make(map[string][]*thing)
	for i := range before {
		named[before[i].name] = append(named[before[i].name], &before[i])
	}
	for i := range now {
		n := &now[i]
		if n.name == "" {
			continue
		}
		for _, b := range named[n.name] {
			if m.free(n, b) {
				m.take(n, b)
				break
			}
		}
	}
}

func (m *matcher) take(n, b *thing) {
	m.taken[b.id] = true
	n.take(b.id)
}

// byBox matches what lies in the same place, the best first.
func (m *matcher) byBox(now, before []thing) {
	type pair struct {
		n, b *thing
		iou  float64
	}
	var pairs []pair
	for i := range now {
		for k := range before {
			n, b := &now[i], &before[k]
			if !m.free(n, b) {
				continue
			}
			if iou := overlap(n.box, b.box); iou >= sameBox {
				pairs = append(pairs, pair{n, b, iou})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.iou, a.iou) })
	for _, p := range pairs {
		if m.free(p.n, p.b) {
			m.take(p.n, p.b)
		}
	}
}

// overlap returns the area that two boxes share over that which both cover.
func overlap(a, b geom.Box) float64 {
	width := min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X)
	height := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	if width <= 0 || height <= 0 {
		return 0
	}
	shared := width * height
	return shared / (a.Width()*a.Height() + b.Width()*b.Height() - shared)
}

func (t *Template) fieldThings() []thing {
	things := make([]thing, len(t.Fields))
	for i := range t.Fields {
		f := &t.Fields[i]
		kind := "text"
		if f.Kind == Checkbox {
			kind = "mark"
		}
		things[i] = thing{f.ID.lasting(), kind, f.Name, f.Box, func(id string) { f.ID = FieldID(id) }}
	}
	return things
}

// groupThings returns the groups of t. One lies where its checkboxes do.
func (t *Template) groupThings() []thing {
	boxes := make(map[string]geom.Box)
	for _, f := range t.Fields {
		if f.Group != "" {
			boxes[f.Group] = boxes[f.Group].Union(f.Box)
		}
	}
	things := make([]thing, len(t.Groups))
	for i := range t.Groups {
		g := &t.Groups[i]
		things[i] = thing{g.ID, "group", g.Name, boxes[g.Name], func(id string) { g.ID = id }}
	}
	return things
}

func (t *Template) tableThings() []thing {
	things := make([]thing, len(t.Tables))
	for i := range t.Tables {
		table := &t.Tables[i]
		things[i] = thing{table.ID, "table", table.Name, table.Box, func(id string) { table.ID = id }}
	}
	return things
}

// table matches the columns and rows of a table, which has its id.
func (m *matcher) table(t *Table, before *Template) {
	old := new(Table)
	if i := slices.IndexFunc(before.Tables, func(b Table) bool { return b.ID == t.ID }); i >= 0 {
		old = &before.Tables[i]
	}
	for _, things := range []func(*Table) []thing{(*Table).columnThings, (*Table).rowThings} {
		now, then := things(t), things(old)
		m.moveAlong(now, then)
		m.match(now, then)
	}
}

// moveAlong moves the boxes of then where the table was moved as a whole: so
// that its first lies where the first of now does, if more are in the same places
// then; or each to that of the same number, where none is in its place as it was.
func (m *matcher) moveAlong(now, then []thing) {
	if len(now) == 0 || len(then) == 0 {
		return
	}
	by := now[0].box.Min.Sub(then[0].box.Min)
	moved := slices.Clone(then)
	for i := range moved {
		moved[i].box = geom.Box{Min: moved[i].box.Min.Add(by), Max: moved[i].box.Max.Add(by)}
	}
	before, after := inPlace(now, then), inPlace(now, moved)
	switch {
	case before == 0 && len(now) == len(then):
		for i := range then {
			then[i].box = now[i].box
		}
	case after > before && (before == 0 || !m.samePicture):
		copy(then, moved)
	}
}

// inPlace counts the things of now that lie where one of then does.
func inPlace(now, then []thing) (n int) {
	for i := range now {
		if slices.ContainsFunc(then, func(b thing) bool { return overlap(now[i].box, b.box) >= sameBox }) {
			n++
		}
	}
	return n
}

// columnThings returns the columns of t, which have a width only.
func (t *Table) columnThings() []thing {
	things := make([]thing, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		var b geom.Box
		for r := 0; t.sound() && r < len(t.Cells); r++ {
			b = narrow(b, t.Cells[r][i].Min.X, t.Cells[r][i].Max.X)
		}
		things[i] = thing{c.ID, "column", c.Name, b, func(id string) { c.ID = id }}
	}
	return things
}

// rowThings returns the rows of t below the header, which have a height only,
// and no names.
func (t *Table) rowThings() []thing {
	things := make([]thing, len(t.Rows))
	for i := range t.Rows {
		r := &t.Rows[i]
		var b geom.Box
		if t.sound() {
			for _, cell := range t.Cells[t.Header+i] {
				b = narrow(b, cell.Min.Y, cell.Max.Y)
			}
		}
		things[i] = thing{r.ID, "row", "", b, func(id string) { r.ID = id }}
	}
	return things
}

// narrow returns the span, as a box of the height 1, that b and a cell have in
// common: cells may span several rows or columns. Where they have none, b stays.
func narrow(b geom.Box, from, to float64) geom.Box {
	if b.Empty() {
		return geom.XYWH(from, 0, to-from, 1)
	}
	if least, most := max(b.Min.X, from), min(b.Max.X, to); least < most {
		b.Min.X, b.Max.X = least, most
	}
	return b
}
