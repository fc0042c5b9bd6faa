// Package views draws the pages: models in .go files, components in .templ
// files, words in words/*.json, one file a language and part. A component
// takes one model and has the language in its context.
package views

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed words/*.json
var wordFiles embed.FS

// Languages lists the languages of the pages. The first is spoken to those
// who ask for none of them.
var Languages = []string{"ko", "en"}

var tags = []language.Tag{language.Korean, language.English} // of Languages, in the same order

var bundle = sync.OnceValue(func() *i18n.Bundle {
	b := i18n.NewBundle(tags[0])
	names, err := fs.Glob(wordFiles, "words/*.json")
	if err != nil {
		panic(err) // the pattern is right
	}
	for _, name := range names {
		if _, err := b.LoadMessageFileFS(wordFiles, name); err != nil {
			panic("views: " + name + ": " + err.Error()) // a mistake in a file that is built in
		}
	}
	return b
})

type speaker struct {
	language  string
	localizer *i18n.Localizer
}

type speakerKey struct{}

// WithLanguage returns a context in which components speak the first of
// wanted that they can. Each of wanted is one language or the value of an
// Accept-Language header, and may be empty.
func WithLanguage(ctx context.Context, wanted ...string) context.Context {
	_, i := language.MatchStrings(language.NewMatcher(tags), wanted...)
	lang := Languages[i]
	return context.WithValue(ctx, speakerKey{}, speaker{lang, i18n.NewLocalizer(bundle(), lang)})
}

// Language returns the language that components speak in ctx.
func Language(ctx context.Context) string { return speakerOf(ctx).language }

func speakerOf(ctx context.Context) speaker {
	if s, ok := ctx.Value(speakerKey{}).(speaker); ok {
		return s
	}
	return speakerOf(WithLanguage(ctx))
}

// Say returns the words with the given id in the language of ctx. The words
// may hold {{.Name}}; pairs are the names and what stands for them. A pair
// "Count", n also chooses between singular and plural. An id without words is
// returned as it is; a test sees that there is none.
func Say(ctx context.Context, id string, pairs ...any) string {
	config := &i18n.LocalizeConfig{MessageID: id}
	if len(pairs) > 0 {
		data := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			data[fmt.Sprint(pairs[i])] = pairs[i+1]
		}
		config.TemplateData = data
		if n, ok := data["Count"]; ok {
			config.PluralCount = n
		}
	}
	words, err := speakerOf(ctx).localizer.Localize(config)
	if err != nil && words == "" {
		return id
	}
	return words
}
