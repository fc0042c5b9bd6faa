package views

import (
	"fmt"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A TemplatesPage lists the templates of all domains.
type TemplatesPage struct {
	Frame
	Domains []DomainTemplates
	Wrong   string // what is wrong with the file that was to be imported; empty if nothing is
	Chosen  form.DomainID
}

// DomainTemplates are the templates of a domain.
type DomainTemplates struct {
	Domain    form.Domain
	Templates []*form.Template
}

// A TemplatePage shows one template with its fields drawn on its picture.
type TemplatePage struct {
	Frame
	Template *form.Template
	Again    Again
	Missing  []string // lists that its rules name, and that are not there
}

func templatePath(t *form.Template, more string) string {
	return fmt.Sprintf("/templates/%d%s", t.ID, more)
}

func size(t *form.Template) string { return fmt.Sprintf("0 0 %d %d", t.Width, t.Height) }

func cells(t form.Table) string { return fmt.Sprintf("%d × %d", t.Rows, len(t.Columns)) }

func langs(list []string) string { return strings.Join(list, ", ") }
