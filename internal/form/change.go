package form

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// maxChanges is how many changes of a draft are made in one go.
const maxChanges = 2 * maxPlaces

// A Change is what somebody did to one part of a draft: what was there before,
// and what is after. A field or table whose Before is nil is added; one whose
// After is nil is removed; otherwise both hold the properties that change, as in
// template.json, and one that is null or not there is none.
//
// Of the template itself the properties name, lang, title, review, groups and combine can
// change, and the order of fields and of tables: "order" and "tableOrder" hold
// the same ids in Before and After, of all fields or tables or of some.
type Change struct {
	Part   string                     `json:"part"` // "fields", "tables" or "template"
	ID     string                     `json:"id"`   // of the field or table; empty for the template
	Before map[string]json.RawMessage `json:"before"`
	After  map[string]json.RawMessage `json:"after"`
	Index  int                        `json:"index"` // among its like, of what is added
}

// A Refusal is a change that was not made, because what it changes is neither as
// it was before nor as it is after.
type Refusal struct {
	Part     string `json:"part"`
	ID       string `json:"id"`
	Property string `json:"property"` // the first that is so; empty where a field or table is gone, or was to be removed
}

// Change returns t with changes, in their order, and those that were refused,
// each as a whole. An error is an *InvalidError or an *InvalidTemplateError, and
// says what is no change of a template. The result may have defects.
func (t *Template) Change(changes []Change) (_ *Template, refused []Refusal, err error) {
	if len(changes) > maxChanges {
		return nil, nil, Invalid("changes", "are more than %d", maxChanges)
	}
	d := document{head: fileOf(t)}
	d.fields, d.tables = pointers(d.head.Fields), pointers(d.head.Tables)
	d.head.Fields, d.head.Tables = nil, nil
	for i, c := range changes {
		r, err := d.change(&c)
		if err != nil {
			return nil, nil, fmt.Errorf("changes[%d]: %w", i, err)
		}
		if r != nil {
			refused = append(refused, *r)
		}
	}
	f := d.file()
	if n := f.places(); n > 2*maxPlaces {
		return nil, nil, BadTemplate("fields", DefectPlaces, n, maxPlaces)
	}
	next, is := *t, f.template(new(defects))
	next.Name, next.Languages, next.Title, next.Review = is.Name, is.Languages, is.Title, is.Review
	next.Fields, next.Tables, next.Groups, next.Combine = is.Fields, is.Tables, is.Groups, is.Combine
	if _, err := EncodeTemplate(&next); err != nil { // sides of a box are too large to be added up
		return nil, nil, BadTemplate("box", DefectNotNumbers)
	}
	return &next, refused, nil
}

// A document is a template while it is changed.
type document struct {
	head   fileTemplate // without its fields and tables
	fields []*fileField
	tables []*fileTable
}

