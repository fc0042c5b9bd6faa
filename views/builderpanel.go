package views

import (
	"context"
	"fmt"
	"strings"

	"github.com/seosik/seosik/internal/form"
)

// A PanelModel is the panel of the builder, on which is changed what is selected.
type PanelModel struct {
	Template form.TemplateID
	Domain   form.DomainID
	Lists    []string // names of the value lists of the domain
	ReadOnly bool
}

// A panelOption is one of what can be chosen in the panel.
type panelOption struct {
	value, words string
	lang         string // of the template, for which alone it is; empty for any
}

// A panelFormat is a form that texts often have, in words.
type panelFormat struct {
	lang    string // of the template; empty for any
	words   string // id, after "panel.format."
	pattern string
}

// panelFormats are offered as patterns. Their hyphens and spaces may be missing, as
// people leave them out.
var panelFormats = []panelFormat{
	{"ko", "phone", `\(?0\d{1,2}[-.) ]{0,2}\d{3,4}[-. ]?\d{4}`},
	{"ko", "mobile", `01[016789][-. ]?\d{3,4}[-. ]?\d{4}`},
	{"ko", "business", `\d{3}[- ]?\d{2}[- ]?\d{5}`},
	{"ko", "resident", `\d{6}[- ]?[\d*]{7}`},
	{"ko", "postcode", `\d{5}`},
	{"ko", "account", `\d[\d -]{7,18}\d`},
	{"ko", "vehicle", `([가-힣]{2} ?)?\d{2,3} ?[가-힣] ?\d{4}`},
	{"ja", "phone", `\(?0\d{1,4}[-)( ]{0,2}\d{1,4}[-) ]?\d{3,4}`},
	{"ja", "mobile", `0[789]0[- ]?\d{4}[- ]?\d{4}`},
	{"ja", "postcode", `〒? ?\d{3}[- ]?\d{4}`},
	{"ja", "account", `\d{7}`},
	{"ja", "kana", `[ァ-ヶｦ-ﾟー・()（）.\s-]+`},
	{"zh-TW", "phone", `\(?0\d{1,2}[-) ]{0,2}\d{3,4}[- ]?\d{3,4}`},
	{"zh-TW", "mobile", `09\d{2}[- ]?\d{3}[- ]?\d{3}`},
	{"zh-TW", "resident", `[A-Z][1289]\d{8}`},
	{"zh-TW", "business", `\d{8}`},
	{"zh-TW", "postcode", `\d{3}(\d{2,3})?`},
	{"zh-TW", "account", `\d[\d -]{8,16}\d`},
	{"en", "phone", `(\+?1[-. ]?)?\(?\d{3}[-.) ]{0,2}\d{3}[-. ]?\d{4}`},
	{"en", "resident", `\d{3}[- ]?\d{2}[- ]?\d{4}`},
	{"en", "business", `\d{2}[- ]?\d{7}`},
	{"en", "postcode", `\d{5}(-\d{4})?`},
	{"en", "account", `\d{4,17}`},
	{"", "phones", `[+\d][\d\s().+~-]{6,24}|\([\d\s().+~-]{7,24}`}, // as package suggest gives it
	{"", "email", `\S+@\S+\.\S+`},
	{"", "digits", `\d+`},
}

// said returns what f is called.
func (f panelFormat) said(ctx context.Context) string {
	if f.words == "resident" || f.words == "business" {
		return Say(ctx, "panel.format."+f.words+"."+f.lang) // each has its own name
	}
	return Say(ctx, "panel.format."+f.words)
}

// PatternWords says which form the text of a field must have: one that has a name,
// or else the pattern itself.
func PatternWords(ctx context.Context, f form.Field) []string {
	if f.Rules.Pattern == "" {
		return nil
	}
	name := f.Rules.Pattern
	for _, known := range panelFormats {
		if known.pattern == f.Rules.Pattern && (known.lang == "" || known.lang == f.Language) {
			name = known.said(ctx)
		}
	}
	return []string{Say(ctx, "panel.format") + ": " + name}
}

func formatOptions(ctx context.Context) []panelOption {
	list := []panelOption{{words: Say(ctx, "panel.free")}}
	for _, f := range panelFormats {
		list = append(list, panelOption{f.pattern, f.said(ctx), f.lang})
	}
	return append(list, panelOption{value: customChoice, words: Say(ctx, "panel.format_own")})
}

// customChoice stands in a selection for what is written beside it.
const customChoice = "…"

// mixedChoice stands in a selection for several values.
const mixedChoice = "(mixed)"

func listOptions(ctx context.Context, lists []string) []panelOption {
	list := []panelOption{{words: Say(ctx, "panel.free")}}
	for _, name := range lists {
		list = append(list, panelOption{value: "list:" + name, words: Say(ctx, "rule.list", "List", name)})
	}
	return append(list, panelOption{value: customChoice, words: Say(ctx, "panel.in_texts")})
}

func dayOptions(ctx context.Context) []panelOption {
	return []panelOption{
		{words: Say(ctx, "panel.free")},
		{value: form.Today, words: Say(ctx, "rule.today")},
		{value: customChoice, words: Say(ctx, "panel.day")},
	}
}

// choices returns an option for each of values; the words have ids that begin with
// id. First is what stands for none of them, or nothing.
func choices[T ~string](ctx context.Context, first, id string, values []T) []panelOption {
	var list []panelOption
	if first != "" {
		list = append(list, panelOption{words: Say(ctx, first)})
	}
	for _, v := range values {
		list = append(list, panelOption{value: string(v), words: Say(ctx, id+string(v))})
	}
	return list
}

var (
	panelKinds      = []form.Kind{form.Normal, form.MultiBox, form.Checkbox}
	panelValueTypes = []form.ValueType{form.All, form.Numeric}
	panelSides      = []string{"x", "y", "w", "h"}
)

// panelID returns the id of the control for a property, such as p-rules-min.
func panelID(property string) string { return "p-" + strings.ReplaceAll(property, ".", "-") }

func (m PanelModel) try() string { return fmt.Sprintf("/templates/%d/draft/try", m.Template) }
