package views

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// Sentences says what is wrong with a value, a sentence for each problem.
func Sentences(ctx context.Context, problems []form.Problem) []string {
	list := []string{} // never null in JSON
	for _, p := range problems {
		list = append(list, sentence(ctx, p))
	}
	return list
}

// sentence says what is wrong with a value, and what was expected.
func sentence(ctx context.Context, p form.Problem) string {
	names := strings.Join(p.Names, ", ")
	switch p.Reason {
	case form.ReasonNotInList:
		switch {
		case p.Want != "":
			return Say(ctx, "problem.not_in_list", "List", p.Want)
		case names != "":
			return Say(ctx, "problem.not_in_texts", "Texts", names)
		}
		return Say(ctx, "problem.not_allowed")
	case form.ReasonNotAmount, form.ReasonNotDate, form.ReasonGroupNone:
		return Say(ctx, "problem."+string(p.Reason))
	case form.ReasonTooSmall, form.ReasonTooLarge:
		return Say(ctx, "problem."+string(p.Reason), "Want", p.Want)
	case form.ReasonTooEarly, form.ReasonTooLate:
		return Say(ctx, "problem."+string(p.Reason), "Date", p.Want)
	case form.ReasonNoSuchDay:
		return noSuchDay(ctx, p.Day)
	case form.ReasonCheckLength:
		return Say(ctx, "problem.check_length", "Kind", checkWord(ctx, p.Check), "Want", p.Want)
	case form.ReasonCheckDigit:
		if p.Check == form.KRResident || p.Check == form.KRCorporate {
			return Say(ctx, "problem.check_digit_new", "Kind", checkWord(ctx, p.Check))
		}
		return Say(ctx, "problem.check_digit", "Kind", checkWord(ctx, p.Check))
	case form.ReasonSum:
		if p.Got != "" {
			return Say(ctx, "problem.sum_part", "Total", names, "Got", p.Got, "Want", p.Want)
		}
		return Say(ctx, "problem.sum", "Names", names, "Want", p.Want)
	case form.ReasonGroupMany:
		return Say(ctx, "problem.group_many", "Names", names)
	default:
		return Say(ctx, "reason."+string(p.Reason))
	}
}

func noSuchDay(ctx context.Context, d form.Day) string {
	month := strconv.Itoa(d.Month)
	if d.Month < 1 || d.Month > 12 {
		return Say(ctx, "problem.no_such_month", "Month", month)
	}
	if Language(ctx) == "en" {
		month = time.Month(d.Month).String()
	}
	switch {
	case d.Exists():
		return Say(ctx, "problem.not_born", "Date", d.String())
	case form.Day{Month: d.Month, Day: d.Day}.Exists(): // in another year
		return Say(ctx, "problem.no_such_day_of", "Day", d.Day, "Month", month, "Year", d.Year)
	default:
		return Say(ctx, "problem.no_such_day", "Day", d.Day, "Month", month)
	}
}

func checkWord(ctx context.Context, c form.Check) string { return Say(ctx, "check."+string(c)) }

// ruledBy says which rule chose a reading.
func ruledBy(ctx context.Context, r form.Reason) string {
	switch r {
	case form.ReasonNotInList:
		return Say(ctx, "rule.in")
	case form.ReasonCheckDigit, form.ReasonCheckLength:
		return Say(ctx, "rule.check")
	case form.ReasonNoSuchDay, form.ReasonNotDate, form.ReasonTooEarly, form.ReasonTooLate:
		return Say(ctx, "rule.date")
	case form.ReasonNotAmount, form.ReasonTooSmall, form.ReasonTooLarge:
		return Say(ctx, "rule.amount")
	default:
		return Say(ctx, "rule.pattern")
	}
}

