package form

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMask(t *testing.T) {
	for _, tt := range []struct {
		class      Personal
		text, want string
	}{
		{PersonalResident, "900101-1234568", "●●●●●●-●●●●●●●"},
		{PersonalResident, "", ""},
		{PersonalPassport, "M12345678", "●●●●●●●●●"},
		{PersonalCard, "1234-5678-9012-3456", "●●●●-●●●●-●●●●-3456"},
		{PersonalCard, "3456", "●●●●"},
		{PersonalAccount, "110-234-567890", "●●●-●●●-●●7890"},
		{PersonalAccount, "1234567", "●●●●●●●"},
		{PersonalName, "홍길동", "홍●●"},
		{PersonalName, "홍", "●"},
		{PersonalName, "Jane A Doe", "J●●● ● D●●"},
		{PersonalContact, "010-1234-5678", "●●●-●●●●-5678"},
		{PersonalContact, "hong@example.com", "●●●●@●●●●●●●.●●●"},
		{PersonalContact, "서울 중구 1\n2층 12345", "●● ●● ●\n●● ●●●●●"},
		{PersonalHealth, "급성 위염", "●● ●●"},
		{PersonalHealth, "か\u3099", "●●"}, // a mark of its own
	} {
		if got := tt.class.Mask(tt.text); got != tt.want {
			t.Errorf("%s: Mask(%q) = %q, want %q", tt.class, tt.text, got, tt.want)
		}
	}
}

func TestWhoHasSeveralRolesSeesTheMost(t *testing.T) {
	m := UsualMasks()
	m.Of[Reader][PersonalName] = SightOpen
	for _, tt := range []struct {
		name   string
		grants []Grant
		domain DomainID
		class  Personal
		want   Sight
	}{
		{"nobody", nil, 1, PersonalName, SightHidden},
		{"no class", nil, 1, "", SightOpen},
		{"reader", []Grant{{0, Reader}}, 1, PersonalResident, SightHidden},
		{"reader who was granted it", []Grant{{0, Reader}}, 1, PersonalName, SightOpen},
		{"reviewer", []Grant{{1, Reviewer}}, 1, PersonalResident, SightFocus},
		{"reviewer elsewhere", []Grant{{2, Reviewer}, {1, Exporter}}, 1, PersonalResident, SightHidden},
		{"reviewer and reader", []Grant{{1, Reviewer}, {1, Reader}}, 1, PersonalName, SightOpen},
		{"administrator of all", []Grant{{0, Administrator}}, 7, PersonalCard, SightFocus},
		{"second reviewer", []Grant{{1, SecondReviewer}}, 1, PersonalCard, SightHidden},
		{"a role of a later release", []Grant{{1, "clerk"}}, 1, PersonalCard, SightHidden},
		{"a class of a later release", []Grant{{1, Reviewer}}, 1, "iris", SightHidden},
	} {
		seen := m.For(tt.grants, tt.domain)
		if got := seen.Of(tt.class); got != tt.want {
			t.Errorf("%s: sees %q as %q, want %q", tt.name, tt.class, got, tt.want)
		}
	}
}

func TestNothingIsHiddenFromWhoCorrectsIt(t *testing.T) {
	m := UsualMasks()
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	m.Of[Reviewer][PersonalHealth] = SightHidden
	if m.Check() == nil {
		t.Error("a class can be hidden from reviewers")
	}
	m = UsualMasks()
	delete(m.Of[Reader], PersonalHealth)
	if m.Check() == nil {
		t.Error("a class can be left out, and then shows all")
	}
}

// What was kept by a release with fewer classes and roles, or with others, shows no
// more than an office that set nothing does.
func TestWhatMasksDoNotSayIsMasked(t *testing.T) {
	kept := Masks{Cover: true, Of: map[Role]map[Personal]Sight{
		Reader:   {PersonalName: SightOpen, PersonalHealth: "nobody", "iris": SightOpen},
		Reviewer: {PersonalHealth: SightHidden},
		"clerk":  {PersonalName: SightOpen},
	}}
	want := UsualMasks()
	want.Cover = true
	want.Of[Reader][PersonalName] = SightOpen
	if diff := cmp.Diff(kept.Whole(), want); diff != "" {
		t.Error(diff)
	}
	for _, role := range []Role{Reader, Reviewer} {
		for class, sight := range kept.For([]Grant{{1, role}}, 1) {
			if sight != want.Of[role][class] {
				t.Errorf("%s sees %s as %q, want %q", role, class, sight, want.Of[role][class])
			}
		}
	}
}

// Two pages of which one has a ticked box and a note, and the other neither, are the
// same to who must not see it, whatever was read, said and keyed of them.
func TestMaskedValuesGiveNothingAway(t *testing.T) {
	values := func(f Field, h Held, mark Mark, reasons ...Reason) []Value {
		r := Reading{Text: h.Text, Checked: h.Checked, Reasons: append(reasons, ReasonTwo), Alternatives: []Alternative{{Text: h.Text}}, Ruled: ReasonNotInList}
		return []Value{
			{Field: f, Reading: r},
			{Field: f, Reading: r, Corrections: []Correction{{ID: 1, Text: h.Text, Checked: h.Checked, Mark: mark}}},
			{Field: f, Reading: r, Keyed: Keyed{Entries: []Entry{{Held: h, Mark: mark}}}},
		}
	}
	for name, of := range map[string]struct{ is, isNot []Value }{
		"box": {
			values(Field{Kind: Checkbox, CheckedText: "예", Handling: Handling{Personal: PersonalHealth}}, Held{"예", true}, "", ReasonGroupMany),
			values(Field{Kind: Checkbox, CheckedText: "예", Handling: Handling{Personal: PersonalHealth}}, Held{"", false}, MarkEmpty, ReasonGroupNone),
		},
		"note": {
			values(Field{Handling: Handling{Personal: PersonalHealth}}, Held{Text: "위염약"}, ""),
			values(Field{Handling: Handling{Personal: PersonalHealth}}, Held{}, MarkEmpty, ReasonRequired),
		},
	} {
		is, isNot := Record{Values: of.is}, Record{Values: of.isNot}
		is.Mask(Seen{})
		isNot.Mask(Seen{})
		if diff := cmp.Diff(is.Values, isNot.Values); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if v := is.Values[0]; v.Text() != "●●●" || v.Checked() || v.Reading.Policy() != ReviewTwo {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestCheckExport(t *testing.T) {
	m, x := UsualMasks(), Export{Template: 1, Format: FormatCSV}
	said := Export{Personal: true, Purpose: "work", Reason: "audit of 2026"}
	locked := said
	locked.Encrypted = true
	for _, tt := range []struct {
		x      Export
		locked bool
		want   error
	}{
		{x, true, nil}, {Export{Personal: true}, false, ErrPurpose}, {said, false, nil}, {said, true, ErrUnlocked}, {locked, true, nil},
	} {
		if m.Locked = tt.locked; !errors.Is(m.CheckExport(&tt.x), tt.want) {
			t.Errorf("%+v, locked %v: %v, want %v", tt.x, tt.locked, m.CheckExport(&tt.x), tt.want)
		}
	}
}
