package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/seosik/seosik/internal/form"
)

type domainCmds struct {
	Add  domainAddCmd  `cmd:"" help:"Add a domain and print its id, invoke path and secret, which is shown this once."`
	List domainListCmd `cmd:"" help:"List the domains with their invoke paths."`
}

type domainAddCmd struct {
	dataFlag
	Name string `required:"" help:"Name of the domain."`
	Lang string `default:"ko" help:"Languages of its forms, separated by commas: ko, ja, zh-TW, en."`
}

// Run adds the domain and prints one JSON object.
func (c *domainAddCmd) Run(ctx context.Context, out io.Writer) error {
	langs := form.SplitLanguages(c.Lang)
	if err := form.CheckLanguages(langs); err != nil {
		return err
	}
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	d, secret, err := database.AddDomain(ctx, form.Command, c.Name, langs)
	if err != nil {
		return err
	}
	return printJSON(out, struct {
		ID         form.DomainID `json:"id"`
		InvokePath string        `json:"invokePath"`
		Secret     string        `json:"secret"`
	}{d.ID, d.InvokePath(), secret})
}

type domainListCmd struct{ dataFlag }

// Run prints a line a domain.
func (c *domainListCmd) Run(ctx context.Context, out io.Writer) error {
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
	fmt.Fprintln(w, "ID\tNAME\tLANGUAGES\tINVOKE PATH")
	for _, d := range domains {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", d.ID, d.Name, strings.Join(d.Languages, ","), d.InvokePath())
	}
	return w.Flush()
}
