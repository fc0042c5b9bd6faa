package factor

import (
	"bytes"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"
)

// The secret and the codes of RFC 6238, appendix B, of which the last six digits are
// shown.
func TestStep(t *testing.T) {
	const secret = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	tests := []struct {
		name, code string
		now        int64
		step       int64 // 0: wrong
	}{
		{"of the RFC", "287082", 59, 1},
		{"of the RFC, later", "081804", 1111111109, 37037036},
		{"with a space", "081 804", 1111111109, 37037036},
		{"wide digits", "０８１８０４", 1111111109, 37037036},
		{"a period late", "081804", 1111111109 + 30, 37037036},
		{"a period early", "081804", 1111111109 - 30, 37037036},
		{"two periods late", "081804", 1111111109 + 60, 0},
		{"two periods early", "081804", 1111111109 - 60, 0},
		{"wrong", "081805", 1111111109, 0},
		{"all eight digits", "07081804", 1111111109, 0},
		{"nothing", "", 1111111109, 0},
		{"letters", "abcdef", 1111111109, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			step, ok := secret.Step(tt.code, time.Unix(tt.now, 0))
			if step != tt.step || ok != (tt.step != 0) {
				t.Errorf("Step(%q) = %d, %v, want %d", tt.code, step, ok, tt.step)
			}
		})
	}
}

func TestSecretsDiffer(t *testing.T) {
	a, b := New(), New()
	if a == b {
		t.Error("two secrets are equal")
	}
	now := time.Now()
	code, err := a.Code(now)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := a.Step(code, now); !ok {
		t.Error("the code of now is wrong")
	}
	picture, err := a.Picture("서식: 우리", "홍길동")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := png.Decode(bytes.NewReader(picture)); err != nil || p.Bounds().Dx() != side {
		t.Errorf("the picture: %v", err)
	}
}

func TestCodesOnPaper(t *testing.T) {
	codes := NewCodes()
	if len(codes) != Codes || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != Codes {
		t.Fatalf("%d codes, want %d different ones", len(codes), Codes)
	}
	typed := strings.ToLower(strings.ReplaceAll(codes[0], " ", "-"))
	if !bytes.Equal(Hash(codes[0]), Hash(typed)) || bytes.Equal(Hash(codes[0]), Hash(codes[1])) {
		t.Errorf("Hash(%q) is not that of %q", typed, codes[0])
	}
}
