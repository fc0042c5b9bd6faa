package inbox

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// A Status says how the folder of a domain is.
type Status struct {
	Folder           string // where its files are put
	Waiting, Reading int    // files
	Failed           []Failed
	Trouble          string // what keeps files from being taken; empty for nothing
}

// Failed is a file that could not be read.
type Failed struct{ Name, Why string }

const maxFailed = 50 // that are shown; the folder has them all

// Status returns how the folder of a domain is, its reasons in a language.
func (x *Inbox) Status(ctx context.Context, d form.Domain, language string) Status {
	s := Status{Folder: x.Folder}
	domains, err := x.DB.Domains(ctx, form.Everything)
	if err != nil {
		return s.with(err)
	}
	if len(domains) > 1 && x.Domain == 0 {
		s.Folder = path.Join(x.Folder, FolderName(d.Name))
	}
	x.mu.Lock()
	trouble := x.trouble
	x.mu.Unlock()
	root, err := os.OpenRoot(x.Folder)
	if err != nil {
		return s.with(err)
	}
	defer root.Close()
	f := folder{root}
	mine := func(file string) bool {
		names := strings.Split(path.Dir(file), "/")
		if names[0] == "." {
			names = nil
		}
		id, _, _ := domainOf(domains, x.Domain, names)
		return id == d.ID
	}
	waiting, err := f.waiting()
	for _, w := range waiting {
		if mine(w.path) {
			s.Waiting++
		}
	}
	reading, err2 := f.taken()
	for _, t := range reading {
		if mine(t.path) {
			s.Reading++
		}
	}
	s.Failed = f.failed(mine, slices.Index(views.Languages, language))
	for _, err := range []error{trouble, err, err2} {
		s = s.with(err)
	}
	return s
}

func (s Status) with(err error) Status {
	if err != nil && s.Trouble == "" {
		s.Trouble = err.Error()
	}
	return s
}

// failed returns the files in failed that are wanted, with the line of their reasons
// that is in a language.
func (f folder) failed(wanted func(file string) bool, line int) (files []Failed) {
	under, _ := f.list(failedFolder, func(string) bool { return true })
	there := make(map[string]bool, len(under))
	for _, u := range under {
		there[u.path] = true
	}
	for _, u := range under {
		name := strings.TrimPrefix(u.path, failedFolder+"/")
		if !there[u.path+reasonSuffix] || !wanted(name) || len(files) == maxFailed {
			continue
		}
		if why, err := f.ReadFile(u.path + reasonSuffix); err == nil {
			lines := strings.Split(strings.ToValidUTF8(string(why), ""), "\n")
			files = append(files, Failed{name, lines[min(max(line, 0), len(lines)-1)]})
		}
	}
	return files
}
