package form

// A Sealing is what the office has encrypted in the database besides values of the
// law's classes, which always are.
type Sealing struct {
	Names, Contacts, Others bool // of the classes, and of fields without one
}

// Seals reports whether values of a class are encrypted.
func (s Sealing) Seals(p Personal) bool {
	switch p {
	case PersonalName:
		return s.Names
	case PersonalContact:
		return s.Contacts
	case "":
		return s.Others
	}
	return p.Special()
}
