package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/beside"
	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// A scan of two claims on A3 gets an answer for each of them, is two pages for
// people, and a line each in downloads.
func TestTwoFormsOnOneScan(t *testing.T) {
	dev := beside.Bench(t, "dev")
	file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), "two-forms-one-scan.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	a := newRealAPI(t)
	a.addTemplate(filepath.Join(dev, "ko-claim"))
	an := a.asked("infer", "V2", file, true)
	if got := results(an); got != "SUCCESS SUCCESS" {
		t.Fatalf("results %q", got)
	}
	var got struct{ Images []clova.Image2 }
	if err := json.Unmarshal(an.body, &got); err != nil {
		t.Fatal(err)
	}
	for i, image := range got.Images {
		if image.Warning != "" || image.MatchedTemplate.Name == "" || image.ConvertedImageInfo != nil {
			t.Errorf("image %d: %+v", i, image)
		}
		for _, f := range image.Fields {
			for _, v := range f.BoundingPoly.Vertices {
				if right := v.X > 1654; right != (i == 1) { // of the whole picture, which is 3308 px wide
					t.Fatalf("image %d: field %s lies at %v", i, f.Name, v)
				}
			}
		}
	}
	pages, err := a.cfg.DB.Pages(t.Context(), form.Everything, db.PageFilter{})
	if err != nil || len(pages) != 2 || pages[0].Label() != "1 (1)" || pages[1].Label() != "1 (2)" || pages[1].UID != got.Images[1].UID {
		t.Fatalf("%v, pages %+v", err, pages)
	}
	a.addUser("admin")
	a.logIn("admin", testPassword)
	for i, p := range pages {
		body := string(a.get(fmt.Sprintf("/pages/%d", p.ID)).status(http.StatusOK).body)
		if !strings.Contains(body, p.Label()+"쪽") || !strings.Contains(body, `data-part="`) || i == 1 && !strings.Contains(body, `data-part="16`) {
			t.Errorf("page %s is not shown as a part", p.Label())
		}
	}
	text := string(a.get(fmt.Sprintf("/export/csv?for=program&part=%d&state=review&state=done", pages[0].Template)).status(http.StatusOK).body)
	csv := strings.Split(text, "\n")
	if n := len(slices.DeleteFunc(csv, func(s string) bool { return !strings.Contains(s, "1 (") })); n != 2 {
		t.Errorf("%d lines of two parts in a download: %q", n, text)
	}
}
