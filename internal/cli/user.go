package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/password"
)

type userCmds struct {
	Add      userAddCmd      `cmd:"" help:"Add a user. The password is read from standard input."`
	Role     userRoleCmd     `cmd:"" help:"Give a user these roles, and no others."`
	Disable  userDisableCmd  `cmd:"" help:"Keep a user from logging in, and end the sessions of that user."`
	Enable   userEnableCmd   `cmd:"" help:"Let a user log in again."`
	Password userPasswordCmd `cmd:"" help:"Give a user a new password, read from standard input."`
	Factor   userFactorCmd   `cmd:"" name:"reset-factor" help:"Remove the second factor of a user who has lost it: then the password alone lets in."`
	List     userListCmd     `cmd:"" help:"List the users."`
}

type userAddCmd struct {
	dataFlag
	Name string   `arg:"" help:"Name to log in with."`
	Role []string `help:"ROLE for all domains, or ROLE@DOMAIN for the one with that ID: administrator, maker, reviewer, second, exporter or reader. Without any, a reviewer of all. Where there is no administrator, this user is one." placeholder:"ROLE"`
}

// Run adds the user.
func (c *userAddCmd) Run(ctx context.Context) error {
	name := strings.TrimSpace(c.Name)
	if name == "" {
		return form.Invalid("name", "is empty")
	}
	grants, err := readGrants(c.Role)
	if err != nil {
		return err
	}
	hash, err := askPassword(os.Stdin, name)
	if err != nil {
		return err
	}
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	some, err := database.Administered(ctx)
	if err != nil {
		return err
	}
	first := form.Grant{Role: form.Administrator}
	switch {
	case !some && !slices.Contains(grants, first):
		grants = append(grants, first) // somebody must give the others theirs
	case len(grants) == 0:
		grants = []form.Grant{{Role: form.Reviewer}}
	}
	_, err = database.AddUser(ctx, form.Command, name, hash, grants...)
	if errors.Is(err, form.ErrConflict) {
		return form.Invalid("name", "there is a user of this name")
	}
	return err
}

type userPasswordCmd struct {
	dataFlag
	Name string `arg:"" help:"Name of the user."`
}

// Run replaces the password.
func (c *userPasswordCmd) Run(ctx context.Context) error {
	hash, err := askPassword(os.Stdin, c.Name)
	if err != nil {
		return err
	}
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	u, err := database.UserByName(ctx, c.Name)
	if err != nil {
		return err
	}
	return database.SetPassword(ctx, form.Command, u.ID, hash)
}

type userListCmd struct{ dataFlag }

// Run prints a line a user.
func (c *userListCmd) Run(ctx context.Context, out io.Writer) error {
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	people, err := database.People(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		state := "-"
		if p.Disabled() {
			state = "disabled"
		}
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", p.Name, p.CreatedAt.Format("2006-01-02"), state, grantsText(p.Grants)); err != nil {
			return err
		}
	}
	return nil
}

type userRoleCmd struct {
	dataFlag
	Name string   `arg:"" help:"Name of the user."`
	Role []string `arg:"" optional:"" help:"ROLE for all domains, or ROLE@DOMAIN for the one with that ID; none for no role."`
}

// Run gives the user those roles.
func (c *userRoleCmd) Run(ctx context.Context) error {
	grants, err := readGrants(c.Role)
	if err != nil {
		return err
	}
	return c.change(ctx, c.Name, func(database *db.DB, id form.UserID) error {
		return database.SetRoles(ctx, form.Command, id, grants)
	})
}

type userDisableCmd struct {
	dataFlag
	Name string `arg:"" help:"Name of the user."`
}

// Run disables the user.
func (c *userDisableCmd) Run(ctx context.Context) error {
	return c.change(ctx, c.Name, func(database *db.DB, id form.UserID) error { return database.DisableUser(ctx, form.Command, id) })
}

type userEnableCmd struct {
	dataFlag
	Name string `arg:"" help:"Name of the user."`
}

// Run lets the user log in again.
func (c *userEnableCmd) Run(ctx context.Context) error {
	return c.change(ctx, c.Name, func(database *db.DB, id form.UserID) error { return database.EnableUser(ctx, form.Command, id) })
}

type userFactorCmd struct {
	dataFlag
	Name string `arg:"" help:"Name of the user."`
}

// Run removes the second factor.
func (c *userFactorCmd) Run(ctx context.Context) error {
	return c.change(ctx, c.Name, func(database *db.DB, id form.UserID) error { return database.RemoveFactor(ctx, form.Command, id) })
}

// change does something with the user of that name.
func (f *dataFlag) change(ctx context.Context, name string, do func(*db.DB, form.UserID) error) error {
	database, _, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	u, err := database.UserByName(ctx, name)
	if err != nil {
		return err
	}
	return do(database, u.ID)
}

// readGrants reads roles: ROLE, or ROLE@DOMAIN.
func readGrants(words []string) (grants []form.Grant, err error) {
	for _, word := range words {
		role, domain, one := strings.Cut(word, "@")
		g := form.Grant{Role: form.Role(role)}
		if one {
			id, err := strconv.ParseInt(domain, 10, 64)
			if err != nil || id < 1 {
				return nil, form.Invalid("role", "names no domain by its ID: %s", word)
			}
			g.Domain = form.DomainID(id)
		}
		if !g.Role.Valid() {
			return nil, form.Invalid("role", "is none of the roles: %s", word)
		}
		grants = append(grants, g)
	}
	return grants, nil
}

// grantsText writes roles as readGrants reads them.
func grantsText(grants []form.Grant) string {
	words := make([]string, len(grants))
	for i, g := range grants {
		words[i] = string(g.Role)
		if g.Domain != 0 {
			words[i] += "@" + strconv.FormatInt(int64(g.Domain), 10)
		}
	}
	return strings.Join(words, " ")
}

// askPassword reads one line, so that the password stands neither in the
// history of a shell nor in the list of processes, and returns its hash. It is of the
// user of that name.
func askPassword(in *os.File, name string) (string, error) {
	if info, err := in.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprint(os.Stderr, "password: ")
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	p := strings.TrimRight(line, "\r\n")
	if err := password.Check(p, name, "seosik", "서식"); err != nil {
		return "", err
	}
	return password.Hash(p), nil
}
