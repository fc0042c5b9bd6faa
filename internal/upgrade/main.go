// Upgrade makes a data folder with some release of Seosik, by its command line
// and over HTTP only, and writes down beside it what it holds: what the machine
// read, and what people said of which field, however fields have been renamed
// and rows inserted since. Its test serves such a folder, made by the release
// before, with the program as it is, and misses nothing.
//
//	go run ./internal/upgrade -program /path/to/the/release/before
//
// What is written on the forms is invented.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"
)

func main() {
	log.SetFlags(0)
	program := flag.String("program", "", "the release that makes the folder")
	to := flag.String("to", "internal/upgrade/testdata", "folder for what is made")
	flag.Parse()
	if err := build(context.Background(), *program, *to); err != nil {
		log.Fatal("upgrade: ", err)
	}
}

// build makes a data folder and what is to be known of it.
func build(ctx context.Context, program, to string) (err error) {
	work, err := os.MkdirTemp("", "seosik-upgrade-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	s := &story{
		release: &release{program: program, data: filepath.Join(work, "data")},
		people:  make(map[string]*client), program: make(map[int]*client), chains: make(map[string]*chain),
	}
	if s.pen, err = newPen(); err != nil {
		return err
	}
	outside, closeOutside, err := office(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOutside()) }()
	if err := s.foundations(ctx); err != nil {
		return err
	}
	answers, err := s.live(ctx, outside)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, s.release.log.String())
	}
	if err := tidy(ctx, s.release.data); err != nil {
		return err
	}
	return s.keep(to, answers)
}

// live serves the house and tells its story. It stops the server while two
// pages are still to be read.
func (s *story) live(ctx context.Context, outside string) (answers map[string][]byte, err error) {
	site, err := s.release.start(ctx, "--validation-hosts", "127.0.0.1", "--stop-within", "1ms")
	if err != nil {
		return nil, err
	}
	for _, d := range s.house.Domains {
		s.program[d.ID] = newClient(site, d.Secret)
	}
	for i, u := range users {
		if i > 0 {
			if _, err := s.release.run(ctx, u.Password+"\n", "user", "add", "--data", s.release.data, u.Name); err != nil {
				return nil, errors.Join(err, s.release.stop())
			}
		}
		if s.people[u.Name], err = login(ctx, site, u); err != nil {
			return nil, errors.Join(err, s.release.stop())
		}
	}
	err = s.tell(ctx, outside)
	if err == nil {
		err = s.inventory(ctx)
	}
	if err == nil {
		answers, err = s.answers(ctx)
	}
	if err == nil {
		err = s.leave(ctx)
	}
	if stopped := s.release.stop(); err != nil { // it ends in the midst of work, and otherwise complains of that rightly
		err = errors.Join(err, stopped)
	}
	return answers, err
}

// office answers validations and webhooks, and returns its address.
func office(ctx context.Context) (address string, stop func() error, err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /check", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"result": "INVALID", "message": "사번이 명부에 없습니다."}`)
	})
	mux.HandleFunc("POST /told", func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{Handler: mux} //nolint:gosec // nobody else knows of it
	go func() { _ = server.Serve(l) }()
	return "http://" + l.Addr().String(), server.Close, nil
}

// tidy makes the database one small file, and sees that something is left to do.
func tidy(ctx context.Context, data string) (err error) {
	database, err := sql.Open("sqlite", filepath.Join(data, "seosik.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	var documents, pages int
	err = database.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM documents WHERE finished_at IS NULL), (SELECT count(*) FROM rereads WHERE finished_at IS NULL)`).Scan(&documents, &pages)
	if err != nil {
		return err
	}
	if documents != 1 || pages != 1 {
		return fmt.Errorf("%d documents and %d pages are left to be read, not one and one: try again", documents, pages)
	}
	for _, statement := range []string{`PRAGMA wal_checkpoint(TRUNCATE)`, `VACUUM`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := database.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the folder as an archive, what it holds as JSON, and what the
// release answered.
func (s *story) keep(to string, answers map[string][]byte) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(s.house, "", " ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(to, "house.json"), append(text, '\n'), 0o644),
		pack(filepath.Join(to, "house.tar.gz"), s.release.data, answers),
	)
}

func exportPath(part, reader string) string {
	q := url.Values{"part": {part}, "for": {reader}, "state": {"done", "review"}}
	return "/export/csv?" + q.Encode()
}

func exportName(part, reader string) string {
	return strings.ReplaceAll(part, ":", "-") + "-" + reader + ".csv"
}

func decode(body []byte, v any) error { return json.Unmarshal(body, v) }
