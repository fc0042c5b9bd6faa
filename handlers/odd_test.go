package handlers

import (
	"encoding/json"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// Files of unusual kinds get the answers that are listed beside them.
func TestOddFiles(t *testing.T) {
	odd, dev := beside.Bench(t, "odd"), beside.Bench(t, "dev")
	text, err := os.ReadFile(filepath.Join(odd, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		t.Skip("looks for templates on two dozen pages")
	}
	var expected map[string]struct {
		Expect string
		Truth  []string // the pages, by the folder of their template
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	a := newRealAPI(t)
	added := map[string]bool{}
	for _, e := range expected {
		for _, page := range e.Truth {
			if name := path.Dir(page); !added[name] {
				added[name] = true
				a.addTemplate(filepath.Join(dev, name))
			}
		}
	}
	for name, e := range expected {
		t.Run(name, func(t *testing.T) {
			a.in(t)
			file, err := os.ReadFile(filepath.Join(odd, name))
			if err != nil {
				t.Fatal(err)
			}
			switch an := a.asked("infer", "V2", file, true); {
			case e.Expect == "refuse" || len(file) == 0:
				an.refused(clova.ErrBody, "")
			case e.Expect == "read":
				an.reads(len(e.Truth), clova.Paged(file))
			default:
				want := map[string]string{"error": "ERROR", "no match": "FAILURE"}[e.Expect]
				if got := results(an); got != want {
					t.Errorf("result %q, want %q", got, want)
				}
			}
		})
	}
}

// reads checks that an answer has so many pages, each with its template.
func (a *answer) reads(pages int, paged bool) {
	a.s.Helper()
	if got, want := results(a), strings.TrimSpace(strings.Repeat("SUCCESS ", pages)); got != want {
		a.s.Errorf("results %q, want %q", got, want)
	}
	var got struct{ Images []clova.Image2 }
	if err := json.Unmarshal(a.body, &got); err != nil {
		a.s.Fatal(err)
	}
	for i, image := range got.Images {
		if info := image.ConvertedImageInfo; paged != (info != nil) || paged && info.PageIndex != i {
			a.s.Errorf("page %d: convertedImageInfo %+v", i, info)
		}
	}
}

// results lists the inferResult of each image of an answer.
func results(a *answer) string {
	a.s.Helper()
	var got struct {
		Images []struct{ InferResult string }
	}
	if err := json.Unmarshal(a.status(http.StatusOK).body, &got); err != nil {
		a.s.Fatal(err)
	}
	var list []string
	for _, image := range got.Images {
		list = append(list, image.InferResult)
	}
	return strings.Join(list, " ")
}

// addTemplate puts the template of a folder into service.
func (a *api) addTemplate(dir string) {
	a.Helper()
	definition, err := os.ReadFile(filepath.Join(dir, "template.json"))
	if err != nil {
		a.Fatal(err)
	}
	f, err := form.DecodeTemplate(definition)
	if err != nil {
		a.Fatal(err)
	}
	picture, err := os.ReadFile(filepath.Join(dir, f.ImageName))
	if err != nil {
		a.Fatal(err)
	}
	f.Domain, f.Stage = a.domain.ID, form.Service
	if f.Image, err = a.cfg.Blobs.Put(a.Context(), picture); err != nil {
		a.Fatal(err)
	}
	if _, err := a.cfg.DB.SaveTemplate(a.Context(), form.Command, f); err != nil {
		a.Fatal(err)
	}
}