func pointers[T any](list []T) []*T {
	all := make([]*T, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return all
}

func values[T any](list []*T) []T {
	all := make([]T, len(list))
	for i, p := range list {
		all[i] = *p
	}
	return all
}

func (d *document) file() *fileTemplate {
	f := d.head
	f.Fields, f.Tables = values(d.fields), values(d.tables)
	return &f
}

// places counts the fields and cells of f, those of headers and those that are
// one cell too.
func (f *fileTemplate) places() int {
	n := len(f.Fields)
	for _, t := range f.Tables {
		for _, row := range t.Cells {
			n += len(row)
		}
	}
	return n
}

// change makes c, or tells why it is refused.
func (d *document) change(c *Change) (*Refusal, error) {
	switch c.Part {
	case "fields":
		return changeElement(&d.fields, c, func(f *fileField) fileField { return toFileField(f.field()) })
	case "tables":
		return changeElement(&d.tables, c, func(f *fileTable) fileTable {
			t := f.table(new(defects).in(""))
			return toFileTable(&t)
		})
	case "template":
		return d.changeHead(c)
	}
	return nil, Invalid("part", "is none of fields, tables, template")
}

func refusal(c *Change, property string) *Refusal { return &Refusal{c.Part, c.ID, property} }

// An element is what a list of a template has.
type element interface {
	fileField | fileTable
}

func idOf[T element](e *T) string {
	switch e := any(e).(type) {
	case *fileField:
		return e.ID
	case *fileTable:
		return e.ID
	}
	return ""
}

// changeElement makes a change of a field or table of list. Plain returns one as
// it is when it was kept.
func changeElement[T element](list *[]*T, c *Change, plain func(*T) T) (*Refusal, error) {
	if !isID(c.ID) {
		return nil, Invalid("id", "is not a UUID")
	}
	at := slices.IndexFunc(*list, func(e *T) bool { return idOf(e) == c.ID })
	switch {
	case c.Before == nil && c.After == nil:
		return nil, Invalid("", "neither before nor after is there")
	case c.Before == nil:
		return nil, addElement(list, at >= 0, c)
	case at < 0 && c.After == nil:
		return nil, nil
	case at < 0:
		return refusal(c, ""), nil
	case c.After == nil:
		return removeElement(list, at, c, plain)
	}
	next, property, err := threeWay(*(*list)[at], c.Before, c.After, plain)
	switch {
	case err != nil:
		return nil, err
	case property != "":
		return refusal(c, property), nil
	case idOf(&next) != c.ID:
		return nil, Invalid("after.id", "cannot change")
	}
	(*list)[at] = &next
	return nil, nil
}

// addElement adds what c says to list, unless it is there.
func addElement[T element](list *[]*T, there bool, c *Change) error {
	var added T
	if err := overlay(&added, c.After); err != nil {
		return err
	}
	if idOf(&added) != c.ID {
		return Invalid("after.id", "is another one than id")
	}
	if !there {
		*list = slices.Insert(*list, min(max(0, c.Index), len(*list)), &added)
	}
	return nil
}

// removeElement removes the element of list at an index, if it is as before.
func removeElement[T element](list *[]*T, at int, c *Change, plain func(*T) T) (*Refusal, error) {
	var before T
	if err := overlay(&before, c.Before); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(plain(&before), plain((*list)[at])) {
		return refusal(c, ""), nil
	}
	*list = slices.Delete(*list, at, at+1)
	return nil, nil
}

// headed are the properties of a template that changes of itself may have,
// besides orders.
var headed = []string{"name", "lang", "title", "review", "groups", "combine"}

// changeHead makes a change of the template itself.
func (d *document) changeHead(c *Change) (*Refusal, error) {
	before, after := maps.Clone(c.Before), maps.Clone(c.After)
	fields, ok, err := reorder(d.fields, "order", before, after)
	if err != nil {
		return nil, err
	}
	if !ok {
		return refusal(c, "order"), nil
	}
	tables, ok, err := reorder(d.tables, "tableOrder", before, after)
	if err != nil {
		return nil, err
	}
	if !ok {
		return refusal(c, "tableOrder"), nil
	}
	for _, m := range []map[string]json.RawMessage{before, after} {
		for k := range m {
			if !slices.Contains(headed, k) {
				return nil, Invalid(shown(k), "cannot change")
			}
		}
	}
	head, property, err := threeWay(d.head, before, after, func(f *fileTemplate) fileTemplate {
		return fileOf(f.template(new(defects)))
	})
	if err != nil {
		return nil, err
	}
	if property != "" {
		return refusal(c, property), nil
	}
	d.head, d.fields, d.tables = head, fields, tables
	return nil, nil
}

// reorder takes an order out of before and after, and returns list in that. The
// elements that are named keep the places that they have together. It reports
// false where they are no longer in the order of before.
func reorder[T element](list []*T, property string, before, after map[string]json.RawMessage) ([]*T, bool, error) {
	if before[property] == nil && after[property] == nil {
		return list, true, nil
	}
	was, want, err := bothOrders(property, before[property], after[property])
	if err != nil {
		return nil, false, err
	}
	delete(before, property)
	delete(after, property)
	there, named := make(map[string]*T), make(map[string]bool)
	for _, id := range was {
		named[id] = true
	}
	var is []string
	for _, e := range list {
		if id := idOf(e); named[id] {
			there[id], is = e, append(is, id)
		}
	}
	gone := func(id string) bool { return there[id] == nil }
	was, want = slices.DeleteFunc(was, gone), slices.DeleteFunc(want, gone)
	if !slices.Equal(is, was) && !slices.Equal(is, want) {
		return nil, false, nil
	}
	ordered := slices.Clone(list)
	for i := range ordered {
		if named[idOf(ordered[i])] {
			ordered[i], want = there[want[0]], want[1:]
		}
	}
	return ordered, true, nil
}

// bothOrders reads two lists of the same ids.
func bothOrders(property string, before, after json.RawMessage) (was, want []string, err error) {
	if json.Unmarshal(before, &was) != nil || json.Unmarshal(after, &want) != nil {
		return nil, nil, Invalid(property, "is not a list of ids before and after")
	}
	a, b := slices.Sorted(slices.Values(was)), slices.Sorted(slices.Values(want))
	if !slices.Equal(a, b) || len(slices.Compact(a)) != len(b) {
		return nil, nil, Invalid(property, "does not hold the same ids before and after, each once")
	}
	return was, want, nil
}

// threeWay returns now with c, or the first property that is neither as before
// nor as after. Plain makes values that mean the same alike.
func threeWay[T any](now T, before, after map[string]json.RawMessage, plain func(*T) T) (next T, property string, err error) {
	was, next := now, now
	if err := overlay(&was, before); err != nil {
		return next, "", err
	}
	if err := overlay(&next, after); err != nil {
		return next, "", err
	}
	is, was, will := plain(&now), plain(&was), plain(&next)
	for _, m := range []map[string]json.RawMessage{before, after} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			v := propertyOf(&is, k).Interface()
			if !reflect.DeepEqual(v, propertyOf(&will, k).Interface()) && !reflect.DeepEqual(v, propertyOf(&was, k).Interface()) {
				return next, k, nil
			}
		}
	}
	return next, "", nil
}

// overlay sets properties of the struct that to points to. What is null is set to
// nothing.
func overlay(to any, with map[string]json.RawMessage) error {
	var d decoder
	for _, k := range slices.Sorted(maps.Keys(with)) {
		p := propertyOf(to, k)
		if !p.IsValid() {
			d.in(shown(k)).add("", DefectUnknown)
			continue
		}
		p.SetZero()
		d.value(d.in(k), with[k], p)
	}
	return d.err()
}

// propertyOf returns the field of the struct that of points to which is written
// as that property, or the zero Value.
func propertyOf(of any, property string) reflect.Value {
	v := reflect.ValueOf(of).Elem()
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name == property {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}
