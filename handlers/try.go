package handlers

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/views"
)

// maxTried is how many bytes a value may have that is tried.
const maxTried = 10_000

// A tried value is judged by a field as it stands in the builder, saved or not.
type tried struct {
	Field json.RawMessage `json:"field"` // as in template.json
	Lang  string          `json:"lang"`  // of the template
	Text  string          `json:"text"`
}

// A verdict says whether the rules of the field hold.
type verdict struct {
	OK        bool     `json:"ok"`
	Sentences []string `json:"sentences"` // what is wrong with the value, or else with the rules
	Words     []string `json:"words"`     // the rules in words
}

// tryRules says what the rules of a field make of a value that somebody types to
// try them. It is kept nowhere.
func (s *server) tryRules(c echo.Context) error {
	of, err := s.template(c)
	if err != nil {
		return err
	}
	var asked tried
	if err := json.NewDecoder(c.Request().Body).Decode(&asked); err != nil || len(asked.Field) == 0 || len(asked.Text) > maxTried {
		return errBadRequest
	}
	ctx := c.Request().Context()
	t, wrong := form.DecodeField(asked.Field, form.SplitLanguages(asked.Lang))
	t.Domain = of.Domain
	if err := s.DB.AddLists(ctx, t); err != nil {
		return err
	}
	missing := slices.DeleteFunc(t.ListNames(), func(name string) bool { return t.Lists[name] != nil })
	f := t.Places()[0]
	v := verdict{Words: append(views.RuleWords(ctx, f, missing), views.PatternWords(ctx, f)...)}
	if e, ok := errors.AsType[*form.InvalidTemplateError](wrong); ok {
		for _, d := range e.Defects {
			v.Sentences = append(v.Sentences, views.SayDefect(ctx, d))
		}
		return c.JSON(http.StatusOK, v)
	}
	v.Sentences = views.Sentences(ctx, f.Explain(asked.Text))
	v.OK = len(v.Sentences) == 0
	return c.JSON(http.StatusOK, v)
}
