package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

type listCmds struct {
	Set    listSetCmd    `cmd:"" help:"Add a list, or replace the values of one."`
	List   listListCmd   `cmd:"" help:"List the lists of a domain."`
	Show   listShowCmd   `cmd:"" help:"Print the values of a list, one a line."`
	Remove listRemoveCmd `cmd:"" help:"Remove a list."`
}

// A listFlags says which list.
type listFlags struct {
	dataFlag
	Domain form.DomainID `required:"" help:"Domain that owns it."`
	Name   string        `required:"" help:"Name of the list, as the rules of templates name it."`
}

// find returns the list, and the database, which is to be closed.
func (f *listFlags) find(ctx context.Context) (*form.List, *db.DB, error) {
	database, _, err := f.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	l, err := database.ListNamed(ctx, f.Domain, f.Name)
	if err != nil {
		database.Close()
		return nil, nil, err
	}
	return l, database, nil
}

type listSetCmd struct {
	listFlags
	File string `arg:"" optional:"" default:"-" help:"UTF-8 text with one value a line; - for standard input."`
}

// Run keeps the list and says how many values it has.
func (c *listSetCmd) Run(ctx context.Context, out io.Writer) error {
	text, err := c.read()
	if err != nil {
		return err
	}
	l, err := form.ParseList(c.Name, text)
	if err != nil {
		return err
	}
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.SaveList(ctx, form.Command, c.Domain, l); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\t%d values\n", l.Name, len(l.Values))
	return err
}

// read returns the text of the list, or of as much as shows that it is too
// long.
func (c *listSetCmd) read() (string, error) {
	in := os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, form.MaxListBytes+1))
	return string(text), err
}

type listListCmd struct {
	dataFlag
	Domain form.DomainID `required:"" help:"Domain that owns them."`
}

// Run prints a line a list.
func (c *listListCmd) Run(ctx context.Context, out io.Writer) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	lists, err := database.Lists(ctx, c.Domain)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tVALUES\tCHANGED")
	for _, l := range lists {
		fmt.Fprintf(w, "%s\t%d\t%s\n", l.Name, l.Values, l.UpdatedAt.Local().Format("2006-01-02 15:04"))
	}
	return w.Flush()
}

type listShowCmd struct{ listFlags }

// Run prints the values.
func (c *listShowCmd) Run(ctx context.Context, out io.Writer) error {
	l, database, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	_, err = io.WriteString(out, l.Text())
	return err
}

type listRemoveCmd struct{ listFlags }

// Run removes the list.
func (c *listRemoveCmd) Run(ctx context.Context) error {
	l, database, err := c.find(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	return database.RemoveList(ctx, form.Command, c.Domain, l.ID)
}
