// Seosik reads filled paper forms: see README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/seosik/seosik/internal/cli"
)

func main() {
	// Whatever is written holds personal data or secrets: it is its owner's alone.
	syscall.Umask(0o077)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
