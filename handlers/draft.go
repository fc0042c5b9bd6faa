package handlers

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// maxDraftChanges bounds a request to change a draft, in bytes.
const maxDraftChanges = 8 << 20

// A draftAnswer is what the builder is told of a draft.
type draftAnswer struct {
	Revision  int64           `json:"revision"`
	Template  json.RawMessage `json:"template,omitempty"` // where it is another than at the revision that is known
	Suggested *suggestions    `json:"suggested,omitempty"`
	Defects   []draftDefect   `json:"defects,omitzero"` // of Template; there where that is
	People    []person        `json:"people"`
	ChangedBy string          `json:"changedBy"` // name; empty for nobody
	Refused   []refusedChange `json:"refused,omitzero"`
}

// The suggestions are fields that a draft may have.
type suggestions struct {
	Fields json.RawMessage `json:"fields"`
	Tables json.RawMessage `json:"tables"`
	Groups json.RawMessage `json:"groups"`
	Title  json.RawMessage `json:"title"` // null for none
}

// any reports whether there is a field or table among s, which may be nil.
func (s *suggestions) any() bool {
	return s != nil && (len(s.Fields) > len("[]") || len(s.Tables) > len("[]"))
}

// A draftDefect is what keeps a draft from being released, in words.
type draftDefect struct {
	Part     string `json:"part"`  // "fields", "tables", "groups", "combine", "title"; empty for the template itself
	Index    int    `json:"index"` // in its part
	ID       string `json:"id"`    // of the field, table or group; empty where there is none
	Property string `json:"property"`
	Words    string `json:"words"`
}

// A refusedChange is one that was not made.
type refusedChange struct {
	form.Refusal
	By string `json:"by"` // who changed the draft before; empty where that is not known
}

// draft sends the draft of a template, or a version of it, to the builder.
func (s *server) draft(c echo.Context) error {
	if v := c.QueryParam("version"); v != "" && v != "0" {
		t, err := s.template(c)
		if err != nil {
			return err
		}
		return s.sendDraft(c, db.Drafting{Template: t}, draftAnswer{Suggested: new(suggestions), People: []person{}})
	}
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	d, err := s.DB.Drafting(ctx, scope(c), id, 0)
	if err != nil {
		return err
	}
	suggested, err := s.DB.Suggested(ctx, scope(c), id)
	if err != nil {
		return err
	}
	text, err := form.EncodeDocument(suggested)
	if err != nil {
		return err
	}
	answer := draftAnswer{Suggested: new(suggestions), People: s.present(c, id, nil)}
	if err := json.Unmarshal(text, answer.Suggested); err != nil {
		return err
	}
	return s.sendDraft(c, d, answer)
}

// sendDraft answers with a draft, which it adds to what else there is to say.
func (s *server) sendDraft(c echo.Context, d db.Drafting, answer draftAnswer) error {
	answer.Revision, answer.ChangedBy = d.Revision, d.ChangedBy
	if t := d.Template; t != nil {
		var err error
		if answer.Template, err = form.EncodeDocument(t); err != nil {
			return err
		}
		answer.Defects = []draftDefect{}
		for _, defect := range t.Defects() {
			if defect.Code == form.DefectNothing && answer.Suggested.any() {
				continue // nobody has done anything wrong yet
			}
			answer.Defects = append(answer.Defects, draftDefectOf(c, t, defect))
		}
	}
	return c.JSON(http.StatusOK, answer)
}

func draftDefectOf(c echo.Context, t *form.Template, d form.Defect) draftDefect {
	of := draftDefect{Part: d.Part, Index: d.Index, Property: d.Property, Words: views.SayDefect(c.Request().Context(), d)}
	switch d.Part {
	case "fields":
		of.ID = string(t.Fields[d.Index].ID)
	case "tables":
		of.ID = t.Tables[d.Index].ID
	case "groups":
		of.ID = t.Groups[d.Index].ID
	case "":
		if rest, ok := strings.CutPrefix(d.Property, "title"); ok {
			of.Part, of.Property = "title", strings.TrimPrefix(rest, ".")
		}
	}
	return of
}

// present notes who asks, and returns who is in the draft.
func (s *server) present(c echo.Context, id form.TemplateID, at []string) []person {
	tab := c.QueryParam("tab")
	if len(tab) > maxTab {
		tab = ""
	}
	return s.presence.see(id, tab, user(c), selected(at), s.Now())
}

// changeDraft changes the draft, and answers with it as it is then.
func (s *server) changeDraft(c echo.Context) error {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	var asked struct {
		At      []string      `json:"at"`
		Changes []form.Change `json:"changes"`
	}
	if err := json.NewDecoder(c.Request().Body).Decode(&asked); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return err
		}
		return form.Invalid("changes", "are not to be understood") // what is wrong may hold what was sent
	}
	d, refused, by, err := s.DB.ChangeDraft(c.Request().Context(), actor(c), scope(c), id, asked.Changes)
	if err != nil {
		return err
	}
	answer := draftAnswer{People: s.present(c, id, asked.At), Refused: []refusedChange{}}
	if by == user(c).Name {
		by = "" // it was somebody else, before
	}
	for _, r := range refused {
		answer.Refused = append(answer.Refused, refusedChange{r, by})
	}
	return s.sendDraft(c, d, answer)
}

// draftNews answers what is new in the draft since a revision.
func (s *server) draftNews(c echo.Context) error {
	id, err := id[form.TemplateID](c, "template")
	if err != nil {
		return err
	}
	since, err := strconv.ParseInt(c.QueryParam("revision"), 10, 64)
	if err != nil {
		return errBadRequest
	}
	d, err := s.DB.Drafting(c.Request().Context(), scope(c), id, since)
	if err != nil {
		return err
	}
	at := strings.SplitN(c.QueryParam("at"), ",", maxSelected+1)
	return s.sendDraft(c, d, draftAnswer{People: s.present(c, id, at)})
}

// startDraft begins a draft with a version, and opens it in the builder.
func (s *server) startDraft(c echo.Context) error {
	id, version, err := edition(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if _, err := s.DB.Template(ctx, scope(c), id, version); err != nil {
		return err
	}
	if _, err := s.DB.StartDraft(ctx, actor(c), id, version); err != nil {
		return err
	}
	return sendTo(c, templatePath(id)+"/build")
}
