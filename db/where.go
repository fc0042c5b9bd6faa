package db

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/form"
)

// A where is a growing WHERE clause.
type where struct {
	terms []string
	args  []any
}

// and adds a term with its arguments if it applies.
func (w *where) and(applies bool, term string, args ...any) {
	if applies {
		w.terms = append(w.terms, term)
		w.args = append(w.args, args...)
	}
}

// within adds the term that column names a domain whose things are seen.
func (w *where) within(in form.Scope, column string) {
	term, args := within(in, column)
	w.and(term != `TRUE`, term, args...)
}

// within returns that term with its arguments.
func within(in form.Scope, column string) (term string, args []any) {
	some, all := in.Domains()
	switch {
	case all:
		return `TRUE`, nil
	case len(some) == 0:
		return `FALSE`, nil
	case len(some) == 1:
		return column + ` = ?`, anys(some)
	default:
		return column + ` IN (` + marks(len(some)) + `)`, anys(some)
	}
}

func (w *where) String() string {
	if len(w.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.terms, " AND ")
}

// marks returns n question marks, for IN.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// anys returns list as arguments.
func anys[T any](list []T) []any {
	args := make([]any, len(list))
	for i, x := range list {
		args[i] = x
	}
	return args
}

// likePattern returns the pattern of LIKE, with \ as the escape character,
// that finds s anywhere in text of composed characters.
func likePattern(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(norm.NFC.String(s)) + "%"
}

// limit returns how many rows to return at most.
func limit(n int) int {
	if n <= 0 {
		return 50
	}
	return n
}
