package cli

import (
	"fmt"
	"io"

	"github.com/seosik/seosik/internal/backup"
)

type versionCmd struct{}

// Run prints the version of the program.
func (versionCmd) Run(out io.Writer) error {
	_, err := fmt.Fprintln(out, backup.Program())
	return err
}
