package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/templatefile"
)

type templateCmds struct {
	Import  templateImportCmd  `cmd:"" help:"Import template files; one of a known name becomes its next version."`
	Export  templateExportCmd  `cmd:"" help:"Write a template as a ZIP."`
	List    templateListCmd    `cmd:"" help:"List the templates."`
	Release templateReleaseCmd `cmd:"" help:"Move a template to another stage."`
}

type templateImportCmd struct {
	dataFlag
	Domain form.DomainID `required:"" help:"Domain that owns them."`
	Stage  form.Stage    `enum:"draft,beta,service" default:"draft" help:"Stage that they get: ${enum}."`
	Paths  []string      `arg:"" name:"path" help:"Folders, template.json files or ZIPs."`
}

// Run imports every path that can be imported and prints a line for each.
func (c *templateImportCmd) Run(ctx context.Context, out io.Writer) error {
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Domain(ctx, c.Domain); err != nil {
		return err
	}
	var failed []error
	for _, path := range c.Paths {
		t, err := importTemplate(ctx, database, blobs, path, c.Domain, c.Stage)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", path, err))
			continue
		}
		if _, err := fmt.Fprintf(out, "%d\t%s\tversion %d\t%s\n", t.ID, t.Name, t.Version, t.Stage); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

func importTemplate(ctx context.Context, database *db.DB, blobs blob.Store, path string, domain form.DomainID, stage form.Stage) (*form.Template, error) {
	f, err := templatefile.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return saveTemplate(ctx, database, blobs, f, domain, stage)
}

func saveTemplate(ctx context.Context, database *db.DB, blobs blob.Store, f *templatefile.File, domain form.DomainID, stage form.Stage) (*form.Template, error) {
	if _, err := blobs.Put(ctx, f.Picture); err != nil {
		return nil, err
	}
	f.Template.Domain, f.Template.Stage = domain, stage
	return database.SaveTemplate(ctx, f.Template)
}

type templateExportCmd struct {
	dataFlag
	ID     form.TemplateID `arg:"" help:"Id of the template."`
	Output string          `short:"o" required:"" help:"ZIP to write; must not exist." placeholder:"FILE"`
}

// Run writes the current version of the template.
func (c *templateExportCmd) Run(ctx context.Context) (err error) {
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	t, err := database.Template(ctx, c.ID, 0)
	if err != nil {
		return err
	}
	picture, err := blobs.Bytes(ctx, t.Image)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Clean(c.Output), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return templatefile.Zip(f, &templatefile.File{Template: t, Picture: picture})
}

type templateListCmd struct {
	dataFlag
	Domain form.DomainID `help:"Only those of this domain."`
}

// Run prints a line a template.
func (c *templateListCmd) Run(ctx context.Context, out io.Writer) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	domains, err := database.Domains(ctx)
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
		for _, t := range templates {
			fmt.Fprintf(w, "%d\t%d\t%s\t%d\t%s\t%d\n", t.ID, d.ID, t.Name, t.Version, t.Stage, len(t.Places()))
		}
	}
	return w.Flush()
}

type templateReleaseCmd struct {
	dataFlag
	ID    form.TemplateID `arg:"" help:"Id of the template."`
	Stage form.Stage      `enum:"draft,beta,service" default:"service" help:"Its new stage: ${enum}."`
}

// Run moves the template.
func (c *templateReleaseCmd) Run(ctx context.Context) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	return database.SetStage(ctx, c.ID, c.Stage)
}
