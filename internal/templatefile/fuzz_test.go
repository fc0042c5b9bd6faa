package templatefile

import (
	"bytes"
	"testing"
)

// FuzzTemplateFile fuzzes files of templates, whether one ZIP or the text with a picture.
func FuzzTemplateFile(f *testing.F) {
	blank := picture(f, 40, 50)
	f.Add(zipped(f, map[string][]byte{"template.json": []byte(text), "blank.png": blank}), []byte{})
	f.Add(zipped(f, map[string][]byte{"a/template.json": []byte(text), "a/blank.png": blank, "__MACOSX/a/template.json": {0}}), []byte{})
	f.Add([]byte(text), blank)
	f.Fuzz(func(t *testing.T, file, beside []byte) {
		files := map[string][]byte{"a.zip": file}
		if len(beside) > 0 {
			files = map[string][]byte{jsonName: file, "blank.png": beside}
		}
		got, err := FromFiles(t.Context(), files)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Zip(&b, got); err != nil {
			t.Fatal(err)
		}
		if _, err := Unzip(t.Context(), b.Bytes()); err != nil {
			t.Errorf("not read back: %v", err)
		}
	})
}
