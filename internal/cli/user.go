package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/password"
)

type userCmds struct {
	Add      userAddCmd      `cmd:"" help:"Add a user. The password is read from standard input."`
	Password userPasswordCmd `cmd:"" help:"Give a user a new password, read from standard input."`
	List     userListCmd     `cmd:"" help:"List the users."`
}

type userAddCmd struct {
	dataFlag
	Name string `arg:"" help:"Name to log in with."`
}

// Run adds the user.
func (c *userAddCmd) Run(ctx context.Context) error {
	name := strings.TrimSpace(c.Name)
	if name == "" {
		return form.Invalid("name", "is empty")
	}
	hash, err := askPassword(os.Stdin)
	if err != nil {
		return err
	}
	database, _, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer database.Close()
	_, err = database.AddUser(ctx, form.Command, name, hash)
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
	hash, err := askPassword(os.Stdin)
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
	users, err := database.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if _, err := fmt.Fprintf(out, "%s\t%s\n", u.Name, u.CreatedAt.Format("2006-01-02")); err != nil {
			return err
		}
	}
	return nil
}

// askPassword reads one line, so that the password stands neither in the
// history of a shell nor in the list of processes, and returns its hash.
func askPassword(in *os.File) (string, error) {
	if info, err := in.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprint(os.Stderr, "password: ")
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	p := strings.TrimRight(line, "\r\n")
	if err := password.Check(p); err != nil {
		return "", err
	}
	return password.Hash(p), nil
}
