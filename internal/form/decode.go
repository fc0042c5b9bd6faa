package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// A decoder reads JSON into the types of the template file, and goes on where a
// part of it is wrong, so that all that is wrong is said at once.
type decoder struct{ defects }

// decode reads data into file, a pointer to a struct. What is wrong with the
// text as a whole ends it.
func (d *decoder) decode(data []byte, file any) {
	var whole json.RawMessage
	text := json.NewDecoder(bytes.NewReader(data))
	if err := text.Decode(&whole); err != nil {
		d.notJSON(err)
		return
	}
	if _, err := text.Token(); !errors.Is(err, io.EOF) {
		d.in("").add("", DefectJSONAfter)
		return
	}
	d.value(d.in(""), whole, reflect.ValueOf(file).Elem())
}

func (d *decoder) notJSON(err error) {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		d.in("").add("", DefectJSON, e.Offset, e.Error())
		return
	}
	d.in("").add("", DefectJSONEnd)
}

// value reads raw into v. A null leaves it as it is, as encoding/json does.
func (d *decoder) value(at spot, raw json.RawMessage, v reflect.Value) {
	if string(raw) == "null" {
		return
	}
	if u, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		if u.UnmarshalJSON(raw) != nil {
			at.add("", DefectInForm)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(at, raw, v.Elem())
	case reflect.Struct:
		d.object(at, raw, v)
	case reflect.Slice, reflect.Array:
		d.entries(at, raw, v)
	default:
		if json.Unmarshal(raw, v.Addr().Interface()) != nil {
			at.add("", DefectType, kindOf(raw), wantedKind(v.Kind()))
		}
	}
}

// object reads the members of raw into the fields of v, and tells the others.
func (d *decoder) object(at spot, raw json.RawMessage, v reflect.Value) {
	if kindOf(raw) != "object" {
		at.add("", DefectType, kindOf(raw), "object")
		return
	}
	members := json.NewDecoder(bytes.NewReader(raw))
	_, _ = members.Token() // raw is an object, and is sound
	for members.More() {
		name, _ := members.Token()
		var value json.RawMessage
		if members.Decode(&value) != nil {
			return
		}
		field, ok := member(v, fmt.Sprint(name))
		if !ok {
			at.add(shown(fmt.Sprint(name)), DefectUnknown)
			continue
		}
		d.value(at.in("%s", fmt.Sprint(name)), value, field)
	}
}

// entries reads raw into a slice or an array. Entries of the lists of the template
// itself are where defects are.
func (d *decoder) entries(at spot, raw json.RawMessage, v reflect.Value) {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		at.add("", DefectType, kindOf(raw), "list")
		return
	}
	if v.Kind() == reflect.Array {
		if len(entries) != v.Len() {
			at.add("", DefectBoxLength, len(entries))
			return
		}
	} else {
		v.Set(reflect.MakeSlice(v.Type(), len(entries), len(entries)))
	}
	for i, entry := range entries {
		of := at.in("[%d]", i)
		if part := at.at.Property; at.at.Part == "" && v.Type().Elem().Kind() == reflect.Struct {
			of = d.of(part, i, nameOf(entry))
		}
		d.value(of, entry, v.Index(i))
	}
}

// nameOf returns the name of an entry, if it has one.
func nameOf(entry json.RawMessage) string {
	var named struct{ Name any }
	_ = json.Unmarshal(entry, &named)
	name, _ := named.Name.(string)
	return shown(name)
}

// shown returns name where it can stand in a line.
func shown(name string) string {
	if len([]rune(name)) > maxName || checkVisible("", name) != nil {
		return "?"
	}
	return name
}

// member returns the field of v for a member of that name. Like encoding/json
// it takes other capitals too.
func member(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if strings.EqualFold(tag, name) {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// kindOf returns what kind of JSON raw is.
func kindOf(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "object"
	case '[':
		return "list"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	}
	return "number"
}

func wantedKind(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int:
		return "whole number"
	}
	return "number"
}

// DecodeField reads the text of one field, as it stands in a template.json of these
// languages, to judge values by its rules: the only field of the template that it
// returns. What a rule says of other fields is not looked at. An error is an
// *InvalidTemplateError with all that is wrong, beside what could be read.
func DecodeField(data []byte, languages []string) (*Template, error) {
	var d decoder
	var f fileField
	d.decode(data, &f)
	t := &Template{Languages: languages, Fields: []Field{f.field()}}
	all := t.ruled(&d.defects)
	checkPatterns(all)
	for _, r := range all {
		r.rules.check(r.at)
	}
	return t, d.err()
}
