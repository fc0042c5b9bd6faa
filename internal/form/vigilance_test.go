package form

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A probe is one character away from what was read, breaks no rule that this does
// not, and is not of a value that people look at anyway.
func TestProbe(t *testing.T) {
	f := &Template{Languages: []string{"ko"}, Fields: []Field{
		{ID: "name", Name: "name", Kind: Normal},
		{ID: "day", Name: "day", Kind: Normal, Rules: Rules{Date: true}},
		{ID: "doubtful", Name: "doubtful", Kind: Normal},
		{ID: "unsure", Name: "unsure", Kind: Normal},
		{ID: "part", Name: "part", Kind: Normal},
		{ID: "total", Name: "total", Kind: Normal, Rules: Rules{Sum: []string{"part"}}},
		{ID: "tick", Name: "tick", Kind: Checkbox, CheckedText: "Y", UncheckedText: "N"},
		{ID: "yes", Name: "yes", Kind: Checkbox, Group: "answer"},
		{ID: "no", Name: "no", Kind: Checkbox, Group: "answer"},
	}, Groups: []Group{{Name: "answer", Choose: ChooseOne}}}
	texts := map[FieldID]string{"name": "홍 길동", "day": "2026-11-29", "doubtful": "1", "unsure": "1", "part": "1,234", "total": "1,234"}
	var readings []Reading
	for id, text := range texts {
		r := Reading{Field: id, Text: text, Confidence: .999}
		switch id {
		case "doubtful":
			r.Reasons = []Reason{ReasonUnsure}
		case "unsure":
			r.Confidence = .98
		}
		readings = append(readings, r)
	}
	for id, checked := range map[FieldID]bool{"tick": true, "yes": true, "no": false} {
		readings = append(readings, Reading{Field: id, Checked: checked, Confidence: .999})
	}
	r := Record{Template: f, Values: Values(f, readings, nil)}
	seen := make(map[FieldID]bool)
	for seed := range uint64(500) {
		p, ok := r.Probe(seed)
		if !ok {
			t.Fatalf("seed %d: none", seed)
		}
		seen[p.Field] = true
		if p.Field == "tick" {
			if p.Shown != probeUnmarked {
				t.Errorf("a marked box became %q", p.Shown)
			}
			continue
		}
		a, b := []rune(texts[p.Field]), []rune(p.Shown)
		differ := 0
		for i := range a {
			if a[i] != b[i] {
				differ++
			}
		}
		if len(a) != len(b) || differ != 1 {
			t.Errorf("%q became %q", texts[p.Field], p.Shown)
		}
		v, _ := f.Place(p.Field)
		if ps := v.Explain(p.Shown); len(ps) > 0 {
			t.Errorf("%q breaks a rule: %+v", p.Shown, ps)
		}
	}
	if diff := cmp.Diff(map[FieldID]bool{"name": true, "day": true, "tick": true}, seen); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	r.Values[0].Reading.Text, r.Values[1].Reading.Text, r.Values[6].Reading.Confidence = "", "", .5
	if p, ok := r.Probe(1); ok {
		t.Errorf("%+v of nothing", p)
	}
}

func TestProbeIsShown(t *testing.T) {
	word := func(text string) Word {
		w := Word{Text: text, Confidence: .9}
		for _, r := range text {
			w.Symbols = append(w.Symbols, Symbol{Text: string(r), Confidence: .9})
		}
		return w
	}
	v := Value{Field: Field{Kind: Normal}, Reading: Reading{Text: "홍 길동", Confidence: .999, Words: []Word{word("홍"), word("길동")}}}
	before := v
	p := Probe{Shown: "홍 갈동", Outcome: ProbeOpen}
	p.Show(&v)
	if got := v.Reading.Words[1]; v.Text() != "홍 갈동" || got.Text != "갈동" || got.Symbols[0].Text != "갈" || !v.Doubtful() {
		t.Errorf("%+v", v.Reading)
	}
	if before.Reading.Words[1].Text != "길동" || before.Reading.Words[1].Symbols[0].Text != "길" {
		t.Error("what was read has changed")
	}
	tick := Value{Field: Field{Kind: Checkbox, CheckedText: "Y", UncheckedText: "N"}, Reading: Reading{Text: "Y", Checked: true}}
	read, unmarked := tick, Probe{Shown: probeUnmarked, Outcome: ProbeOpen}
	unmarked.Show(&tick)
	if tick.Checked() || tick.Text() != "N" || unmarked.Answer(&read, Held{Text: "N"}, "", false) != ProbeTold || unmarked.Answer(&read, Held{Text: "Y", Checked: true}, "", false) != ProbeCaught {
		t.Errorf("%+v", tick)
	}
	for _, tt := range []struct {
		was   ProbeOutcome
		said  string
		mark  Mark
		knows bool
		want  ProbeOutcome
	}{
		{ProbeOpen, "홍갈동", "", false, ProbeTold},
		{ProbeOpen, "홍길동", "", false, ProbeCaught},
		{ProbeOpen, "홍길순", "", false, ProbeVoid},
		{ProbeOpen, "", MarkIllegible, false, ProbeVoid},
		{ProbeTold, "홍길동", "", true, ProbeMissed},
		{ProbeTold, "홍갈동", "", true, ProbeVoid},
		{ProbeTold, "홍갈동", "", false, ProbeTold},
		{ProbeTold, "", MarkIllegible, false, ProbeVoid},
	} {
		p := Probe{Shown: "홍 갈동", Outcome: tt.was}
		if got := p.Answer(&before, Held{Text: tt.said}, tt.mark, tt.knows); got != tt.want {
			t.Errorf("%s, %q, %t: %s, want %s", tt.was, tt.said, tt.knows, got, tt.want)
		}
	}
}
