package views

import (
	"context"

	"github.com/seosik/seosik/internal/form"
)

type mayKey struct{}

// WithPermissions returns a context in which components show what somebody may
// do.
func WithPermissions(ctx context.Context, p form.Permissions) context.Context {
	return context.WithValue(ctx, mayKey{}, p)
}

// May reports whether the person who looks may do any of what in a domain; for
// 0, in any.
func May(ctx context.Context, what form.Right, domain form.DomainID) bool {
	p, _ := ctx.Value(mayKey{}).(form.Permissions)
	return p.May(what, domain)
}

// bulkRights are those of whom something is offered with many pages.
const bulkRights = form.MayReview | form.MayExport | form.MayManage
