package form

// Rules say what a field may hold.
type Rules struct {
	Required bool   // must not be empty
	Pattern  string // a regular expression (RE2) that the whole text matches; empty for any
}
