package views

// An Inbox is the scan folder of a domain.
type Inbox struct {
	Folder                   string
	Waiting, Reading, Failed int // files
	Last                     []FailedFile
	Trouble                  string // what keeps files from being taken; empty for nothing
}

// A FailedFile could not be read.
type FailedFile struct{ Name, Why string }
