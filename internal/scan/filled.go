package scan

import (
	"regexp"
	"slices"
	"unicode"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// checked reports whether a checkbox or radio button is marked. One of which the
// value says so is, even where the file does not say that it looks so: programs
// that fill in forms forget that.
func (w *widgets) checked(a references.FPDF_ANNOTATION, kind DeclaredKind) bool {
	looks, err := w.instance.FPDFAnnot_IsChecked(&requests.FPDFAnnot_IsChecked{FormHandle: w.form, Annotation: a})
	if err == nil && looks.IsChecked {
		return true
	}
	alone, err := w.instance.FPDFAnnot_GetFormControlCount(&requests.FPDFAnnot_GetFormControlCount{FormHandle: w.form, Annotation: a})
	if err != nil || alone.FormControlCount != 1 || kind != DeclaredCheckbox {
		return false // the value may be that of another of its name
	}
	v, err := w.instance.FPDFAnnot_GetStringValue(&requests.FPDFAnnot_GetStringValue{Annotation: a, Key: "V"})
	return err == nil && v.Value != "" && v.Value != "Off"
}

// text returns what the file says that a field of text holds.
func (w *widgets) text(a references.FPDF_ANNOTATION) string {
	value, err := w.instance.FPDFAnnot_GetFormFieldValue(&requests.FPDFAnnot_GetFormFieldValue{FormHandle: w.form, Annotation: a})
	if err != nil {
		return ""
	}
	return value.FormFieldValue
}

// showsText is what an appearance has that shows any text, itself or through
// another object (ISO 32000-1, 9.4.3 and 8.8).
var showsText = regexp.MustCompile(`(^|[\s)>\]])(Tj|TJ|Do|'|")(\s|$)`)

// redraw has PDFium draw the values of a page that the file does not show: some
// programs fill in a form and leave it looking blank. It is to be called before
// the form is laid over its page.
func (w *widgets) redraw() error {
	notes, err := w.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: w.page})
	if err != nil {
		return err
	}
	for i := range min(notes.Count, lookedAt) {
		got, err := w.instance.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: w.page, Index: i})
		if err != nil {
			continue
		}
		w.redrawOne(got.Annotation)
		w.close(got.Annotation)
	}
	return nil
}

// redrawOne takes the look of a field of text away that has a value and does not
// show any text.
func (w *widgets) redrawOne(a references.FPDF_ANNOTATION) {
	kind, err := w.instance.FPDFAnnot_GetFormFieldType(&requests.FPDFAnnot_GetFormFieldType{FormHandle: w.form, Annotation: a})
	if err != nil || declaredKinds[kind.FormFieldType] != DeclaredText && declaredKinds[kind.FormFieldType] != DeclaredChoice {
		return
	}
	const normal = enums.FPDF_ANNOT_APPEARANCEMODE_NORMAL
	look, err := w.instance.FPDFAnnot_GetAP(&requests.FPDFAnnot_GetAP{Annotation: a, AppearanceMode: normal})
	if err != nil || showsText.MatchString(look.Value) || w.text(a) == "" {
		return
	}
	_, _ = w.instance.FPDFAnnot_SetAP(&requests.FPDFAnnot_SetAP{Annotation: a, AppearanceMode: normal}) // else it stays as it is
}

func (w *widgets) close(a references.FPDF_ANNOTATION) {
	_, _ = w.instance.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: a}) // its instance ends anyway
}

// withValues returns letters with those of what fields of text hold that are not
// among them: PDFium leaves out what no font has.
func withValues(letters []Letter, filled []Declared) []Letter {
	for _, f := range filled {
		if f.Text == "" || len(letters) > lettersMost {
			continue
		}
		var own []int
		at := boxes{{f.X, f.Y, f.X + f.Width, f.Y + f.Height}}
		for i, l := range letters {
			if at.has(l) && !l.Hidden {
				own = append(own, i)
			}
		}
		if all, more := completed(letters, own, f); more {
			letters = all
		}
	}
	return letters
}

// completed returns letters, of which own are in f, with the others that f holds,
// and whether there are any and the rest is as f has it.
func completed(letters []Letter, own []int, f Declared) (all []Letter, more bool) {
	var value []Letter
	left, k := f.X, 0
	space := true
	for _, r := range f.Text {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case k < len(own) && letters[own[k]].Text == string(r):
			l := letters[own[k]]
			value, left, k = append(value, l), l.X+l.Width, k+1
		default:
			more = true
			value = append(value, Letter{
				Text: string(r), Space: space, X: left, Y: f.Y, Width: f.X + f.Width - left, Height: f.Height,
				Lacking: len(own) > 0, Lent: true, dark: true,
			})
		}
		space = false
	}
	if !more || k < len(own) || len(own) > 0 && own[len(own)-1]-own[0] >= len(own) {
		return nil, false
	}
	if len(own) == 0 {
		return append(letters, value...), true
	}
	return slices.Concat(letters[:own[0]], value, letters[own[len(own)-1]+1:]), true
}
