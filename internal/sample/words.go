package sample

// A vocabulary is what is printed and written on forms in one language. The
// lists are made up for this package; nobody in them is meant.
type vocabulary struct {
	code string

	// What is printed.
	organisations []string
	titles        []string
	headings      []string
	labels        map[Content][]string
	groups        []group // of checkboxes
	tables        []tableWords
	notes         []string // small print
	declarations  []string
	signatures    [][2]string // labels of the date and of the name
	yes, no       string

	// What is written.
	family, given  []string
	phonetic       []string
	towns          []string // with the region, as in an address
	streets        []string
	buildings      []string
	banks          []string
	companies      []string
	departments    []string
	positions      []string
	items          []string
	relations      []string
	reasons        []string
	phrases        []string
	mailNames      []string
	mailHosts      []string
	firstNameFirst bool
	nameSpace      string
}

// A group is a row of checkboxes.
type group struct {
	label   string
	choices []string
	single  bool
}

// A tableWords is what heads a table.
type tableWords struct {
	name    string
	columns []column // widths are shares, to be changed a little
}

// vocabularies maps languages to their words.
var vocabularies = map[string]*vocabulary{"ko": korean, "ja": japanese, "zh-TW": taiwanese, "en": english}
