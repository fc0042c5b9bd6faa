package handlers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/views"
)

// dryShown is how many values of a change a dry run lists.
const dryShown = 100

// releasePage shows how an edition of a template gets into beta and service.
func (s *server) releasePage(c echo.Context) error {
	t, err := s.editionToRelease(c, c.QueryParam("version"))
	if err != nil {
		return err
	}
	return s.drawRelease(c, http.StatusOK, t, "", "")
}

// editionToRelease returns the edition of the template of the path that is
// asked for, or else the draft, or else that in beta, or else the one that stands
// for the template.
func (s *server) editionToRelease(c echo.Context, asked string) (*form.Template, error) {
	ctx := c.Request().Context()
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return nil, err
	}
	if asked != "" {
		version, err := strconv.Atoi(asked)
		if err != nil || version < 0 {
			return nil, form.ErrNotFound
		}
		return s.edition(ctx, scope(c), id, version)
	}
	if draft, err := s.DB.Draft(ctx, scope(c), id); !errors.Is(err, form.ErrNotFound) {
		return draft, err
	}
	versions, err := s.DB.Versions(ctx, scope(c), id)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(versions, func(t *form.Template) bool { return t.Stage == form.Beta }); i >= 0 {
		return versions[i], nil
	}
	return s.DB.Template(ctx, scope(c), id, 0)
}

// edition returns the draft of a template, for version 0, or a version.
func (s *server) edition(ctx context.Context, in form.Scope, id form.TemplateID, version int) (*form.Template, error) {
	if version == 0 {
		return s.DB.Draft(ctx, in, id)
	}
	return s.DB.Template(ctx, in, id, version)
}

// drawRelease draws the page; note is as typed, and wrong why t was not released.
func (s *server) drawRelease(c echo.Context, status int, t *form.Template, note, wrong string) error {
	ctx := c.Request().Context()
	m := views.ReleasePage{Frame: s.frame(c, "release.title", views.Templates), Template: t, Note: note, Wrong: wrong}
	m.Name = t.Name
	editions, err := s.DB.Editions(ctx, t.Domain)
	if err != nil {
		return err
	}
	m.Editions = shownEditions(editions[t.ID])
	if err := t.Validate(); t.Stage == form.Draft && err != nil {
		m.Defects = views.DefectLines(ctx, err)
	}
	if m.Missing, err = s.missingLists(ctx, t); err != nil {
		return err
	}
	d, err := s.DB.Domain(ctx, scope(c), t.Domain)
	if err != nil {
		return err
	}
	m.Beta = d.Settings.Beta
	if m.Releases, err = s.DB.Releases(ctx, scope(c), t.ID); err != nil {
		return err
	}
	if m.Print, err = s.fingerprint(ctx, t); err != nil {
		return err
	}
	if m.Dry, err = s.dryPanel(c, t); err != nil {
		return err
	}
	return s.draw(c, status, views.ReleaseScreen(m))
}

// fingerprint returns that of t with the lists there are.
func (s *server) fingerprint(ctx context.Context, t *form.Template) (string, error) {
	if err := s.DB.AddLists(ctx, t); err != nil {
		return "", err
	}
	return t.Fingerprint()
}

// releaseTemplate puts the draft or a version into beta or service.
func (s *server) releaseTemplate(c echo.Context) error {
	return s.moveTemplate(c, func(ctx context.Context, id form.TemplateID, version int) error {
		stage := form.Stage(c.FormValue("stage"))
		if !stage.Released() {
			return errBadRequest
		}
		_, err := s.DB.ReleaseTemplate(ctx, actor(c), id, version, stage, c.FormValue("note"))
		return err
	})
}

// retireTemplate takes a version out of its stage.
func (s *server) retireTemplate(c echo.Context) error {
	return s.moveTemplate(c, func(ctx context.Context, id form.TemplateID, version int) error {
		return s.DB.RetireTemplate(ctx, actor(c), id, version, c.FormValue("note"))
	})
}

