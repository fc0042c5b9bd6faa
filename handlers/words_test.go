package handlers

import (
	"encoding/json"
	"fmt"
	"image"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/seosik/seosik/internal/ocr"
)

func TestWordsAroundAFieldAreReadOnce(t *testing.T) {
	s := newSite(t)
	var asked atomic.Int32
	engine := ocr.Func(func(c ocr.Crop) (ocr.Text, error) {
		asked.Add(1)
		return ocr.Text{Words: []ocr.Word{{Text: "볼펜", Confidence: .9, Box: image.Rect(2, 3, 12, 8)}}}, nil
	})
	s.cfg.Words, s.cfg.Print = engine, func([]string) ocr.Engine { return engine }
	s.start()
	s.addUser("admin")
	s.logIn("admin", testPassword)
	id := s.addInvoice()
	for _, query := range []string{"field=2", "field=2", "x=50&y=70", "x=51&y=71"} {
		a := s.get(fmt.Sprintf("/pages/%d/words?%s", id, query)).status(http.StatusOK)
		var words []struct{ Text, Outline string }
		if err := json.Unmarshal(a.body, &words); err != nil || len(words) != 1 || words[0].Text != "볼펜" || words[0].Outline == "" {
			t.Errorf("%s: %v, %s", query, err, a.body)
		}
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("read %d times", n)
	}
	for query, status := range map[string]int{
		"":               http.StatusBadRequest,
		"field=10":       http.StatusNotFound,
		"field=-1":       http.StatusNotFound,
		"x=1e9&y=0":      http.StatusNotFound,
		"x=NaN&y=NaN":    http.StatusNotFound,
		"x=1":            http.StatusBadRequest,
		"field=x&x=1&y1": http.StatusNotFound,
	} {
		t.Log(query)
		s.get(fmt.Sprintf("/pages/%d/words?%s", id, query)).status(status)
	}
}
