package export

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

func TestJSONLines(t *testing.T) {
	tpl := template()
	var b strings.Builder
	if err := Write(&b, one(tpl), &form.Export{Format: form.FormatJSONL}, records(tpl,
		map[form.FieldID]string{"이름": "<김>\n\x01", "no": "0123", "items[2,0]": "연필"},
		map[form.FieldID]string{}), heads); err != nil {
		t.Fatal(err)
	}
	want := `{"file":"스캔, 1.pdf","page":"1","fields":{"이름":"<김>\n\u0001","no":"0123","agree":"0","fax":""},"combined":{"id":"<김>\n\u0001/0123"},` +
		`"tables":{"items":[{"row":"2","품목":"연필","금액":""}]}}` + "\n" +
		`{"file":"스캔, 1.pdf","page":"2","fields":{"이름":"","no":"","agree":"0","fax":""},"combined":{"id":"/"},"tables":{"items":[]}}` + "\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// said returns a record of which a person has corrected the first field.
func said(tpl *form.Template) form.Record {
	return form.Record{
		Page: form.PageInfo{Page: form.Page{ID: 7, Number: 1}, DocumentName: "a.pdf"}, Template: tpl,
		Values: form.Values(tpl, []form.Reading{
			{Field: "이름", Text: "김철", Confidence: 0.5, Engine: "two", Reasons: []form.Reason{"unsure", "border"}, Where: geom.XYWH(1, 2, 10, 5).Quad()},
			{Field: "items[1,1]", Text: "9", Confidence: 0.9, Engine: "two", Ruled: "sum"},
		}, []form.Correction{
			{Field: "이름", Text: "김철수", ByName: "박", At: time.Date(2026, 11, 2, 3, 4, 5, 0, time.Local), Override: true},
			{Field: "fax", Mark: form.MarkIllegible, ByName: "박", At: time.Date(2026, 11, 2, 3, 4, 5, 0, time.Local)},
		}),
	}
}

func TestProvenance(t *testing.T) {
	tpl := template()
	tpl.Fields[1].Personal = form.PersonalResident
	tpl.Tables[0].Columns[0].Personal = form.PersonalHealth
	list := func(yield func(form.Record, error) bool) { yield(said(tpl), nil) }
	o := heads
	o.For, o.Impersonal = Program, true
	var b strings.Builder
	if err := Write(&b, one(tpl), &form.Export{Format: form.FormatCSV, Part: form.PartProvenance}, list, o); err != nil {
		t.Fatal(err)
	}
	want := "#id,파일,쪽,#table,행,#field,#value,#machine,#confidence,#reasons,#rule,#mark,#override,#by,#at,#box,#link\r\n" +
		"7,a.pdf,1,,,이름,김철수,김철,0.500,unsure border,,,yes,박,2026-11-02 03:04:05,1 2 11 2 11 7 1 7,/pages/7\r\n" +
		"7,a.pdf,1,,,agree,0,,,,,,,,,,/pages/7\r\n7,a.pdf,1,,,fax,,,,,,illegible,,박,2026-11-02 03:04:05,,/pages/7\r\n" +
		"7,a.pdf,1,items,1,금액,9,9,0.900,,sum,,,,,0 0 0 0 0 0 0 0,/pages/7\r\n7,a.pdf,1,items,2,금액,,,,,,,,,,,/pages/7\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("CSV (-want +got):\n%s", d)
	}
	o.Provenance = true
	_, sheets := book(t, one(tpl), list, o)
	if got := sheets["항목#provenance"]; len(got) != 6 || got[1][6] != "김철수" || got[1][7] != "김철" {
		t.Errorf("sheet: %q", got)
	}
	b.Reset()
	if err := Write(&b, one(tpl), &form.Export{Format: form.FormatJSONL}, list, o); err != nil {
		t.Fatal(err)
	}
	var line struct {
		Fields map[string]jsonOrigin
		Tables map[string][]map[string]any
	}
	if err := json.Unmarshal([]byte(b.String()), &line); err != nil {
		t.Fatal(err)
	}
	if f := line.Fields["이름"]; f.Value != "김철수" || f.Machine != "김철" || *f.Confidence != 0.5 || f.By != "박" || !f.Override || len(f.Box) != 8 || len(f.Reasons) != 2 {
		t.Errorf("field %+v", f)
	}
	if _, ok := line.Fields["no"]; ok || len(line.Tables["items"]) != 1 {
		t.Errorf("%s", b.String())
	}
}

