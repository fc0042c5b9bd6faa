package scan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// electronic returns a PDF of one page of 100 x 50 points with fields, each a
// dictionary without its type and page.
func electronic(entries string, fields ...string) []byte {
	var refs []string
	for i := range fields {
		refs = append(refs, fmt.Sprintf("%d 0 R", 5+i))
		fields[i] = "<</Type/Annot/Subtype/Widget/P 3 0 R/F 4" + fields[i] + ">>"
	}
	all := strings.Join(refs, " ")
	return page("/AcroForm<</Fields["+all+"]>>", "/Annots["+all+"]"+entries, "", fields...)
}

func TestDeclaredFields(t *testing.T) {
	file := electronic("",
		"/FT/Tx/T(name)/TU(\xfe\xff\xc1\x31\xba\x85)/Rect[10 30 50 40]",
		"/FT/Tx/T(id)/Ff 16777216/MaxLen 6/Rect[60 30 90 40]",
		"/FT/Btn/T(agree)/AP<</N<</Yes<<>>/Off<<>>>>>>/AS/Off/Rect[10 10 15 15]",
		"/FT/Ch/T(bank)/Ff 131072/Opt[(\xfe\xff\xad\x6d\xbb\xfc)[(x)(y)]]/Rect[20 10 50 15]",
		"/FT/Btn/Ff 65536/T(push)/Rect[60 10 70 15]", // a button
		"/FT/Sig/T(sign)/Rect[60 10 70 15]",          // a place for a signature
		"/FT/Tx/T(unseen)/F 2/Rect[80 10 90 15]",     // hidden
		"/FT/Tx/T(away)/Rect[200 100 210 110]",       // not on the page
		"/FT/Tx/T(flat)/Rect[20 20 20 20]",
	)
	got, err := DeclaredFields(t.Context(), file, 1, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	const px = 200. / 72
	want := []Declared{
		{Name: "name", Label: "성명", Kind: DeclaredText, X: 10 * px, Y: 10 * px, Width: 40 * px, Height: 10 * px},
		{Name: "id", Kind: DeclaredText, Comb: 6, X: 60 * px, Y: 10 * px, Width: 30 * px, Height: 10 * px},
		{Name: "agree", Kind: DeclaredCheckbox, Value: "Yes", X: 10 * px, Y: 35 * px, Width: 5 * px, Height: 5 * px},
		{Name: "bank", Kind: DeclaredChoice, Options: []string{"국민", "y"}, X: 20 * px, Y: 35 * px, Width: 30 * px, Height: 5 * px},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, .3)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A page that is turned has its fields where people see them.
func TestDeclaredFieldsOfATurnedPage(t *testing.T) {
	got, err := DeclaredFields(t.Context(), electronic("/Rotate 90", "/FT/Tx/T(name)/Rect[10 30 50 40]"), 1, Limits{})
	const px = 200. / 72
	want := []Declared{{Name: "name", Kind: DeclaredText, X: 30 * px, Y: 10 * px, Width: 10 * px, Height: 40 * px}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, .3)); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// The buttons of a question have one name, and each what it stands for.
func TestDeclaredRadioButtons(t *testing.T) {
	button := func(value, rect string) string {
		return "<</Type/Annot/Subtype/Widget/F 4/Parent 5 0 R/AS/Off/AP<</N<</" + value + "<<>>/Off<<>>>>>>/Rect[" + rect + "]>>"
	}
	file := page("/AcroForm<</Fields[5 0 R]>>", "/Annots[6 0 R 7 0 R]", "",
		"<</FT/Btn/Ff 32768/T(sex)/Kids[6 0 R 7 0 R]>>", button("M", "10 10 15 15"), button("F", "30 10 35 15"))
	got, err := DeclaredFields(t.Context(), file, 1, Limits{})
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, value := range []string{"M", "F"} {
		if f := got[i]; f.Kind != DeclaredRadio || f.Name != "sex" || f.Value != value {
			t.Errorf("button %d: %+v", i, f)
		}
	}
}

func TestWhatAFileDeclaresIsCutOff(t *testing.T) {
	options := "/Opt[" + strings.Repeat("(x)", 2*declaredOptions) + "]"
	file := electronic("", "/FT/Ch/Ff 131072/T("+strings.Repeat("n", 2*declaredText)+")/Rect[10 30 50 40]"+options)
	got, err := DeclaredFields(t.Context(), file, 1, Limits{})
	if err != nil || len(got) != 1 || len(got[0].Name) != declaredText || len(got[0].Options) != declaredOptions {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNothingIsDeclared(t *testing.T) {
	for name, file := range map[string][]byte{"no PDF": []byte("GIF89a"), "no form": page("", "", "")} {
		if got, err := DeclaredFields(t.Context(), file, 1, Limits{}); got != nil || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := DeclaredFields(t.Context(), []byte("%PDF-1.4 and no more"), 1, Limits{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := DeclaredFields(ctx, electronic("", "/FT/Tx/T(a)/Rect[10 30 50 40]"), 1, Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
