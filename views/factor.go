package views

// A FactorPage shows the secret of a second factor that somebody sets up.
type FactorPage struct {
	Frame
	Picture string // a data: address
	Secret  string // as people type it
	Wrong   string // id of words
}

// A CodesPage shows codes on paper, once.
type CodesPage struct {
	Frame
	Codes []string
}
