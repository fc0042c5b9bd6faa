package scan

import (
	"context"
	"errors"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Limits of the fields that a page of a PDF declares; what is beyond is left out.
const (
	declaredMost    = 4000
	declaredOptions = 200
	declaredText    = 500 // characters of a name or text
)

// A DeclaredKind is what a declared field holds.
type DeclaredKind int

// The kinds.
const (
	DeclaredText     DeclaredKind = iota + 1
	DeclaredCheckbox              // to be marked or not
	DeclaredRadio                 // one of those of its name is marked
	DeclaredChoice                // one of its options
)

// A Declared is a field that an electronic PDF declares, where it stands on a page
// (AcroForm, ISO 32000-1, 12.7).
type Declared struct {
	Name    string // with those of what it is part of: "form[0].page[0].name"
	Label   string // what people are told that it is; may be empty
	Kind    DeclaredKind
	Value   string   // of DeclaredCheckbox and DeclaredRadio: what a mark stands for; may be empty
	Checked bool     // of these: whether the file says that it is marked
	Text    string   // of DeclaredText and DeclaredChoice: what it holds
	Options []string // of DeclaredChoice
	Comb    int      // of DeclaredText: how many characters stand in boxes of their own; 0 for none

	// Pixels of the page, as Pages draws it.
	X, Y, Width, Height float64
}

// DeclaredFields returns the fields that page n of a file, from 1, declares. Only
// PDFs declare any. Places for signatures and buttons are none, nor is what
// cannot be seen.
func DeclaredFields(ctx context.Context, file []byte, n int, limits Limits) (fields []Declared, err error) {
	limits = limits.withDefaults()
	if len(file) > limits.Bytes || !isPDF(file) {
		return nil, nil
	}
	err = guard(ctx, func() error {
		return inSandbox(ctx, file, func(d *document) error {
			g, _, err := d.grid(n, limits)
			if err != nil {
				return err
			}
			fields, err = d.declared(n, g)
			return err
		})
	})
	return fields, err
}

// declared returns the fields of page n, which is drawn on g.
func (d *document) declared(n int, g grid) (fields []Declared, err error) {
	err = d.onForm(n, g, func(w widgets, notes int) error {
		fields = w.fields(notes)
		return nil
	})
	return fields, err
}

// onForm calls use with the form on page n, which is drawn on g, and with how many
// notes are there, if there are any.
func (d *document) onForm(n int, g grid, use func(w widgets, notes int) error) error {
	page := d.page(n)
	notes, err := d.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page})
	if err != nil {
		return broken(err)
	}
	if notes.Count == 0 {
		return nil
	}
	err = d.withForm(page, func(form references.FPDF_FORMHANDLE) error {
		return use(widgets{pixels{d, page, g}, form}, notes.Count)
	})
	if err != nil {
		return broken(err)
	}
	return nil
}

// widgets are the notes on a page that may be fields.
type widgets struct {
	pixels
	form references.FPDF_FORMHANDLE
}

var declaredKinds = map[enums.FPDF_FORMFIELD_TYPE]DeclaredKind{
	enums.FPDF_FORMFIELD_TYPE_TEXTFIELD:   DeclaredText,
	enums.FPDF_FORMFIELD_TYPE_CHECKBOX:    DeclaredCheckbox,
	enums.FPDF_FORMFIELD_TYPE_RADIOBUTTON: DeclaredRadio,
	enums.FPDF_FORMFIELD_TYPE_COMBOBOX:    DeclaredChoice,
	enums.FPDF_FORMFIELD_TYPE_LISTBOX:     DeclaredChoice,
}

// fields returns those of the first notes of the page that are fields.
func (w *widgets) fields(notes int) (found []Declared) {
	for i := 0; i < min(notes, lookedAt) && len(found) < declaredMost; i++ {
		if f, ok := w.field(i); ok {
			found = append(found, f)
		}
	}
	return found
}

