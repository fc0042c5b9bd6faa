// Command fuzz fuzzes everything that has a Fuzz function, each for so long, and
// prints a line a target. It takes up nothing of the runs before but what they
// found, which lies in testdata and which all tests read; it ends by itself, with
// status 1 where something was found.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	each := flag.Duration("time", time.Minute, "how long each target is fuzzed")
	only := flag.String("only", "", "a regular expression; targets are called PACKAGE.FuzzX")
	flag.Parse()
	if err := run(context.Background(), *each, *only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A target is a function that fuzzes.
type target struct{ folder, name string }

func (t target) String() string { return t.folder + "." + t.name }

func run(ctx context.Context, each time.Duration, only string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	targets, err := find(".")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "fuzz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	begun, fuzzed, found, built := time.Now(), 0, 0, ""
	program := filepath.Join(dir, "program")
	for _, t := range targets {
		if !wanted.MatchString(t.String()) {
			continue
		}
		if built != t.folder {
			// With -fuzz, all that it is made of is built anew to say which way it takes.
			if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-fuzz", ".", "-o", program, "./"+t.folder).CombinedOutput(); err != nil {
				return fmt.Errorf("build %s: %w\n%s", t.folder, err, out)
			}
			built = t.folder
		}
		fuzzed++
		line, ok := fuzz(ctx, t, program, each)
		if !ok {
			found++
		}
		fmt.Printf("%-45s %s\n", t, line)
	}
	fmt.Printf("%d targets in %v, %d found something or were not run\n", fuzzed, time.Since(begun).Round(time.Second), found)
	if found > 0 {
		return errors.New("what was found lies in testdata/fuzz of its package")
	}
	return nil
}

var declared = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// find returns the targets below a folder, by name.
func find(root string) (targets []target, err error) {
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		case !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		code, err := os.ReadFile(name)
		for _, m := range declared.FindAllSubmatch(code, -1) {
			targets = append(targets, target{filepath.ToSlash(filepath.Dir(name)), string(m[1])})
		}
		return err
	})
	return targets, err
}

// progress is what go test says while it fuzzes.
var progress = regexp.MustCompile(`execs: (\d+) .*new interesting: (\d+) \(total: (\d+)\)`)

// fuzz fuzzes one target, and returns what to say of it and whether it held.
func fuzz(ctx context.Context, t target, program string, each time.Duration) (string, bool) {
	// What else was interesting, in a run before, is not taken up: each run is alike.
	kept, err := os.MkdirTemp("", "fuzz-")
	if err != nil {
		return err.Error(), false
	}
	defer os.RemoveAll(kept)
	const grace = 5 * time.Minute // to read the seeds, and to make small what was found
	ctx, stop := context.WithTimeout(ctx, each+grace)
	defer stop()
	cmd := exec.CommandContext(ctx, program, "-test.run=^$", "-test.fuzz=^"+t.name+"$", "-test.fuzztime="+each.String(), "-test.fuzzcachedir="+kept)
	cmd.Dir = t.folder
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Sprintf("FOUND %v\n%s", err, bytes.TrimSpace(out)), false
	}
	said := progress.FindAllSubmatch(out, -1)
	if len(said) == 0 { // the time was too short, or the target left itself out, for want of its seeds
		return fmt.Sprintf("NOT RUN\n%s", bytes.TrimSpace(out)), false
	}
	last := said[len(said)-1]
	return fmt.Sprintf("ok  %8s inputs, %s of %s were new", last[1], last[2], last[3]), true
}
