package views

import (
	"context"
	"fmt"
	"net/url"

	"github.com/seosik/seosik/internal/form"
)

// A NewTemplate asks for what a new template is made of.
type NewTemplate struct {
	Frame
	Domains      []Option
	Languages    []string // of the chosen domain
	Chosen       []string // of them
	TemplateName string
	FileBytes    int64  // that a file may have
	Files        int    // that there may be
	Wrong        string // a sentence; empty if nothing is wrong
}

// NewTemplatePages are the pages of what was handed in.
type NewTemplatePages struct {
	Frame
	Of     string           // what was handed in, sealed
	Pages  int              // in all its files
	Most   int              // of them that may be chosen
	Chosen []NewTemplateRow // empty before some are
}

// A NewTemplateRow is a page of which a template is made.
type NewTemplateRow struct {
	Of     string
	Page   int            // from 1
	Number int            // of several, from 1; 0 where it is alone
	Made   *form.Template // nil before it is
	Wrong  string         // a sentence, where it cannot be made; or empty
}

func (r NewTemplateRow) id() string { return fmt.Sprintf("page-%d", r.Page) }

// name returns what the page is called, where there are others.
func (r NewTemplateRow) name(ctx context.Context) string {
	if r.Number == 0 {
		return ""
	}
	return pageName(ctx, r.Page)
}

func pageName(ctx context.Context, page int) string {
	return Say(ctx, "newtemplate.page", "Page", page)
}

// thumbnail returns the address of the small picture of a page.
func thumbnail(of string, page int) string {
	return fmt.Sprintf("/templates/new/thumbnail?of=%s&page=%d", url.QueryEscape(of), page)
}
