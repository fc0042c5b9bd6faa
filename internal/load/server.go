package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/sample/demo"
)

const password = "only for the load 1!"

// A server is the program at work, on a folder of its own.
type server struct {
	dir     string
	process *exec.Cmd
	address string // http://127.0.0.1:…
	domain  struct{ InvokePath, Secret string }
	memory  *memory
}

func start(program string) (_ *server, err error) {
	s := &server{}
	if s.dir, err = os.MkdirTemp("", "seosik-load-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if err := s.addDomain(program); err != nil {
		return nil, err
	}
	s.process = exec.CommandContext(context.Background(), program, "serve", "--data", s.dir, "--listen", "127.0.0.1:0")
	s.process.Env = append(os.Environ(), "SEOSIK_ADMIN_PASSWORD="+password)
	log, err := s.process.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	s.memory = watch(s.process.Process.Pid)
	if s.address, err = addressIn(log); err != nil {
		return nil, err
	}
	return s, nil
}

// addDomain adds a domain that has the demo's template in service.
func (s *server) addDomain(program string) error {
	set, dir := demo.Load(), filepath.Join(s.dir, "template")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"template.json": set.Template, "template.png": set.Picture} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	added, err := exec.CommandContext(context.Background(), program, "domain", "add", "--data", s.dir, "--name", "load", "--lang", "ko").Output()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(added, &s.domain); err != nil {
		return err
	}
	return exec.CommandContext(context.Background(), program, "template", "import", "--data", s.dir, "--domain", "1", "--stage", "service", dir).Run()
}

// addressIn returns the address that a server's log names. What it refuses and
// complains of after that is passed on, its requests are not.
func addressIn(log io.Reader) (string, error) {
	said, lines := regexp.MustCompile(`address=(http://\S+)`), bufio.NewScanner(log)
	for lines.Scan() {
		if found := said.FindStringSubmatch(lines.Text()); found != nil {
			go complaints(lines)
			return found[1], nil
		}
	}
	return "", errors.New("the server did not start")
}

func complaints(lines *bufio.Scanner) {
	for lines.Scan() {
		if strings.Contains(lines.Text(), "level=ERROR") {
			fmt.Fprintln(os.Stderr, lines.Text())
		}
	}
}

// stop ends the server and removes all it kept.
func (s *server) stop() {
	if s.process != nil && s.process.Process != nil {
		s.memory.stop()
		_ = s.process.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(time.Minute, func() { _ = s.process.Process.Kill() })
		_ = s.process.Wait()
		kill.Stop()
	}
	os.RemoveAll(s.dir)
}

// logIn returns a browser in which the administrator is logged in.
func (s *server) logIn() (*office, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	o := &office{address: s.address, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	form := url.Values{"user": {"admin"}, "password": {password}}.Encode()
	status, _, err := o.do(context.Background(), o.client, http.MethodPost, "/login", bytes.NewReader([]byte(form)), "Content-Type", "application/x-www-form-urlencoded")
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("log-in: status %d", status)
	}
	return o, err
}
