package handlers

import (
	"context"
	"errors"
	"image"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/securecookie"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/register"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/suggest"
	"github.com/seosik/seosik/views"
)

// replaceIn is how long registering a new picture may take, on a busy machine.
const replaceIn = 3 * time.Minute

// A replacement is the picture that a person wants a template to have. It lies in
// the store, and is nobody's before it is kept. The browser keeps the rest, sealed.
type replacement struct {
	By       form.UserID
	Template form.TemplateID
	Image    blob.Key
	Name     string // of its file in the template file
}

const replacementSeal = "replacement"

// replacePage asks for another picture of a template.
func (s *server) replacePage(c echo.Context) error {
	t, err := s.draftOrStanding(c)
	if err != nil {
		return err
	}
	return s.drawReplace(c, http.StatusOK, t, "")
}

func (s *server) drawReplace(c echo.Context, status int, t *form.Template, wrong string) error {
	m := views.ReplacePage{Frame: s.frame(c, "replace.title", views.Templates), Template: t, FileBytes: int64(s.Limits.Bytes), Wrong: wrong}
	m.Name = t.Name
	return s.draw(c, status, views.ReplacePicture(m))
}

// draftOrStanding returns the draft of the template of the path, or else the version
// that stands for it.
func (s *server) draftOrStanding(c echo.Context) (*form.Template, error) {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	t, err := s.DB.Draft(ctx, scope(c), id)
	if errors.Is(err, form.ErrNotFound) {
		t, err = s.DB.Template(ctx, scope(c), id, 0)
	}
	return t, err
}

// newPicture takes in another picture of a template.
func (s *server) newPicture(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := s.draftOrStanding(c)
	if err != nil {
		return err
	}
	done, err := s.beginUpload(c)
	if err != nil {
		return err
	}
	defer done()
	_, files, err := s.readBlank(c)
	defer discard(files)
	r := replacement{By: user(c).ID, Template: t.ID}
	if err == nil && len(files) == 0 {
		err = errNoFile
	}
	if err == nil {
		err = s.keepPicture(ctx, &r, files[0].Draft)
	}
	if err == nil {
		_, _, err = s.moveTo(ctx, t, r) // refused at once where it is of another form
	}
	if o, ok := mendable(err); ok {
		return s.drawReplace(c, o.status, t, o.say(ctx))
	}
	if err != nil {
		return err
	}
	sealed, err := securecookie.EncodeMulti(replacementSeal, r, s.sessions.Codecs...)
	if err != nil {
		return err
	}
	return sendTo(c, templatePath(t.ID)+"/replace/compare?of="+url.QueryEscape(sealed))
}

// keepPicture straightens the first page of a file, and keeps it for the time being.
func (s *server) keepPicture(ctx context.Context, r *replacement, file *blob.Draft) error {
	if file == nil {
		return scan.ErrTooLarge
	}
	done, err := s.looking.enter(ctx, file.Size()+countBytes)
	if err != nil {
		return err
	}
	defer done()
	data, err := file.Bytes()
	if err != nil {
		return err
	}
	page, err := scan.Nth(ctx, data, 1, s.Limits)
	if err != nil {
		return err
	}
	defer page.Free()
	f := suggest.Form{StraightToPage: suggest.Straighten(page.Gray)}
	f.Picture = suggest.Turn(page.Color, f.StraightToPage)
	picture, name, err := f.Encode(page.Shown)
	if err != nil {
		return err
	}
	r.Name = name
	if r.Image, err = s.Blobs.Put(ctx, picture); err != nil {
		return err
	}
	return s.DB.LoosenBlobs(ctx, r.Image)
}

// moveTo returns t on another picture, in a turn of a call, with what did not move
// with the rest.
func (s *server) moveTo(ctx context.Context, t *form.Template, r replacement) (moved *form.Template, strays []register.Stray, err error) {
	err = s.Intake.Aside(ctx, func(ctx context.Context) error {
		before, err := s.grayOf(ctx, t.Image)
		if err != nil {
			return err
		}
		after, err := s.grayOf(ctx, r.Image)
		if err != nil {
			return err
		}
		moved, strays, err = register.Move(t, before, after)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	moved.Image, moved.ImageName = r.Image, r.Name
	return moved, strays, nil
}

// grayOf returns the luma of a picture in the store.
func (s *server) grayOf(ctx context.Context, key blob.Key) (*image.Gray, error) {
	data, err := s.Blobs.Bytes(ctx, key)
	if err != nil {
		return nil, goneBlank(err)
	}
	page, err := scan.Nth(ctx, data, 1, scan.Limits{Bytes: len(data)})
	if err != nil {
		return nil, err
	}
	return page.Gray, nil
}

// openReplacement returns what was sealed for who is asking, about the template of
// the path.
func (s *server) openReplacement(c echo.Context) (t *form.Template, r replacement, err error) {
	if t, err = s.draftOrStanding(c); err != nil {
		return nil, r, err
	}
	if securecookie.DecodeMulti(replacementSeal, c.FormValue("of"), &r, s.sessions.Codecs...) != nil || r.By != user(c).ID || r.Template != t.ID {
		return nil, r, form.ErrNotFound
	}
	return t, r, nil
}

// comparePictures shows where the fields would be on the new picture.
func (s *server) comparePictures(c echo.Context) error {
	t, r, err := s.openReplacement(c)
	if err != nil {
		return err
	}
	moved, strays, err := s.moveTo(c.Request().Context(), t, r)
	if err != nil {
		return err
	}
	m := views.ComparePage{Frame: s.frame(c, "replace.title", views.Templates), Template: moved, Of: c.FormValue("of")}
	m.Name = t.Name
	for _, stray := range strays {
		m.Strays = append(m.Strays, views.Stray{
			Name: stray.Name, Lost: stray.Lost, Before: stray.Before, After: stray.After,
			Millimetres: strconv.FormatFloat(stray.After.Center().Distance(stray.Before.Center())*297/float64(max(moved.Width, moved.Height)), 'f', 1, 64),
		})
	}
	return s.draw(c, http.StatusOK, views.ComparePictures(m))
}

// replacementPicture sends the new picture.
func (s *server) replacementPicture(c echo.Context) error {
	_, r, err := s.openReplacement(c)
	if err != nil {
		return err
	}
	return goneBlank(s.sendBlob(c, r.Image))
}

// replacePicture gives the draft of a template the new picture, and its fields the
// places that were shown.
func (s *server) replacePicture(c echo.Context) error {
	ctx := c.Request().Context()
	t, r, err := s.openReplacement(c)
	if err != nil {
		return err
	}
	moved, _, err := s.moveTo(ctx, t, r)
	if err != nil {
		return err
	}
	picture, err := s.Blobs.Bytes(ctx, r.Image)
	if err != nil {
		return goneBlank(err)
	}
	if _, err := s.Blobs.Put(ctx, picture); err != nil { // dated anew, so that it is not swept before the draft names it
		return err
	}
	if _, err := s.DB.SaveDraft(ctx, actor(c), moved); err != nil {
		return err
	}
	return sendTo(c, templatePath(t.ID)+"/build")
}
