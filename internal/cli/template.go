package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/templatefile"
)

type templateCmds struct {
	Import  templateImportCmd  `cmd:"" help:"Import template files, as drafts or as the next versions of templates of their names."`
	Export  templateExportCmd  `cmd:"" help:"Write a template as a ZIP."`
	List    templateListCmd    `cmd:"" help:"List the templates with their drafts and versions."`
	Release templateReleaseCmd `cmd:"" help:"Put the draft of a template, or one of its versions, into beta or service."`
	Retire  templateRetireCmd  `cmd:"" help:"Take a version of a template out of beta or service."`
	Draft   struct {
		Discard draftDiscardCmd `cmd:"" help:"Forget the draft of a template; and the template, where it has no version."`
	} `cmd:"" help:"Drafts of templates."`
	Suggest templateSuggestCmd `cmd:"" help:"Print the template file that the picture of a blank form suggests."`
}

type templateImportCmd struct {
	dataFlag
	Domain form.DomainID `required:"" help:"Domain that owns them."`
	Stage  form.Stage    `enum:"draft,beta,service" default:"draft" help:"What they become, the draft or the version in a stage: ${enum}."`
	Paths  []string      `arg:"" name:"path" help:"Folders, template.json files or ZIPs."`
}

// Run imports every path that can be imported and prints a line for each.
func (c *templateImportCmd) Run(ctx context.Context, out io.Writer) error {
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Domain(ctx, form.Everything, c.Domain); err != nil {
		return err
	}
	var failed []error
	for _, path := range c.Paths {
		t, err := importTemplate(ctx, database, blobs, path, c.Domain, c.Stage)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", path, err))
			continue
		}
		if _, err := fmt.Fprintf(out, "%d\t%s\tversion %s\t%s\n", t.ID, t.Name, versionName(t.Version), t.Stage); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// versionName returns the number of a version; a draft has none.
func versionName(version int) string {
	if version == 0 {
		return "-"
	}
	return strconv.Itoa(version)
}

func importTemplate(ctx context.Context, database *db.DB, blobs blob.Store, path string, domain form.DomainID, stage form.Stage) (*form.Template, error) {
	f, err := templatefile.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return saveTemplate(ctx, form.Command, database, blobs, f, domain, stage)
}

func saveTemplate(ctx context.Context, by form.Actor, database *db.DB, blobs blob.Store, f *templatefile.File, domain form.DomainID, stage form.Stage) (*form.Template, error) {
	if _, err := blobs.Put(ctx, f.Picture); err != nil {
		return nil, err
	}
	f.Template.Domain, f.Template.Stage = domain, stage
	return database.SaveTemplate(ctx, by, f.Template)
}

type templateExportCmd struct {
	dataFlag
	ID      form.TemplateID `arg:"" help:"Id of the template."`
	Version int             `xor:"which" help:"Version; else that in service, or in beta, or the last one."`
	Draft   bool            `xor:"which" help:"The draft."`
	Output  string          `short:"o" required:"" help:"ZIP to write; must not exist." placeholder:"FILE"`
}

// Run writes the version of the template that is asked for.
func (c *templateExportCmd) Run(ctx context.Context) error {
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	get := func() (*form.Template, error) { return database.Template(ctx, form.Everything, c.ID, c.Version) }
	if c.Draft {
		get = func() (*form.Template, error) { return database.Draft(ctx, form.Everything, c.ID) }
	}
	t, err := get()
	if err != nil {
		return err
	}
	picture, err := blobs.Bytes(ctx, t.Image)
	if err != nil {
		return err
	}
	return writeZip(c.Output, &templatefile.File{Template: t, Picture: picture})
}

type templateListCmd struct {
	dataFlag
	Domain form.DomainID `help:"Only those of this domain."`
}

// Run prints a line for each draft and each version.
func (c *templateListCmd) Run(ctx context.Context, out io.Writer) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	domains, err := database.Domains(ctx, form.Everything)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tDOMAIN\tNAME\tVERSION\tSTAGE\tFIELDS AND CELLS")
	for _, d := range domains {
		if c.Domain != 0 && d.ID != c.Domain {
			continue
		}
		templates, err := database.Templates(ctx, d.ID)
		if err != nil {
			return err
		}
		editions, err := database.Editions(ctx, d.ID)
		if err != nil {
			return err
		}
		for _, t := range templates {
			for _, e := range editions[t.ID] {
				places := "" // of the version that stands for the template
				if e.Version == t.Version {
					places = strconv.Itoa(len(t.Places()))
				}
				fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%s\n", t.ID, d.ID, t.Name, versionName(e.Version), e.Stage, places)
			}
		}
	}
	return w.Flush()
}

type templateReleaseCmd struct {
	dataFlag
	ID      form.TemplateID `arg:"" help:"Id of the template."`
	Version int             `help:"Version to move; else the draft, or without one that in beta, or else that in service."`
	Stage   form.Stage      `enum:"beta,service" default:"service" help:"Its new stage: ${enum}."`
	noteFlag
}

// A noteFlag says why a version goes to another stage.
type noteFlag struct {
	Note string `help:"Why; kept with who did it and when."`
}

// Run releases the draft or version.
func (c *templateReleaseCmd) Run(ctx context.Context, out io.Writer) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	if c.Version == 0 {
		if c.Version, err = waiting(ctx, database, c.ID); err != nil {
			return err
		}
	}
	t, err := database.ReleaseTemplate(ctx, form.Command, c.ID, c.Version, c.Stage, c.Note)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d\t%s\tversion %s\t%s\n", t.ID, t.Name, versionName(t.Version), t.Stage)
	return err
}

// waiting returns what of a template is released next: 0 for its draft, where it
// has one, or else the version in beta, or else the one that stands for it.
func waiting(ctx context.Context, database *db.DB, id form.TemplateID) (version int, err error) {
	if _, err := database.Draft(ctx, form.Everything, id); err == nil || !errors.Is(err, form.ErrNotFound) {
		return 0, err
	}
	versions, err := database.Versions(ctx, form.Everything, id)
	if err != nil {
		return 0, err
	}
	for _, t := range versions {
		if t.Stage == form.Beta {
			return t.Version, nil
		}
	}
	t, err := database.Template(ctx, form.Everything, id, 0)
	if err != nil {
		return 0, err
	}
	return t.Version, nil
}

type templateRetireCmd struct {
	dataFlag
	ID      form.TemplateID `arg:"" help:"Id of the template."`
	Version int             `required:"" help:"Version to retire."`
	noteFlag
}

// Run retires the version.
func (c *templateRetireCmd) Run(ctx context.Context) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	return database.RetireTemplate(ctx, form.Command, c.ID, c.Version, c.Note)
}

type draftDiscardCmd struct {
	dataFlag
	ID form.TemplateID `arg:"" help:"Id of the template."`
}

// Run forgets the draft.
func (c *draftDiscardCmd) Run(ctx context.Context) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	return database.DiscardDraft(ctx, form.Command, c.ID)
}
