package form

import "testing"

func TestCompare(t *testing.T) {
	text, box := Field{Kind: Normal}, Field{Kind: Checkbox}
	held := func(s string) Held { return Held{Text: s} }
	for _, tt := range []struct {
		name               string
		field              Field
		holds, before, now Held
		want               Comparison
	}{
		{"right both times", text, held("홍길동"), held("홍 길동"), held("홍길동\n"), Alike},
		{"wrong both times", text, held("홍길동"), held("홍갈동"), held("홍굴동"), Alike},
		{"better", text, held("1234"), held("1284"), held("１２３４"), Better},
		{"worse", text, held("가"), held("\u1100\u1161"), held(""), Worse},
		{"empty", text, held(""), held("-"), held(" "), Better},
		{"the mark counts, not its text", box, Held{"예", true}, Held{"", true}, Held{"예", false}, Worse},
	} {
		if got := tt.field.Compare(tt.holds, tt.before, tt.now); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	print := func(change func(*Template)) string {
		t.Helper()
		f := &Template{ID: 1, Name: "a", Languages: []string{"ko"}, Image: "x", Lists: map[string]*List{"banks": {Values: []string{"가"}}}}
		change(f)
		s, err := f.Fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	same := print(func(*Template) {})
	for name, change := range map[string]func(*Template){
		"picture": func(f *Template) { f.Image = "y" },
		"field":   func(f *Template) { f.Fields = []Field{{Name: "b", Kind: Normal}} },
		"list":    func(f *Template) { f.Lists["banks"].Values[0] = "나" },
		"no list": func(f *Template) { f.Lists = nil },
	} {
		if print(change) == same {
			t.Errorf("another %s has the same fingerprint", name)
		}
	}
	if print(func(f *Template) { f.ID, f.Version, f.Stage = 2, 3, Beta }) != same {
		t.Error("what a template is called where it is kept changes its fingerprint")
	}
}
