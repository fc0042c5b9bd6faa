package views

// A Login is the page on which people say who they are.
type Login struct {
	Frame
	User  string // as typed
	Next  string // where to go then
	Wrong string // id of words; empty if nothing is
}

// A Setup is the page on which the administrator's password is chosen.
type Setup struct {
	Frame
	MinLength int    // characters
	Wrong     string // id of words; empty if nothing is
}
