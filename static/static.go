// Package static holds the files that browsers fetch.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg lib
var files embed.FS

// A File is a file as browsers fetch it.
type File struct {
	Name string // "lib/htmx.min.js", for example
	Data []byte // not to be changed
}

// URL returns the address of the named file. It contains a hash of the
// content, so that the file can be cached for ever. It panics if there is no
// such file: that is a mistake in a view, or `make` did not fetch lib.
func URL(name string) string {
	url, ok := index().urls[name]
	if !ok {
		panic("static: no file " + name)
	}
	return url
}

// Open returns the file at the given address, as URL returned it.
func Open(url string) (File, error) {
	f, ok := index().files[url]
	if !ok {
		return File{}, fs.ErrNotExist
	}
	return f, nil
}

type byAddress struct {
	urls  map[string]string // by name
	files map[string]File   // by URL
}

var index = sync.OnceValue(func() byAddress {
	all := byAddress{make(map[string]string), make(map[string]File)}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(name)
		url := "/static/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		all.urls[name] = url
		all.files[url] = File{name, data}
		return nil
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	return all
})
