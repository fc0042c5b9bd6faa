package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample/demo"
)

// A house is what a server serves from: a data folder with a domain and a
// template, and what has been sent to it.
type house struct {
	program  string
	out      string // folder into which saved downloads go; on the same disk
	root     string // a folder, which is on a disk of its own where the disk is what goes wrong
	log      string // file that servers write to
	password string
	domain   form.DomainID
	invoke   string // path of the API
	secret   string
	more     []string     // of the environment
	browser  *http.Client // stays logged in
	ledger   *ledger
}

func (h *house) data() string      { return filepath.Join(h.root, "data") }
func (h *house) database() string  { return filepath.Join(h.data(), "seosik.db") }
func (h *house) blobs() string     { return filepath.Join(h.data(), "blobs") }
func (h *house) backupDir() string { return filepath.Join(h.root, "backups") }
func (h *house) tmp() string       { return filepath.Join(h.root, "tmp") }

// furnish makes a house in root, with the demo's template in service.
func furnish(ctx context.Context, program, root, log string) (*house, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	h := &house{
		program: program, root: root, out: filepath.Join(root, "out"), log: log, password: rand.Text(), ledger: newLedger(),
		browser: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	if err := errors.Join(os.MkdirAll(h.tmp(), 0o700), os.Mkdir(h.out, 0o700), os.Mkdir(h.backupDir(), 0o700)); err != nil {
		return nil, err
	}
	out, err := h.run(ctx, "domain", "add", "--name", "soak", "--lang", "ko")
	if err != nil {
		return nil, err
	}
	var domain struct {
		ID                 form.DomainID
		InvokePath, Secret string
	}
	if err := json.Unmarshal(out, &domain); err != nil {
		return nil, err
	}
	h.domain, h.invoke, h.secret = domain.ID, domain.InvokePath, domain.Secret
	set := demo.Load()
	folder := filepath.Join(root, "template")
	if err := errors.Join(
		os.Mkdir(folder, 0o700),
		os.WriteFile(filepath.Join(folder, "template.json"), set.Template, 0o600),
		os.WriteFile(filepath.Join(folder, "template.png"), set.Picture, 0o600),
	); err != nil {
		return nil, err
	}
	_, err = h.run(ctx, "template", "import", "--domain", strconv.FormatInt(int64(h.domain), 10), "--stage", "service", folder)
	return h, err
}

// environment is what the program is told besides its flags.
func (h *house) environment() []string {
	return append(append(os.Environ(), "SEOSIK_ADMIN_PASSWORD="+h.password, "TMPDIR="+h.tmp(), "LC_ALL=C.UTF-8", "TZ=Asia/Seoul",
		"SEOSIK_EXPORT_FOLDERS="+h.out, "SEOSIK_BACKUP_FOLDER="+h.backupDir(), "SEOSIK_BACKUP_KEYS=true"), h.more...)
}

// run runs a command of the program and returns what it printed.
func (h *house) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, h.program, append(args, "--data", h.data())...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", args[0], args[1], err, complaint.Bytes())
	}
	return out, nil
}

// sweep removes what programs left that died.
func (h *house) sweep() error {
	return errors.Join(os.RemoveAll(h.tmp()), os.Mkdir(h.tmp(), 0o700))
}
