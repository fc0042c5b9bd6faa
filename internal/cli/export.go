package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/download"
	"github.com/seosik/seosik/internal/form"
)

var errManyProfiles = errors.New("several domains have a saved download of that name: say which by --domain")

type exportCmd struct {
	dataFlag
	Profile    string            `help:"Name of a saved download, as on the page; it says all that the other flags do, but for --out." placeholder:"NAME"`
	Domain     form.DomainID     `help:"Domain of the saved download, where several have one of that name." placeholder:"ID"`
	Template   form.TemplateID   `help:"Template whose pages are written."`
	Format     form.ExportFormat `help:"csv (the fields, or one table), xlsx (a sheet for the fields and for each table) or jsonl (a line of JSON for each page)." default:"csv" enum:"csv,xlsx,jsonl"`
	Out        string            `help:"File to write, which is there once it is whole; - for standard output." default:"-" placeholder:"FILE"`
	Table      string            `help:"Of csv: the name or the id of a table, or #provenance for a line for each value that says where it comes from; the fields without it." placeholder:"NAME"`
	State      []form.State      `help:"States of pages that are written, separated by commas: done, review." default:"done" placeholder:"STATE,..."`
	From       string            `help:"First day of receipt, as 2026-11-22." placeholder:"DAY"`
	To         string            `help:"Last day of receipt." placeholder:"DAY"`
	Personal   bool              `help:"Write personal data too."`
	Purpose    form.Purpose      `help:"What personal data is taken for: work, transfer, subject, audit, statistics or other; with --personal." placeholder:"PURPOSE"`
	Reason     string            `help:"What calls for it, for the access log; with --personal." placeholder:"TEXT"`
	Titles     bool              `help:"Name columns by the labels that people read."`
	Provenance bool              `help:"Of xlsx and jsonl: say of each value where it comes from."`
	Program    bool              `help:"Of csv: write every value to the letter, and no byte order mark."`
	CP949      bool              `help:"Of csv: write CP949. What it does not have is listed on standard error." name:"cp949"`
	Password   string            `help:"Write an encrypted ZIP (AES-256) with this password; better set in the environment." env:"SEOSIK_EXPORT_PASSWORD" placeholder:"PASSWORD"`
	Language   string            `help:"Language of the names of columns that are not of the template: ko or en." default:"ko" enum:"ko,en"`
	Site       string            `help:"Address that links to pages begin with, as in http://forms.office.example." placeholder:"URL"`
}

// Validate is called by kong once the flags are read.
func (c *exportCmd) Validate() error {
	if (c.Profile == "") == (c.Template == 0) {
		return errors.New("--profile or --template must be given, and not both")
	}
	return nil
}

// Run writes the file. What did not fit into it is said on standard error.
func (c *exportCmd) Run(ctx context.Context, out io.Writer) error {
	database, blobs, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	maker := download.New(download.Config{DB: database, Blobs: blobs, Data: c.Data})
	x, err := c.export(ctx, database, maker)
	if err != nil {
		return err
	}
	if c.Out != "-" {
		return c.toFile(func(f io.Writer) error { return write(ctx, maker, x, f) })
	}
	return write(ctx, maker, x, out)
}

// export returns what is to be written.
func (c *exportCmd) export(ctx context.Context, database *db.DB, maker *download.Maker) (x db.NewExport, err error) {
	if c.Profile != "" {
		in := form.Everything
		if c.Domain != 0 {
			in = form.Within(c.Domain)
		}
		p, err := database.ProfileNamed(ctx, in, c.Profile)
		if errors.Is(err, form.ErrConflict) {
			err = errManyProfiles
		}
		return db.NewExport{Profile: p.ID, Export: p.Export, Sealed: p.Sealed}, err
	}
	x.Export = form.Export{
		Template: c.Template, Format: c.Format, Part: c.Table, States: c.State, From: c.From, To: c.To, Personal: c.Personal,
		Purpose: c.Purpose, Reason: c.Reason,
		Titles: c.Titles, Provenance: c.Provenance, Literal: c.Program, CP949: c.CP949, Language: c.Language, Site: c.Site,
		Encrypted: c.Password != "",
	}
	if x.Export.Encrypted {
		if x.Sealed, err = maker.Seal(c.Password); err != nil {
			return x, err
		}
	}
	return x, x.Export.Validate()
}

// toFile has f write the file, which is there once it is whole.
func (c *exportCmd) toFile(f func(io.Writer) error) (err error) {
	out, err := os.CreateTemp(filepath.Dir(c.Out), ".seosik-*.part")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // unless it has its name by then
	if err := f(out); err != nil {
		return errors.Join(err, out.Close())
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), c.Out)
}

// write writes the file, and says on standard error what did not fit.
func write(ctx context.Context, maker *download.Maker, x db.NewExport, out io.Writer) error {
	f, err := maker.WriteTo(ctx, out, form.Command, x)
	switch {
	case errors.Is(err, form.ErrPurpose):
		return fmt.Errorf("%w: say them by --purpose and --reason, or in the saved download", err)
	case errors.Is(err, form.ErrUnlocked):
		return fmt.Errorf("%w: give a --password, or choose it in the saved download", err)
	case err != nil:
		return err
	}
	for _, m := range f.Misfits.List {
		fmt.Fprintln(os.Stderr, misfit(m))
	}
	if more := f.Misfits.N - len(f.Misfits.List); more > 0 {
		fmt.Fprintln(os.Stderr, "and", more, "more")
	}
	return nil
}

// misfit says what did not fit.
func misfit(m form.Misfit) string {
	where := fmt.Sprintf("page %d, %s", m.Page, m.Column)
	if m.Page == 0 {
		where = "the name of the column " + m.Column
	}
	if m.Long > 0 {
		return fmt.Sprintf("%s: only the beginning of %d characters", where, m.Long)
	}
	return fmt.Sprintf("%s: %s does not fit", where, m.Char)
}
