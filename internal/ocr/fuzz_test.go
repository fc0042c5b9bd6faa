package ocr

import (
	"bytes"
	"runtime"
	"testing"
)

// FuzzResponse fuzzes what a child that was taken over may answer: the server
// must not fall over it, nor take memory that nobody has sent.
func FuzzResponse(f *testing.F) {
	for _, v := range []any{
		greeting{Engines: []wireEngine{{"func", []string{"ko"}, map[string]string{"ko": "가"}}}},
		response{Texts: []Text{{Words: []Word{{Text: "가", Confidence: 1, Symbols: []Symbol{{Text: "가", Alternatives: []Alternative{{Text: "나", Confidence: .5}}}}}}}}},
		response{Status: statusFailed, Detail: "cannot"},
	} {
		var b bytes.Buffer
		if err := writeFrame(&b, v); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var g greeting
		_ = readFrame(bytes.NewReader(sent), &g)
		var r response
		if err := readFrame(bytes.NewReader(sent), &r); err == nil {
			_ = check(r.Texts, len(r.Texts))
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20+1000*uint64(len(sent)) {
			t.Errorf("%d bytes took %d MiB", len(sent), took>>20)
		}
	})
}
