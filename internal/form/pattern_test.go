package form

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/geom"
)

// patterned returns a template of n fields that have the pattern.
func patterned(n int, pattern string) *Template {
	t := &Template{Name: "large", Languages: []string{"ko"}, ImageName: "template.png", Width: 1000, Height: 1000}
	for i := range n {
		name := fmt.Sprint("f", i)
		t.Fields = append(t.Fields, Field{
			ID: FieldID(name), Name: name, Kind: Normal, ValueType: All, Box: geom.XYWH(10, 10, 100, 20), Rules: Rules{Pattern: pattern},
		})
	}
	return t
}

func TestPatternsAreBounded(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fields  int
		pattern string
		want    string // empty where it is allowed
	}{
		{"a date", 1000, `\d{4}-\d{2}-\d{2}`, ""},
		{"a name", 1000, `[가-힣]{2,5}`, ""},
		{"a long text", 10, `.{0,900}`, ""},
		{"no pattern", maxPlaces, ``, ""},
		{"repeated often", 1, strings.Repeat(`\pL{999}`, 120), "fields[0] f0: rules.pattern: has "},
		{"nested", 1, `(?:abcdefghij{10}){100}`, "fields[0] f0: rules.pattern: has "},
		{"without an end", 1, `(?:\d\d){1000,}`, "fields[0] f0: rules.pattern: has "},
		{"too long", 1, strings.Repeat("a", maxText+1), "fields[0] f0: rules.pattern: is longer than"},
		{"large together", maxPlaces, `(?:a{90}){10}`, "rules.pattern: the patterns up to here"},
		{"long together", maxPlaces, `[` + strings.Repeat(`\pL`, 300) + `]`, "rules.pattern: the patterns up to here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := patterned(tt.fields, tt.pattern).Validate()
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if _, ok := errors.AsType[*InvalidTemplateError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate = %v, want %q in it", err, tt.want)
			}
		})
	}
}

// The largest pattern that one field can have, stored for every field: more
// than Validate lets pass today.
func TestStoredPatternsCostNothingToLoad(t *testing.T) {
	pattern := strings.Repeat(`\pL{999}`, 2)
	data, err := EncodeTemplate(patterned(maxPlaces, pattern))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	tpl, err := DecodeStored(data)
	if err != nil || len(tpl.Fields) != maxPlaces {
		t.Fatalf("DecodeStored: %v", err)
	}
	loaded := time.Since(began)
	for i := range tpl.Fields {
		if rs := tpl.Fields[i].Problems("가"); len(rs) != 1 {
			t.Fatalf("Problems = %v, want the pattern", rs)
		}
	}
	used := time.Since(began) - loaded
	t.Logf("loaded in %v, used in %v", loaded, used)
	// A tenth of a second is expected; the machine may be busy.
	if loaded > time.Second || used > time.Second {
		t.Errorf("loaded in %v, used in %v", loaded, used)
	}
}

func TestPatternsAreCompiledOnceAndNotKeptForEver(t *testing.T) {
	var p patterns
	if re := p.get("a|b"); re == nil || re != p.get("a|b") || re.MatchString("ab") {
		t.Errorf("get = %v, want one that matches whole texts, twice the same", re)
	}
	if p.get("(") != nil {
		t.Error("a broken pattern is compiled")
	}
	for i := range 300 {
		p.get(fmt.Sprintf("%d.{1000}", i))
		if p.size > 2*maxPatterns {
			t.Fatalf("%d steps are held after %d patterns", p.size, i)
		}
	}
}

func BenchmarkDecodeStored(b *testing.B) {
	data, err := EncodeTemplate(patterned(maxPlaces, strings.Repeat(`\pL{999}`, 2)))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := DecodeStored(data); err != nil {
			b.Fatal(err)
		}
	}
}
