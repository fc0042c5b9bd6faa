package views

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A NewTemplate asks for what a new template is made of.
type NewTemplate struct {
	Frame
	Domains      []Option
	Languages    []string // of the chosen domain
	Chosen       []string // of them
	TemplateName string
	Pile         bool   // of filled copies
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
	Pile   bool           // it is all pages, filled copies of one form
	Made   *form.Template // nil before it is
	// Strangers are the copies, from 0, that were left out.
	Strangers []int
	Wrong     string // a sentence, where it cannot be made; or empty
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

// SayStrangers says which copies, from 0, are of another form than most.
func SayStrangers(ctx context.Context, copies []int) string {
	var numbers []string
	for _, c := range copies {
		numbers = append(numbers, strconv.Itoa(c+1))
	}
	return Say(ctx, "newtemplate.strangers", "Copies", strings.Join(numbers, ", "))
}

// thumbnail returns the address of the small picture of a page.
func thumbnail(of string, page int) string {
	return fmt.Sprintf("/templates/new/thumbnail?of=%s&page=%d", url.QueryEscape(of), page)
}
