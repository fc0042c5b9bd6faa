// Package clova speaks the wire format of the CLOVA Template OCR API, in its
// versions V1 and V2: the bytes of a request in, the JSON of an answer or of
// an error out. It knows no HTTP framework and no database.
//
// Where the original is not known, docs/api.md says what was chosen.
//
// # Limits
//
// A request is read as a stream. Base64 is decoded on the way, and its file goes
// to the disk as it comes: a request takes some 100 KB of memory, however large
// its file is.
package clova

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// A Version is a version of the protocol.
type Version string

// The versions.
const (
	V1 Version = "V1"
	V2 Version = "V2"
)

// A Request is what a client asks for: to read one image.
type Request struct {
	Version   Version
	ID        string   // chosen by the client, sent back as it came
	Timestamp int64    // as the client sent it, in no certain unit; 0 where it sent none
	Languages []string // of "ko", "ja", "zh-TW" and "en"; empty for those of the domain
	Tables    bool     // wants tables, too
	Image     Image
}

// Sum returns the SHA-256, in hexadecimal, of what r asks for: two requests of
// the same sum have the same answer. The timestamp is no part of it. It reads
// the file.
func (r *Request) Sum() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %t %q %q %d %q\n", r.Version, r.ID, r.Languages, r.Tables, r.Image.Name, r.Image.Format, r.Image.Templates, r.Image.URL)
	if r.Image.File != nil {
		f, err := r.Image.File.Open()
		if err != nil {
			return "", err
		}
		defer f.Close()
		if _, err := io.Copy(h, f); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// An Image is the file of a request.
type Image struct {
	Name      string            // chosen by the client, sent back as it came
	Format    string            // as the client said: jpg, jpeg, png, pdf, tiff or tif; the bytes may say otherwise
	File      *blob.Draft       // nil where only a URL was sent
	Head      []byte            // the first bytes of the file, 1024 at most
	URL       string            // where the file is; not looked at if there is a File
	Templates []form.TemplateID // the only templates to look for; empty for all in service
}

// Paged reports whether a file that begins with head is of a kind that holds
// pages, PDF or TIFF. Answers about such a file say which page they are about.
func Paged(head []byte) bool {
	// A PDF may start with up to 1024 bytes of something else.
	if bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) {
		return true
	}
	for _, magic := range []string{"II*\x00", "MM\x00*", "II+\x00", "MM\x00+"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// Readable reports whether a file that begins with head is of a kind that the
// protocol knows.
func Readable(head []byte) bool {
	return Paged(head) || bytes.HasPrefix(head, []byte("\xff\xd8\xff")) || bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n"))
}

// NewID returns a new random identifier as the protocol writes them: 32
// hexadecimal digits in lower case.
func NewID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}
