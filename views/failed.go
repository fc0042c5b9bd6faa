package views

import (
	"context"
	"strconv"

	"github.com/seosik/seosik/internal/form"
)

// A Failed offers to read failed pages once more.
type Failed struct {
	Kinds []FailedKind // in the order in which people know them; none where there are no such pages
}

// A FailedKind is the failed pages of one kind.
type FailedKind struct {
	Failure form.Failure
	Pages   int
}

// options returns all pages, and then those of each kind, to choose from.
func (m Failed) options(ctx context.Context) []Option {
	all := 0
	var kinds []Option
	for _, k := range m.Kinds {
		all += k.Pages
		kinds = append(kinds, Option{Value: string(k.Failure), Text: Say(ctx, "retry.kind."+string(k.Failure)) + " (" + strconv.Itoa(k.Pages) + ")"})
	}
	return append([]Option{{Text: Say(ctx, "retry.kind.all") + " (" + strconv.Itoa(all) + ")"}}, kinds...)
}
