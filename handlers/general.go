package handlers

import (
	"context"
	"iter"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/scan"
)

// generalPages is how many pages of a PDF or TIFF General OCR reads.
const generalPages = 10

// A General reads files without templates: a *reader.Reader, except in tests.
type General interface {
	// Sheets yields the pages of file in order. An error is the context's.
	Sheets(ctx context.Context, file []byte, languages []string) iter.Seq2[form.Sheet, error]
}

// general answers a call of General OCR. What it reads is kept nowhere.
func (s *server) general(ctx context.Context, d form.Domain, r *clova.Request) (*clova.Response, error) {
	if r.Tables && !d.Settings.Tables {
		return nil, clova.ErrTables
	}
	if err := s.file(ctx, d, r, generalPages); err != nil {
		return nil, err
	}
	done, err := s.reading.enter(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := s.useCalls(ctx, d.ID, 1); err != nil {
		return nil, err
	}
	languages := r.Languages
	if len(languages) == 0 {
		languages = d.Languages
	}
	var sheets []form.Sheet
	err = s.Intake.Aside(ctx, func(ctx context.Context) error {
		file, err := r.Image.File.Bytes()
		if err != nil {
			return err
		}
		for sheet, err := range s.General.Sheets(ctx, file, languages) {
			if err != nil {
				return err
			}
			sheets = append(sheets, sheet)
		}
		return nil
	})
	if err == nil {
		err = clova.SheetRefusal(sheets)
	}
	if err != nil {
		return nil, err
	}
	return clova.NewGeneral(r, s.Now(), sheets), nil
}

// file sees to it that r has its file, which it fetches where r names an
// address only, and that the file does not have too many pages.
func (s *server) file(ctx context.Context, d form.Domain, r *clova.Request, pages int) error {
	if err := s.fetchFile(ctx, d, &r.Image); err != nil {
		return err
	}
	if !clova.Paged(r.Image.Head) {
		return nil
	}
	done, err := s.looking.enter(ctx, r.Image.File.Size()+countBytes)
	if err != nil {
		return err
	}
	defer done()
	file, err := r.Image.File.Bytes()
	if err != nil {
		return err
	}
	if err := scan.CheckPages(ctx, file, scan.Limits{Bytes: s.Limits.Bytes, Pages: pages}); err != nil {
		return clova.ErrBody.Because("a PDF or TIFF may have %d pages at most", pages)
	}
	return nil
}