// why says, in a sentence each, why a value is doubtful, which rules it breaks
// as it is now, and that a rule chose it. Rules are told by the values of now:
// another field may have been corrected since this one was read. What is said once
// for all values is not said again.
func (r ReviewRow) why(ctx context.Context) []string {
	var list []string
	if k := r.Value.Keyed; len(k.By) > 1 {
		list = append(list, Say(ctx, "second.differ"))
	} else if k.Mine {
		list = append(list, Say(ctx, "second.waits"))
	}
	common := false
	if r.Value.Doubtful() {
		for _, reason := range r.Value.Reading.Reasons {
			switch {
			case slices.Contains(r.Common, reason):
				common = true
			case !reason.OfRule():
				list = append(list, r.doubt(ctx, reason))
			}
		}
	}
	for _, p := range r.Problems {
		list = append(list, sentence(ctx, p))
	}
	if len(list) == 0 && !common && r.Value.Doubtful() {
		list = append(list, Say(ctx, "rule.fits_now"))
	}
	if by := r.Value.Reading.Ruled; by != "" && r.Value.Latest() == nil {
		list = append(list, Say(ctx, "rule.chose", "Rule", ruledBy(ctx, by)))
	}
	return list
}

// doubt says why a value is doubtful. Where characters are not clear, it names them.
func (r ReviewRow) doubt(ctx context.Context, reason form.Reason) string {
	if names := r.unclear(); reason == form.ReasonLowSymbol && len(names) > 0 {
		return Say(ctx, "reason.unclear", "Characters", strings.Join(names, " · "))
	}
	return Say(ctx, "reason."+string(reason))
}

// picks returns what a person can choose instead of typing it: what else was read
// that the field could hold.
func (r ReviewRow) picks() []string {
	if !r.Value.Doubtful() || r.checkbox() || r.tall() {
		return nil
	}
	const most = 9 // as many as there are keys
	var texts []string
	for _, a := range r.Value.Reading.Alternatives {
		if len(texts) < most && a.Text != r.Value.Reading.Text && !slices.Contains(texts, a.Text) &&
			!strings.Contains(a.Text, "\n") && r.Value.Field.Could(a.Text, r.Languages) {
			texts = append(texts, a.Text)
		}
	}
	return texts
}

// RuleWords says what a field must hold, and how that is handled. Missing are the
// lists that are not there.
func RuleWords(ctx context.Context, f form.Field, missing []string) []string {
	words := []string{} // never null in JSON
	r := &f.Rules
	add := func(is bool, id string, pairs ...any) {
		if is {
			words = append(words, Say(ctx, id, pairs...))
		}
	}
	add(f.ValueType == form.Numeric, "template.numeric")
	add(r.Required, "template.required")
	if list := r.In.List(); list != "" {
		id := "rule.list"
		for _, m := range missing {
			if m == list {
				id = "rule.list_missing"
			}
		}
		add(true, id, "List", list)
	}
	add(len(r.In.Texts) > 0, "rule.texts", "Texts", someOf(r.In.Texts))
	add(r.Min != nil, "rule.min", "Want", decimal(r.Min))
	add(r.Max != nil, "rule.max", "Want", decimal(r.Max))
	add(r.Date, "rule.date")
	add(r.NotBefore != "", "rule.not_before", "Date", dayWord(ctx, r.NotBefore))
	add(r.NotAfter != "", "rule.not_after", "Date", dayWord(ctx, r.NotAfter))
	add(r.Check != "", "check."+string(r.Check))
	add(len(r.Sum) > 0, "rule.sum", "Names", someOf(r.Sum))
	add(r.Critical, "rule.critical")
	add(f.Review != "" && f.Review != form.ReviewMachine, "rule.review_"+string(f.Review))
	add(f.Confidence > 0, "rule.confidence", "Want", strconv.FormatFloat(f.Confidence, 'f', -1, 64))
	return words
}

// someOf returns a few texts, for a line of a table.
func someOf(texts []string) string {
	const most = 8
	if len(texts) > most {
		return strings.Join(texts[:most], ", ") + ", …"
	}
	return strings.Join(texts, ", ")
}

func decimal(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func dayWord(ctx context.Context, day string) string {
	if day == form.Today {
		return Say(ctx, "rule.today")
	}
	return day
}

// columns returns the columns of t of which there is more to say than their
// name, as fields.
func columns(t form.Table) []form.Field {
	var fs []form.Field
	for _, c := range t.Columns {
		f := form.Field{Name: c.Name, Label: c.Label, Kind: form.Normal, ValueType: c.ValueType, Rules: c.Rules, Handling: c.Handling}
		if f.Label != "" || f.ValueType == form.Numeric || !f.Rules.IsZero() || f.Handling != (form.Handling{}) {
			fs = append(fs, f)
		}
	}
	return fs
}
