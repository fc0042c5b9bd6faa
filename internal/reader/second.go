package reader

import (
	"context"
	"slices"

	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/reader/vote"
)

// A secondReader is what the second reader can do; its zero value, that there
// is none.
type secondReader struct {
	languages []string                             // that it reads
	alphabet  func(language string) *vote.Alphabet // what it can read
}

func (r *Reader) secondReader() secondReader {
	if r.cfg.Second == nil {
		return secondReader{}
	}
	return secondReader{r.cfg.Second.Languages(), r.alphabet}
}

// alphabet returns what the second reader knows where it reads in a language.
// There is one of each kind, so that pointers can be compared.
func (r *Reader) alphabet(language string) *vote.Alphabet {
	letters := ocr.Alphabet(r.cfg.Second, []string{language})
	known, ok := r.alphabets.Load(letters)
	if !ok {
		known, _ = r.alphabets.LoadOrStore(letters, vote.NewAlphabet(letters))
	}
	return known.(*vote.Alphabet)
}

// engines names the readers.
func (r *Reader) engines() string {
	if r.cfg.Second == nil {
		return r.cfg.Engine.Name()
	}
	return r.cfg.Engine.Name() + ", " + r.cfg.Second.Name()
}

// there reports whether there is a second reader that knows Latin letters and
// digits at least.
func (s secondReader) there() bool { return slices.Contains(s.languages, "en") }

// reads reports whether it reads what stands in a form in languages: the one
// that leads them.
func (s secondReader) reads(languages []string) bool {
	return s.there() && slices.Contains(s.languages, leading(languages))
}

// leading returns the first of languages that is not English, which may stand in
// any form, or else English.
func leading(languages []string) string {
	for _, l := range languages {
		if l != "en" {
			return l
		}
	}
	return "en"
}

// read has the reader whose round it is read crops. A page is not lost because
// the second reader fails in it: then there is nothing that was read, and no
// error. One that was stopped from outside did not fail, and can be asked again.
func (r *Reader) read(ctx context.Context, crops []ocr.Crop, round int) ([]ocr.Text, error) {
	if round != secondRound && round != englishRound {
		return r.cfg.Engine.Read(ctx, crops)
	}
	texts, err := r.cfg.Second.Read(ctx, crops)
	if _, failed := failureOf(err); failed && ctx.Err() == nil {
		r.cfg.Log.Error("the second reader failed", "err", err)
		return nil, nil
	}
	return texts, err
}
