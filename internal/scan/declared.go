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
			size, err := d.size(n)
			if err != nil {
				return err
			}
			pictures, err := d.pictures(n)
			if err != nil {
				return err
			}
			g, err := gridOf(size, pictures, limits)
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
	page := d.page(n)
	notes, err := d.instance.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page})
	if err != nil {
		return nil, broken(err)
	}
	if notes.Count == 0 {
		return nil, nil
	}
	err = d.withForm(page, func(form references.FPDF_FORMHANDLE) error {
		w := widgets{d, form, page, g}
		for i := 0; i < min(notes.Count, lookedAt) && len(fields) < declaredMost; i++ {
			if f, ok := w.field(i); ok {
				fields = append(fields, f)
			}
		}
		return nil
	})
	if err != nil {
		return nil, broken(err)
	}
	return fields, nil
}

// widgets are the notes on a page that may be fields.
type widgets struct {
	*document
	form references.FPDF_FORMHANDLE
	page requests.Page
	grid grid
}

var declaredKinds = map[enums.FPDF_FORMFIELD_TYPE]DeclaredKind{
	enums.FPDF_FORMFIELD_TYPE_TEXTFIELD:   DeclaredText,
	enums.FPDF_FORMFIELD_TYPE_CHECKBOX:    DeclaredCheckbox,
	enums.FPDF_FORMFIELD_TYPE_RADIOBUTTON: DeclaredRadio,
	enums.FPDF_FORMFIELD_TYPE_COMBOBOX:    DeclaredChoice,
	enums.FPDF_FORMFIELD_TYPE_LISTBOX:     DeclaredChoice,
}

// field returns note i, from 0, where it is a field that can be seen. What the
// file does not say is left empty: PDFium tells no more of it.
func (w *widgets) field(i int) (f Declared, ok bool) {
	got, err := w.instance.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: w.page, Index: i})
	if err != nil {
		return f, false
	}
	a := got.Annotation
	defer func() {
		_, _ = w.instance.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: a}) // its instance ends anyway
	}()
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
		f.Comb = w.comb(a)
	case DeclaredChoice:
		f.Options = w.options(a)
	default:
		if value, err := w.instance.FPDFAnnot_GetFormFieldExportValue(&requests.FPDFAnnot_GetFormFieldExportValue{FormHandle: w.form, Annotation: a}); err == nil {
			f.Value = short(value.Value)
		}
	}
	return f, true
}

func (w *widgets) hidden(a references.FPDF_ANNOTATION) bool {
	const unseen = enums.FPDF_ANNOT_FLAG_HIDDEN | enums.FPDF_ANNOT_FLAG_NOVIEW
	flags, err := w.instance.FPDFAnnot_GetFlags(&requests.FPDFAnnot_GetFlags{Annotation: a})
	return err != nil || flags.Flags&unseen != 0
}

// finer is how many parts of a pixel places are told in: PDFium tells them in whole
// numbers.
const finer = 16

// place sets where a stands.
func (w *widgets) place(a references.FPDF_ANNOTATION, f *Declared) error {
	got, err := w.instance.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: a})
	if err != nil {
		return err
	}
	x0, y0, err := w.pixel(got.Rect.Left, got.Rect.Top)
	if err != nil {
		return err
	}
	x1, y1, err := w.pixel(got.Rect.Right, got.Rect.Bottom)
	if err != nil {
		return err
	}
	width, height := float64(w.grid.width), float64(w.grid.height)
	f.X, f.Y = max(0, min(x0, x1)), max(0, min(y0, y1))
	f.Width, f.Height = min(width, max(x0, x1))-f.X, min(height, max(y0, y1))-f.Y
	if !(f.Width >= 1 && f.Height >= 1) {
		return errors.New("it is not on the page")
	}
	return nil
}

// pixel returns where a point of the page, in points, is drawn.
func (w *widgets) pixel(x, y float32) (px, py float64, err error) {
	at, err := w.instance.FPDF_PageToDevice(&requests.FPDF_PageToDevice{
		Page: w.page, SizeX: finer * w.grid.width, SizeY: finer * w.grid.height, PageX: float64(x), PageY: float64(y),
	})
	if err != nil {
		return 0, 0, err
	}
	return float64(at.DeviceX) / finer, float64(at.DeviceY) / finer, nil
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
