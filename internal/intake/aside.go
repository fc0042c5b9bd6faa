package intake

import "context"

// Aside runs f in a turn of an API call, beside what is submitted: it is for
// what is read and answered at once, and kept nowhere. It returns the error of
// f, or that of ctx where it ends before the turn comes.
func (in *Intake) Aside(ctx context.Context, f func(context.Context) error) error {
	turn, err := in.turns.take(ctx, calls)
	if err != nil {
		return err
	}
	defer turn.end()
	return f(ctx)
}
