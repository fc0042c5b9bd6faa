package db

import "strings"

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

// limit returns how many rows to return at most.
func limit(n int) int {
	if n <= 0 {
		return 50
	}
	return n
}