// moveTemplate has move put the edition that a form is about into another stage,
// unless it says something else than whoever sent the form has seen. What was
// typed stays where it cannot be done.
func (s *server) moveTemplate(c echo.Context, move func(context.Context, form.TemplateID, int) error) error {
	ctx := c.Request().Context()
	t, err := s.editionOf(c)
	if err != nil {
		return err
	}
	now, err := s.fingerprint(ctx, t)
	if err != nil {
		return err
	}
	if seen := c.FormValue("print"); seen != "" && seen != now {
		return s.drawRelease(c, http.StatusUnprocessableEntity, t, c.FormValue("note"), views.Say(ctx, "release.changed"))
	}
	err = move(ctx, t.ID, t.Version)
	_, note := errors.AsType[*form.InvalidError](err)
	_, defects := errors.AsType[*form.InvalidTemplateError](err)
	switch {
	case note:
		return s.drawRelease(c, http.StatusUnprocessableEntity, t, c.FormValue("note"), explain(err).say(ctx))
	case defects:
		return s.drawRelease(c, http.StatusUnprocessableEntity, t, c.FormValue("note"), "")
	case err != nil:
		return err
	}
	return sendTo(c, releasePath(t.ID))
}

// editionOf returns the edition that a form is about.
func (s *server) editionOf(c echo.Context) (*form.Template, error) {
	id, version, err := edition(c)
	if err != nil {
		return nil, err
	}
	return s.edition(c.Request().Context(), scope(c), id, version)
}

func releasePath(id form.TemplateID) string { return templatePath(id) + "/release" }

// startDryRun begins a dry run.
func (s *server) startDryRun(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := s.editionOf(c)
	if err != nil {
		return err
	}
	pages, err := strconv.Atoi(c.FormValue("pages"))
	if err != nil || !slices.Contains(views.DryChoices, pages) {
		return errBadRequest
	}
	if _, err := s.Intake.DryRun(ctx, actor(c), t.ID, t.Version, pages); err != nil {
		return err
	}
	return s.answerDry(c, t)
}

// stopDryRun ends the dry run before its end.
func (s *server) stopDryRun(c echo.Context) error {
	t, err := s.editionOf(c)
	if err != nil {
		return err
	}
	if err := s.DB.StopDryRun(c.Request().Context(), actor(c), t.ID); err != nil {
		return err
	}
	return s.answerDry(c, t)
}

// answerDry draws the dry run for scripts, and sends others to its page.
func (s *server) answerDry(c echo.Context, t *form.Template) error {
	if !scripted(c) {
		return sendTo(c, releasePath(t.ID)+"?"+url.Values{"version": {strconv.Itoa(t.Version)}}.Encode())
	}
	m, err := s.dryPanel(c, t)
	if err != nil {
		return err
	}
	return s.draw(c, http.StatusOK, views.DryNews(m))
}

// dryNews says how far the dry run is, or, when it has ended, what it found.
func (s *server) dryNews(c echo.Context) error {
	t, err := s.editionToRelease(c, c.QueryParam("version"))
	if err != nil {
		return err
	}
	if look := c.QueryParam("look"); look != "" {
		return s.lookAtDry(c, t, look)
	}
	m, err := s.dryPanel(c, t)
	if err != nil {
		return err
	}
	if m.Running() {
		return s.draw(c, http.StatusOK, views.DryProgress(m))
	}
	c.Response().Header().Set("HX-Retarget", "#dry")
	return s.draw(c, http.StatusOK, views.DryNews(m))
}

// lookAtDry sends a value that is masked until somebody looks at it.
func (s *server) lookAtDry(c echo.Context, t *form.Template, look string) error {
	run, err := s.DB.DryRun(c.Request().Context(), scope(c), t.ID)
	if err != nil {
		return err
	}
	changes, err := s.dryChanges(c, t, &run)
	if err != nil {
		return err
	}
	for _, change := range changes {
		for _, v := range change.Values {
			if v.Place == look {
				v.Look = ""
				s.saw(c, db.Access{Act: db.AccessReveal, Subject: "dry_run", Pages: []form.PageID{v.Page}})
				return s.draw(c, http.StatusOK, views.DryLook(v))
			}
		}
	}
	return form.ErrNotFound
}

// dryPanel returns what is known of the dry run of a template, beside one of its
// editions.
func (s *server) dryPanel(c echo.Context, t *form.Template) (m views.DryPanel, err error) {
	ctx, in := c.Request().Context(), scope(c)
	m = views.DryPanel{Template: t, CanRun: t.Validate() == nil}
	run, err := s.DB.DryRun(ctx, in, t.ID)
	if errors.Is(err, form.ErrNotFound) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Run = &run
	if m.Running() {
		return m, nil
	}
	now, err := s.fingerprint(ctx, t)
	if err != nil {
		return m, err
	}
	m.Stale = now != run.Fingerprint
	if m.Twins, err = s.DB.Twins(ctx, in, t.ID); err != nil {
		return m, err
	}
	if m.Losses, err = s.dryLosses(ctx, in, t.ID); err != nil {
		return m, err
	}
	if m.Changes, err = s.dryChanges(c, t, &run); err != nil {
		return m, err
	}
	var pages []form.PageID
	for _, change := range m.Changes {
		for _, v := range change.Values {
			pages = append(pages, v.Page)
		}
	}
	s.sawPages(c, db.AccessView, "dry_run", pages)
	return m, nil
}

