package views

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A TemplatesPage lists the templates of all domains.
type TemplatesPage struct {
	Frame
	Domains []DomainTemplates
	Wrong   []string // what is wrong with the file that was to be imported; empty if nothing is
	Chosen  form.DomainID
}

// makes returns the domains for which the person who looks makes templates.
func (m TemplatesPage) makes(ctx context.Context) []DomainTemplates {
	return slices.DeleteFunc(slices.Clone(m.Domains), func(d DomainTemplates) bool { return !May(ctx, form.MayMake, d.Domain.ID) })
}

// DomainTemplates are the templates of a domain.
type DomainTemplates struct {
	Domain    form.Domain
	Templates []*form.Template
	Editions  map[form.TemplateID][]Edition
}

// A TemplatePage shows one template with its fields drawn on its picture.
type TemplatePage struct {
	Frame
	Template *form.Template
	Editions []Edition // the draft first, then the newest version
	Defects  []string  // of a draft
	Again    Again
	Missing  []string // lists that its rules name, and that are not there
	Copy     CopyForm
}

// A CopyForm asks where a template is to be copied to.
type CopyForm struct {
	Domains      []Option
	Domain       form.DomainID
	TemplateName string
	Open         bool
	Wrong        string // a sentence; empty if nothing is wrong
}

// shownName returns the name of t. That of a draft may be missing.
func shownName(ctx context.Context, t *form.Template) string {
	if strings.TrimSpace(t.Name) == "" {
		return Say(ctx, "template.nameless")
	}
	return t.Name
}

// hasDraft reports whether one of the editions is the draft.
func hasDraft(list []Edition) bool {
	return slices.ContainsFunc(list, func(e Edition) bool { return e.Stage == form.Draft })
}

// An Edition is the draft or a version of a template.
type Edition struct {
	Version int // 0 for the draft
	Stage   form.Stage
}

// used returns the editions that are not retired.
func used(list []Edition) (some []Edition) {
	for _, e := range list {
		if e.Stage != form.Retired {
			some = append(some, e)
		}
	}
	return some
}

// editionName returns what an edition is called.
func editionName(ctx context.Context, e Edition) string {
	if e.Stage == form.Draft {
		return Say(ctx, "stage.draft")
	}
	return Say(ctx, "stage."+string(e.Stage)) + " · " + Say(ctx, "template.version_n", "Version", e.Version)
}

// editionPath returns the address of something of an edition of t.
func editionPath(t *form.Template, more string, version int) string {
	return fmt.Sprintf("%s?version=%d", templatePath(t, more), version)
}

// TemplateName returns the name of a template to choose, with its stage where
// that is not the usual one.
func TemplateName(ctx context.Context, t *form.Template) string {
	if t.Stage == form.Beta {
		return Say(ctx, "template.in_beta", "Name", t.Name)
	}
	return t.Name
}

// DefectLines returns the defects that err reports, each as a line of words.
func DefectLines(ctx context.Context, err error) (lines []string) {
	e, ok := errors.AsType[*form.InvalidTemplateError](err)
	if !ok {
		return nil
	}
	for _, d := range e.Defects {
		words := SayDefect(ctx, d)
		if where := d.Where(); where != "" {
			words = where + ": " + words
		}
		lines = append(lines, words)
	}
	if e.More > 0 {
		lines = append(lines, Say(ctx, "template.more", "Count", e.More))
	}
	return lines
}

// SayDefect returns what is wrong, without where.
func SayDefect(ctx context.Context, d form.Defect) string {
	var pairs []any
	for i, a := range d.Args {
		pairs = append(pairs, string(rune('A'+i)), a)
	}
	return Say(ctx, "defect."+string(d.Code), pairs...)
}

func templatePath(t *form.Template, more string) string {
	return fmt.Sprintf("/templates/%d%s", t.ID, more)
}

func size(t *form.Template) string { return fmt.Sprintf("0 0 %d %d", t.Width, t.Height) }

func cells(t form.Table) string { return fmt.Sprintf("%d × %d", len(t.Rows), len(t.Columns)) }

func langs(list []string) string { return strings.Join(list, ", ") }
