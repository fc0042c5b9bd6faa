package views

import (
	"strconv"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// A ListsPage is the value lists of a domain.
type ListsPage struct {
	Frame
	Domain form.Domain
	Lists  []ListRow
	Typed  string // name of what could not be saved
	Text   string // its values
	Wrong  string // why not
}

// A ListRow is what is known of a list.
type ListRow struct {
	ID        form.ListID
	Name      string
	Values    int
	UpdatedAt time.Time
	Used      []string // names of the templates that name it
}

// A ListPage is one list with its values.
type ListPage struct {
	Frame
	Domain form.Domain
	List   ListRow
	Text   string // the values, or what could not be saved
	Wrong  string // why not
	Saved  bool
}

func listPath(domain form.DomainID, list form.ListID, more string) string {
	return domainPath(domain, "/lists/"+strconv.FormatInt(int64(list), 10)+more)
}

// mostValues is how many values a list may have.
var mostValues = strconv.Itoa(form.MaxListValues)
