// Package clova speaks the wire format of the CLOVA Template OCR API, in its
// versions V1 and V2: the bytes of a request in, the JSON of an answer or of
// an error out. It knows no HTTP framework and no database.
//
// Where the original is not known, docs/api.md says what was chosen.
//
// # Limits
//
// A request is read as a stream. Base64 is decoded on the way, so that a file
// is in memory once, and every limit is checked before memory is taken.
package clova

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

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
// the same sum have the same answer. The timestamp is no part of it.
func (r *Request) Sum() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %t %q %q %d %q\n", r.Version, r.ID, r.Languages, r.Tables, r.Image.Name, r.Image.Format, r.Image.Templates, r.Image.URL)
	h.Write(r.Image.Data)
	return hex.EncodeToString(h.Sum(nil))
}

// An Image is the file of a request.
type Image struct {
	Name      string            // chosen by the client, sent back as it came
	Format    string            // as the client said: jpg, jpeg, png, pdf, tiff or tif; the bytes may say otherwise
	Data      []byte            // the file; nil where only a URL was sent
	URL       string            // where the file is; not looked at if there is Data
	Templates []form.TemplateID // the only templates to look for; empty for all in service
}

// Paged reports whether file is of a kind that holds pages, PDF or TIFF, by
// its bytes. Answers about such a file say which page they are about.
func Paged(file []byte) bool {
	// A PDF may start with up to 1024 bytes of something else.
	if bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-")) {
		return true
	}
	for _, magic := range []string{"II*\x00", "MM\x00*", "II+\x00", "MM\x00+"} {
		if bytes.HasPrefix(file, []byte(magic)) {
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
