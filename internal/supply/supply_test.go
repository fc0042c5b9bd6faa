package main

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// may are the licences under which others may be a part of Seosik.
var may = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unlicense", "LGPL-3.0-or-later"}

func TestSupply(t *testing.T) {
	parts, err := all(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("NOTICE is complete", func(t *testing.T) { testNotice(t, parts) })
	t.Run("the SBOM names all", func(t *testing.T) { testSBOM(t, parts) })
}

func testNotice(t *testing.T, parts []part) {
	for _, p := range parts {
		for id := range strings.SplitSeq(p.licence, " AND ") {
			if !slices.Contains(may, id) {
				t.Errorf("%s is under %s, which was not thought about", p.name, id)
			}
		}
		if len(p.texts) == 0 {
			t.Errorf("%s has no text of its licence", p.name)
		}
	}
	var want bytes.Buffer
	if err := notice(&want, parts); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(root + "/NOTICE")
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("NOTICE is not what the program is made of: make notice (%v)", err)
	}
}

func testSBOM(t *testing.T, parts []part) {
	b := sbom("1", append(parts, debian([]string{"a/tesseract-ocr_5.3.0-2_amd64.deb", "a/seosik_1_amd64.deb"})...))
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"pkg:golang/modernc.org/sqlite@v", "pkg:npm/htmx.org@", "pkg:npm/onnxruntime-node@", "pkg:generic/libheif@1.18.2",
		"pkg:generic/seosik_ko", "pkg:deb/debian/tesseract-ocr@5.3.0-2?arch=amd64", "LGPL-3.0-or-later",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the SBOM has no %s", want)
		}
	}
	if strings.Contains(string(text), "pkg:deb/debian/seosik@") {
		t.Error("the SBOM has Seosik as a part of itself")
	}
}
