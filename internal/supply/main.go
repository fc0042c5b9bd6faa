// Command supply says what Seosik is made of: NOTICE, with the licences of all
// that is in the program or comes with it, and an SBOM in CycloneDX.
//
//	go run ./internal/supply notice > NOTICE
//	go run ./internal/supply sbom -version 0.1 [FILE.deb ...] > seosik.cdx.json
//
// What is in the program is asked of the go command, for Linux on amd64; what
// comes with it is said in parts.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("supply notice, or supply sbom -version V [FILE.deb ...]")
	}
	parts, err := all(ctx, ".")
	if err != nil {
		return err
	}
	switch args[0] {
	case "notice":
		return notice(out, parts)
	case "sbom":
		flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
		version := flags.String("version", "", "of Seosik")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(sbom(*version, append(parts, debian(flags.Args())...)))
	}
	return fmt.Errorf("%s is neither notice nor sbom", args[0])
}
