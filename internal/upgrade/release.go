package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// A release is a program of some version, and a data folder that it works on.
type release struct {
	program string // path
	data    string // folder
	serving *exec.Cmd
	log     bytes.Buffer // of the server, which ends before this is read
}

// environ is that of every command: the zone is part of what is said of days.
func environ() []string {
	return append(os.Environ(), "TZ=Asia/Seoul", "LC_ALL=C.UTF-8")
}

// run runs a command and returns what it prints.
func (r *release) run(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, r.program, args...)
	cmd.Env, cmd.Stdin = environ(), strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("seosik %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// start serves the data folder, and returns the address.
func (r *release) start(ctx context.Context, args ...string) (address string, err error) {
	r.serving = exec.CommandContext(ctx, r.program, append([]string{"serve", "--data", r.data, "--listen", "127.0.0.1:0"}, args...)...)
	r.serving.Env = append(environ(), "SEOSIK_ADMIN_PASSWORD="+users[0].Password)
	out, err := r.serving.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := r.serving.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&r.log, lines.Text())
		if _, address, ok := strings.Cut(lines.Text(), "address="); ok {
			go func() {
				for lines.Scan() { // so that it does not wait for us
				}
			}()
			address, _, _ = strings.Cut(address, " ")
			return address, nil
		}
	}
	return "", errors.Join(fmt.Errorf("the server does not start:\n%s", r.log.String()), r.serving.Wait())
}

// stop has the server end.
func (r *release) stop() error {
	if err := r.serving.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return r.serving.Wait()
}
