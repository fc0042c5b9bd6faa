package vote

import (
	"testing"

	"github.com/seosik/seosik/internal/ocr"
)

func TestInScript(t *testing.T) {
	text := scored("吴9芳9儀9")
	text.Words[0].Symbols[0].Alternatives = []ocr.Alternative{{Text: "昊", Confidence: .001}, {Text: "吳", Confidence: .05}}
	got := inScript(text, "zh-TW")
	if s := got.Words[0].Symbols[0]; got.String() != "吳芳儀" || s.Text != "吳" || s.Confidence < .949 || len(s.Alternatives) != 1 {
		t.Errorf("inScript = %q, %+v", got, s)
	}
	if text.String() != "吴芳儀" || text.Words[0].Symbols[0].Text != "吴" {
		t.Error("what was read is changed")
	}
	if got := inScript(text, "ko").String(); got != "吴芳儀" {
		t.Errorf("in Korean %q", got)
	}
}