func TestCP949(t *testing.T) {
	tpl := template()
	o := heads
	o.CP949, o.Misfits = true, new(form.Misfits)
	var b bytes.Buffer
	if err := writeFields(&b, one(tpl), records(tpl, map[form.FieldID]string{"이름": "뷁쉙 홍길동 é鷗", "no": "😀1"}), o); err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(b.Bytes(), []byte(bom)) || !bytes.Contains(b.Bytes(), []byte("\x94\xee\x9ao ")) {
		t.Errorf("%q", b.Bytes())
	}
	want := []form.Misfit{{Column: "이름", Char: "é"}, {Column: "no", Char: "😀"}, {Column: "id", Char: "é"}, {Column: "id", Char: "😀"}}
	if d := cmp.Diff(want, o.Misfits.List); d != "" {
		t.Errorf("misfits (-want +got):\n%s", d)
	}
	if !bytes.Contains(b.Bytes(), []byte("\xa1\xeb1")) {
		t.Errorf("no mark in the place of what is missing: %q", b.Bytes())
	}
}

func TestSeal(t *testing.T) {
	text := strings.Repeat("홍길동,0123\r\n", 10_000)
	var b bytes.Buffer
	w, err := Seal(&b, "내역.csv", "열려라", time.Date(2026, 11, 2, 3, 4, 6, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitAfterSeq(text, "\n") {
		if _, err := io.WriteString(w, part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f := z.File[0]
	if f.Name != "내역.csv" || f.Method != aesMethod || f.Flags&1 == 0 || f.CRC32 != 0 || f.UncompressedSize64 != uint64(len(text)) {
		t.Errorf("%+v", f.FileHeader)
	}
	if got := unseal(t, f, "열려라"); got != text {
		t.Errorf("read back %d bytes, want %d", len(got), len(text))
	}
	if _, err := Seal(&b, "x", "", time.Now()); err == nil {
		t.Error("an empty password is taken")
	}
}

// unseal reads an encrypted file, by the words of its format.
func unseal(t *testing.T, f *zip.File, password string) string {
	t.Helper()
	raw, err := f.OpenRaw()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := pbkdf2.Key(sha1.New, password, data[:16], 1000, 66)
	if err != nil {
		t.Fatal(err)
	}
	cipher, auth := data[18:len(data)-10], data[len(data)-10:]
	mac := hmac.New(sha1.New, keys[32:64])
	mac.Write(cipher)
	if !bytes.Equal(keys[64:], data[16:18]) || !bytes.Equal(mac.Sum(nil)[:10], auth) {
		t.Error("the password or the code of the data does not fit")
	}
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, len(cipher))
	for i := range cipher {
		var counter, pad [16]byte
		for n, k := i/16+1, 0; n > 0; n, k = n>>8, k+1 {
			counter[k] = byte(n)
		}
		block.Encrypt(pad[:], counter[:])
		plain[i] = cipher[i] ^ pad[i%16]
	}
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(plain)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// memory returns what the process has of the system, in MB, less what it gave
// back.
func memory() float64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return float64(samples[0].Value.Uint64()-samples[1].Value.Uint64()) / (1 << 20)
}

// However many rows there are, they are written within 64 MB, in all formats.
func TestMemory(t *testing.T) { writeMany(t, 20_000) }

func BenchmarkMemory(b *testing.B) { writeMany(b, 100_000) }

func writeMany(t testing.TB, rows int) {
	t.Helper()
	tpl := template()
	for _, format := range form.ExportFormats {
		before, most := memory(), 0.0
		list := func(yield func(form.Record, error) bool) {
			for i := range rows {
				if i%500 == 0 {
					most = max(most, memory())
				}
				readings := []form.Reading{
					{Field: "이름", Text: fmt.Sprint("홍길동 ", i)},
					{Field: "no", Text: fmt.Sprintf("%012d", i)},
					{Field: "items[1,0]", Text: "숙박비"},
					{Field: "items[2,1]", Text: fmt.Sprint(i)},
				}
				p := form.PageInfo{Page: form.Page{ID: form.PageID(i + 1), Number: 1}, DocumentName: "a.pdf"}
				if !yield(form.Record{Page: p, Template: tpl, Values: form.Values(tpl, readings, nil)}, nil) {
					return
				}
			}
		}
		o := heads
		o.TempDir = t.TempDir()
		start := time.Now()
		w, err := Seal(io.Discard, "x", "y", start)
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(w, one(tpl), &form.Export{Format: format}, list, o); err != nil {
			t.Fatal(err)
		}
		most = max(most, memory())
		t.Logf("%s: %d records in %v, %.0f MB before, %.0f MB at most", format, rows, time.Since(start).Round(time.Millisecond), before, most)
		if most-before > 64 {
			t.Errorf("%s: %.0f MB more than before", format, most-before)
		}
	}
}
