package inbox

import (
	"context"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/seosik/seosik/internal/form"
)

// whose returns what a file is taken in for, by the folders that it lies in, or why
// nobody can say.
func (x *Inbox) whose(ctx context.Context, file string) (s form.Submission, why say, err error) {
	names := foldersOf(file)
	domains, err := x.DB.Domains(ctx, form.Everything)
	if err != nil {
		return s, say{}, err
	}
	s.Domain, names, why = domainOf(domains, x.Domain, names)
	if why != (say{}) || len(names) == 0 {
		return s, why, nil
	}
	templates, err := x.DB.Templates(ctx, s.Domain)
	if err != nil {
		return s, say{}, err
	}
	for _, t := range templates {
		if called(names[0], t.Name) {
			s.Templates = append(s.Templates, t.ID)
		}
	}
	if len(s.Templates) == 0 || len(names) > 1 {
		return s, say{"inbox.unknown", shown(strings.Join(names, "/"))}, nil
	}
	return s, say{}, nil
}

// foldersOf returns the names of the folders that a file lies in.
func foldersOf(file string) []string {
	if dir := path.Dir(file); dir != "." {
		return strings.Split(dir, "/")
	}
	return nil
}

// domainOf returns the domain that files in folders of these names are of, and the
// names that are left. Of an office with one domain no folder has to name it.
func domainOf(domains []form.Domain, chosen form.DomainID, names []string) (id form.DomainID, left []string, why say) {
	if chosen != 0 {
		return chosen, names, say{}
	}
	if len(names) > 0 {
		named := slices.DeleteFunc(slices.Clone(domains), func(d form.Domain) bool { return !called(names[0], d.Name) })
		switch {
		case len(named) == 1:
			return named[0].ID, names[1:], say{}
		case len(named) > 1:
			return 0, nil, say{"inbox.several", shown(names[0])}
		}
	}
	switch {
	case len(domains) == 1:
		return domains[0].ID, names, say{}
	case len(names) == 0:
		return 0, nil, say{id: "inbox.which_domain"}
	default:
		return 0, nil, say{"inbox.unknown", shown(names[0])}
	}
}

// called reports whether a folder has a name: that of a Mac is in parts, and some
// systems know no capitals, and not every character.
func called(folder, name string) bool { return FolderName(folder) == FolderName(name) }

// FolderName returns the name of the folder for a domain or template.
func FolderName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, norm.NFC.String(name))
	name = strings.ToLower(strings.Trim(name, " ."))
	if slices.Contains([]string{readingFolder, doneFolder, failedFolder}, name) || passing(name) {
		return name + "_" // that one is ours, or is not looked into
	}
	return name
}

// shown returns a name as one line.
func shown(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "\uFFFD"))
}
