package views

import "github.com/seosik/seosik/internal/form"

// An UploadForm is the page on which files are handed in.
type UploadForm struct {
	Frame
	Domains   []Option
	Domain    form.DomainID // the chosen one
	Templates []Option      // of the chosen domain
	Idle      bool          // no template of the domain is in service
	Samples   []string      // names of the scans to try with; none where their template is not
	FileBytes int64         // that a file may have
	AllBytes  int64         // that all files may have together
	AllFiles  int           // that may be uploaded in one go
	Wrong     string        // id of words; empty if nothing is
	Recent    []SubmissionRow
}

// mebi returns bytes as MiB, rounded down.
func mebi(bytes int64) int64 { return bytes >> 20 }