func (s *server) dryLosses(ctx context.Context, in form.Scope, id form.TemplateID) (shown []views.DryLoss, err error) {
	list, err := s.DB.DryLosses(ctx, in, id)
	for _, l := range list {
		shown = append(shown, views.DryLoss{Page: l.Page, Document: l.Document, Label: form.PageLabel(l.Number, l.Part), Failed: l.State == form.DryFailed, TakenFor: l.TakenFor})
	}
	return shown, err
}

// dryChanges returns the values that were read otherwise, the worst first.
func (s *server) dryChanges(c echo.Context, t *form.Template, run *form.DryRun) ([]views.DryChange, error) {
	ctx, in := c.Request().Context(), scope(c)
	f, err := s.DB.DryTemplate(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	seen, err := s.seen(c, t.Domain)
	if err != nil {
		return nil, err
	}
	class, err := s.classNow(c, t.ID)
	if err != nil {
		return nil, err
	}
	places, names := make(map[form.FieldID]form.Field), f.Names()
	for _, p := range f.Places() {
		places[p.ID] = p
	}
	list := []views.DryChange{
		{Change: form.Worse, Count: run.Result.Worse},
		{Change: form.Better, Count: run.Result.Better},
		{Change: form.Other, Count: run.Result.Other},
	}
	for i := range list {
		values, err := s.DB.DryValues(ctx, in, run.Template, list[i].Change, dryShown)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			of, known := places[v.Field]
			if !known { // of which nobody knows the class
				continue
			}
			of.Personal = class(of)
			shown := dryValue(v, of, names[v.Field])
			shown.Mask(seen.Of(of.Personal))
			shown.Place = fmt.Sprintf("%d-%d-%d", v.Page, i, len(list[i].Values))
			shown.Look = fmt.Sprintf("/templates/%d/dry-run?look=%s", t.ID, shown.Place)
			list[i].Values = append(list[i].Values, shown)
		}
	}
	return list, nil
}

func dryValue(v db.DryValue, f form.Field, name string) views.DryValue {
	box := f.Box.Grow(cropMargin)
	return views.DryValue{
		Page: v.Page, Document: v.Document, Label: form.PageLabel(v.Number, v.Part), Of: f, Name: name,
		Said: v.Said, Was: v.Was, Now: v.Now, Box: [2]float64{box.Width(), box.Height()},
	}
}

// dryCrop sends the picture of a field where the dry run found it.
func (s *server) dryCrop(c echo.Context) error {
	ctx := c.Request().Context()
	template, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	page, err := id[form.PageID](c, "page")
	if err != nil {
		return err
	}
	field, err := url.PathUnescape(c.Param("field"))
	if err != nil {
		return form.ErrNotFound
	}
	sight, err := s.DB.DrySight(ctx, scope(c), template, page)
	if err != nil {
		return err
	}
	f, ok := sight.Template.Place(form.FieldID(field))
	if !ok || sight.Image == "" {
		return form.ErrNotFound
	}
	p, err := s.DB.Page(ctx, scope(c), page)
	if err != nil {
		return err
	}
	s.sawPart(c, page)
	return s.sendPageCrop(c, p, sight.Place, f.Box)
}

// sendPageCrop sends the part of a page on which box, in template px, lies, with
// what is around it, as the person who asks may see it.
func (s *server) sendPageCrop(c echo.Context, p form.PageInfo, templateToPage geom.Homography, box geom.Box) error {
	img, done, err := s.seenPicture(c, p)
	if err != nil {
		return err
	}
	defer done()
	return s.sendCrop(c, img, templateToPage, box.Grow(cropMargin))
}

// sendCrop sends the part of a picture on which box, in template px, lies.
func (s *server) sendCrop(c echo.Context, img image.Image, templateToPage geom.Homography, box geom.Box) error {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, reader.Crop(img, templateToPage, box)); err != nil {
		return err
	}
	if err := s.logged(c); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "image/png", b.Bytes())
}
