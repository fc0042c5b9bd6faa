package inbox

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// A Status says how the folder of a domain is.
type Status struct {
	Folder                   string // where its files are put
	Waiting, Reading, Failed int    // files
	Last                     []Failed
	Trouble                  string // what keeps files from being taken; empty for nothing
}

// Failed is a file that could not be read.
type Failed struct {
	Name string
	Why  string // a line a language; one line in a Status
}

const (
	maxFailed   = 50 // that are shown; the folder has them all
	failedEvery = 30 * time.Second
)

// A view is what the last round saw: a folder on another machine may be slow, and no
// page waits for it.
type view struct {
	waiting, reading []string
	failed           []Failed
	failedAt         time.Time
	err              error
}

// Status returns how the folder of a domain is, as the last round saw it, in a
// language. Files that are of no domain are counted for who may see all.
func (x *Inbox) Status(ctx context.Context, d form.Domain, all bool, language string) (s Status, err error) {
	domains, err := x.DB.Domains(ctx, form.Everything)
	if err != nil {
		return s, err
	}
	s.Folder = x.Folder
	if len(domains) > 1 && x.Domain == 0 {
		s.Folder = path.Join(x.Folder, FolderName(d.Name))
	}
	x.mu.Lock()
	v := x.saw
	x.mu.Unlock()
	mine := func(file string) bool {
		id, _, _ := domainOf(domains, x.Domain, foldersOf(file))
		return id == d.ID || id == 0 && all
	}
	s.Waiting, s.Reading = count(v.waiting, mine), count(v.reading, mine)
	line := max(0, slices.Index(views.Languages, language))
	for _, f := range v.failed {
		if !mine(f.Name) {
			continue
		}
		s.Failed++
		if lines := strings.Split(f.Why, "\n"); len(s.Last) < maxFailed {
			s.Last = append(s.Last, Failed{f.Name, lines[min(line, len(lines)-1)]})
		}
	}
	if v.err != nil {
		s.Trouble = say{id: troubleOf(v.err)}.in(language)
	}
	return s, nil
}

func count(files []string, wanted func(file string) bool) (n int) {
	for _, f := range files {
		if wanted(f) {
			n++
		}
	}
	return n
}

// troubleOf returns the id of the words for what keeps files from being taken. The
// log has more.
func troubleOf(err error) string {
	for _, t := range []struct {
		err error
		id  string
	}{
		{errBusy, "inbox.trouble.busy"},
		{syscall.EXDEV, "inbox.trouble.mounts"},
		{syscall.ENOSPC, "inbox.trouble.full"},
		{syscall.EDQUOT, "inbox.trouble.full"},
		{fs.ErrPermission, "inbox.trouble.permission"},
		{syscall.EROFS, "inbox.trouble.permission"},
		{fs.ErrNotExist, "inbox.trouble.gone"},
		{errDeep, "inbox.trouble.deep"},
	} {
		if errors.Is(err, t.err) {
			return t.id
		}
	}
	return "inbox.trouble.other"
}
