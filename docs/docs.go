// Package docs holds what the site says about itself to programs, and to people
// who write them.
package docs

import (
	"bytes"
	_ "embed"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// OpenAPI describes the API, as OpenAPI 3.1 in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Markdown describes the API to people.
//
//go:embed api.md
var Markdown []byte

// HTML returns Markdown as the inside of a page. It has no styles and no
// scripts. The caller must not change it.
var HTML = sync.OnceValue(func() []byte {
	tables := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))
	md := goldmark.New(goldmark.WithExtensions(tables), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var b bytes.Buffer
	if err := md.Convert(Markdown, &b); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
})
