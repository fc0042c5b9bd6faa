package views

import (
	"context"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A MasksModel is what is set about personal data on screens and in files.
type MasksModel struct {
	Frame
	Masks form.Masks
}

// SightName is what the choice of how a role sees a class is called in the form.
func SightName(role form.Role, class form.Personal) string { return string(role) + "." + string(class) }

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

// masked is a text as it is shown to who does not look at it, nor sees more of it.
// Of what is empty, or a box that is ticked or not, it gives away neither.
func masked(class form.Personal, text string) string {
	if strings.TrimSpace(text) == "" {
		return strings.Repeat(string(form.MaskMark), 3)
	}
	return class.Mask(text)
}