// field returns note i, from 0, where it is a field that can be seen. What the
// file does not say is left empty: PDFium tells no more of it.
func (w *widgets) field(i int) (f Declared, ok bool) {
	got, err := w.instance.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: w.page, Index: i})
	if err != nil {
		return f, false
	}
	a := got.Annotation
	defer w.close(a)
	kind, err := w.instance.FPDFAnnot_GetFormFieldType(&requests.FPDFAnnot_GetFormFieldType{FormHandle: w.form, Annotation: a})
	if err != nil || declaredKinds[kind.FormFieldType] == 0 || w.hidden(a) {
		return f, false
	}
	f.Kind = declaredKinds[kind.FormFieldType]
	if w.place(a, &f) != nil {
		return f, false
	}
	if name, err := w.instance.FPDFAnnot_GetFormFieldName(&requests.FPDFAnnot_GetFormFieldName{FormHandle: w.form, Annotation: a}); err == nil {
		f.Name = short(name.FormFieldName)
	}
	if label, err := w.instance.FPDFAnnot_GetFormFieldAlternateName(&requests.FPDFAnnot_GetFormFieldAlternateName{FormHandle: w.form, Annotation: a}); err == nil {
		f.Label = short(label.FormFieldAlternateName)
	}
	switch f.Kind {
	case DeclaredText:
		f.Comb, f.Text = w.comb(a), short(w.text(a))
	case DeclaredChoice:
		f.Options, f.Text = w.options(a), short(w.text(a))
	default:
		if value, err := w.instance.FPDFAnnot_GetFormFieldExportValue(&requests.FPDFAnnot_GetFormFieldExportValue{FormHandle: w.form, Annotation: a}); err == nil {
			f.Value = short(value.Value)
		}
		f.Checked = w.checked(a, f.Kind)
	}
	return f, true
}

func (w *widgets) hidden(a references.FPDF_ANNOTATION) bool {
	const unseen = enums.FPDF_ANNOT_FLAG_HIDDEN | enums.FPDF_ANNOT_FLAG_NOVIEW
	flags, err := w.instance.FPDFAnnot_GetFlags(&requests.FPDFAnnot_GetFlags{Annotation: a})
	return err != nil || flags.Flags&unseen != 0
}

// place sets where a stands.
func (w *widgets) place(a references.FPDF_ANNOTATION, f *Declared) error {
	got, err := w.instance.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: a})
	if err != nil {
		return err
	}
	r := got.Rect
	at, err := w.box(float64(r.Left), float64(r.Top), float64(r.Right), float64(r.Bottom))
	if err != nil {
		return err
	}
	f.X, f.Y = max(0, at[0]), max(0, at[1])
	f.Width, f.Height = min(float64(w.grid.width), at[2])-f.X, min(float64(w.grid.height), at[3])-f.Y
	if !(f.Width >= 1 && f.Height >= 1) {
		return errors.New("it is not on the page")
	}
	return nil
}

// comb returns how many characters of a text stand in boxes of their own.
func (w *widgets) comb(a references.FPDF_ANNOTATION) int {
	const comb = 1 << 24 // ISO 32000-1, table 228
	flags, err := w.instance.FPDFAnnot_GetFormFieldFlags(&requests.FPDFAnnot_GetFormFieldFlags{FormHandle: w.form, Annotation: a})
	if err != nil || flags.Flags&comb == 0 {
		return 0
	}
	most, err := w.instance.FPDFAnnot_GetNumberValue(&requests.FPDFAnnot_GetNumberValue{Annotation: a, Key: "MaxLen"})
	if err != nil || !(most.Value >= 1 && most.Value <= declaredText) {
		return 0
	}
	return int(most.Value)
}

// options returns the texts that may be chosen.
func (w *widgets) options(a references.FPDF_ANNOTATION) (texts []string) {
	count, err := w.instance.FPDFAnnot_GetOptionCount(&requests.FPDFAnnot_GetOptionCount{FormHandle: w.form, Annotation: a})
	if err != nil {
		return nil
	}
	for i := range min(count.OptionCount, declaredOptions) {
		text, err := w.instance.FPDFAnnot_GetOptionLabel(&requests.FPDFAnnot_GetOptionLabel{FormHandle: w.form, Annotation: a, Index: i})
		if err != nil {
			return nil
		}
		texts = append(texts, short(text.OptionLabel))
	}
	return texts
}

// short returns text, or as much of it as is kept.
func short(text string) string {
	rs := []rune(text)
	return string(rs[:min(len(rs), declaredText)])
}
