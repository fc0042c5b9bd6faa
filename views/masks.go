package views

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

// A MasksModel is what is set about personal data on screens and in files.
type MasksModel struct {
	Frame
	Masks form.Masks
}

// SightName is what the choice of how a role sees a class is called in the form.
func SightName(role form.Role, class form.Personal) string { return string(role) + "." + string(class) }

// A Veil is a text of a field as somebody is shown it. Its children draw it.
type Veil struct {
	Sight form.Sight
	Of    form.Field
	Text  string
	Look  string // the address that sends it once somebody looks at it; empty where it is sent
	Name  string // of the element that has it there
}

// sights lists how a role may see a class.
func (m MasksModel) sights(ctx context.Context, role form.Role, class form.Personal) (options []Option) {
	for _, sight := range form.Sights {
		if sight != form.SightHidden || !role.Corrects() {
			options = append(options, Option{SightWord(sight), Say(ctx, "masks.sight_"+SightWord(sight)), m.Masks.Of[role][class] == sight})
		}
	}
	return options
}

// SightWord is what a sight is called in the form. None is called nothing: what is
// missing there shows nothing.
func SightWord(sight form.Sight) string {
	if sight == form.SightOpen {
		return "open"
	}
	return string(sight)
}
