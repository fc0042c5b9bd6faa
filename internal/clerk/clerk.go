// Package clerk reads pages of the site as programs need it that do a clerk's work:
// those that measure and those that kill. The program does not contain it.
package clerk

import "regexp"

var (
	pageLink  = regexp.MustCompile(`href="/pages/(\d+)"`)
	valueForm = regexp.MustCompile(`name="field" value="(\d+)"[^>]*>\s*<input[^>]*name="run" value="(\d+)"[^>]*>\s*<input[^>]*name="seen" value="(\d+)"`)
	textInput = regexp.MustCompile(`id="field-(\d+)-input" name="text"`)
)

// Pages returns the ids of the pages that a list links to. One may come twice.
func Pages(list []byte) (ids []string) {
	for _, m := range pageLink.FindAllSubmatch(list, -1) {
		ids = append(ids, string(m[1]))
	}
	return ids
}

// A Value is one of a page that is a text, as its form sends it.
type Value struct{ Field, Run, Seen string }

// Texts returns the values of a page under review that are texts.
func Texts(page []byte) (values []Value) {
	texts := make(map[string]bool)
	for _, m := range textInput.FindAllSubmatch(page, -1) {
		texts[string(m[1])] = true
	}
	for _, m := range valueForm.FindAllSubmatch(page, -1) {
		if v := (Value{string(m[1]), string(m[2]), string(m[3])}); texts[v.Field] {
			values = append(values, v)
		}
	}
	return values
}
