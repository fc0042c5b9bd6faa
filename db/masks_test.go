package db

import (
	"testing"

	"github.com/seosik/seosik/internal/form"
)

// What an older release kept knows nothing of a class that came since; what a newer
// one kept may know one that there is not.
func TestMasksOfAnotherRelease(t *testing.T) {
	o := openTest(t)
	if err := o.update(t.Context(), func(x tx) error {
		_, err := x.exec(t.Context(), `INSERT INTO settings (name, value) VALUES (?, '{"of": {"reader": {"name": "", "iris": "", "card": "all"}}}')`, masks)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	m, err := o.Masks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range map[form.Personal]form.Sight{
		form.PersonalName: form.SightOpen, form.PersonalCard: form.SightHidden, form.PersonalHealth: form.SightHidden, "iris": form.SightHidden,
	} {
		if got := m.For([]form.Grant{{Role: form.Reader}}, 1).Of(class); got != want {
			t.Errorf("readers see %s as %q, want %q", class, got, want)
		}
	}
	if err := o.SetMasks(t.Context(), form.Command, m); err != nil {
		t.Errorf("and that cannot be set again: %v", err)
	}
}
