package drawn

import (
	"math/big"
	"math/rand/v2"
	"slices"

	"golang.org/x/text/encoding/korean"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/sample"
)

// rareNames gives some people in Korean forms names of any syllables: real
// names have many that vocabularies of samples have not.
func rareNames(r *rand.Rand, b *sample.Blank, values map[form.FieldID]sample.Value) {
	if b.Template.Languages[0] != "ko" {
		return
	}
	for _, f := range b.Template.Places() {
		letters := []rune(values[f.ID].Text)
		if b.Contents[f.ID] != sample.Name || len(letters) < 2 || r.IntN(3) > 0 {
			continue
		}
		for i := range letters[1:] {
			letters[i+1] = syllable(r)
		}
		values[f.ID] = sample.Value{Text: string(letters)}
	}
}

// syllable returns one of the 2,350 syllables of KS X 1001.
func syllable(r *rand.Rand) rune {
	for {
		s := '가' + rune(r.IntN('힣'-'가'+1))
		code, err := korean.EUCKR.NewEncoder().String(string(s))
		if err == nil && code[0] >= 0xa1 && code[1] >= 0xa1 { // not one of those that Windows added
			return s
		}
	}
}

// checkDigits makes numbers of those that have a check digit, where one is as
// long, and gives their fields the rule.
func checkDigits(r *rand.Rand, b *sample.Blank, values map[form.FieldID]sample.Value) {
	for i := range b.Template.Fields {
		f := &b.Template.Fields[i]
		if c := b.Contents[f.ID]; c != sample.Digits && c != sample.Account {
			continue
		}
		for _, n := range r.Perm(len(form.Checks)) {
			if text := fitting(form.Checks[n], values[f.ID].Text); text != "" {
				values[f.ID] = sample.Value{Text: text}
				f.Rules.Check = form.Checks[n]
				break
			}
		}
	}
}

// fitting returns text with another last digit, so that check fits, or "" where
// there is none.
func fitting(check form.Check, text string) string {
	for digit := range "0123456789" {
		if n := len(text); n > 0 {
			if made := text[:n-1] + string(rune('0'+digit)); check.Fits(made) {
				return made
			}
		}
	}
	return ""
}

// sums makes fields that hold an amount the sum of a column of a table, and gives
// them the rule.
func sums(b *sample.Blank, values map[form.FieldID]sample.Value) {
	for i := range b.Template.Tables {
		t := &b.Template.Tables[i]
		for c, column := range t.Columns {
			total := slices.IndexFunc(b.Template.Fields, func(f form.Field) bool {
				return b.Contents[f.ID] == sample.Amount && f.Kind == form.Normal && f.Rules.Sum == nil
			})
			sum := sumOf(t, c, values)
			if total < 0 || sum == nil || b.Contents[t.CellID(t.Header, c)] != sample.Amount {
				continue
			}
			f := &b.Template.Fields[total]
			values[f.ID] = sample.Value{Text: form.FormatAmount(sum)}
			f.Rules.Sum = []string{t.Name + "." + column.Name}
		}
	}
}

// sumOf returns the sum of a column, or nil where it has none.
func sumOf(t *form.Table, column int, values map[form.FieldID]sample.Value) *big.Rat {
	sum, filled := new(big.Rat), 0
	for row := t.Header; row < t.Header+len(t.Rows); row++ {
		text := values[t.CellID(row, column)].Text
		amount, ok := form.ParseAmount(text)
		switch {
		case ok:
			sum.Add(sum, amount)
			filled++
		case text != "":
			return nil
		}
	}
	if filled == 0 {
		return nil
	}
	return sum
}

// addRules gives fields the rules that an office would, but none that what was
// written breaks.
func addRules(b *sample.Blank, truth map[form.FieldID]sample.Truth) {
	known := map[sample.Content][]string{}
	for seed := range uint64(30) {
		for id, v := range b.Invent(seed, 0) {
			if c := b.Contents[id]; v.Text != "" && !slices.Contains(known[c], v.Text) {
				known[c] = append(known[c], v.Text)
			}
		}
	}
	ticked := map[string]int{}
	for i := range b.Template.Fields {
		f := &b.Template.Fields[i]
		if b.Contents[f.ID] == sample.OneOf && truth[f.ID].Checked {
			ticked[f.Group]++
		}
		if f.Kind != form.Normal {
			continue
		}
		usual(&f.Rules, b.Contents[f.ID], known)
		if len(f.Problems(truth[f.ID].Text)) > 0 {
			f.Rules = form.Rules{}
		}
	}
	for i := range b.Template.Tables {
		t := &b.Template.Tables[i]
		for c := range t.Columns {
			t.Columns[c].Rules = form.Rules{}
			usual(&t.Columns[c].Rules, b.Contents[t.CellID(t.Header, c)], known)
		}
	}
	for _, f := range b.Template.Places() {
		if i := slices.IndexFunc(b.Template.Tables, func(t form.Table) bool { return t.Name == f.Table }); i >= 0 && len(f.Problems(truth[f.ID].Text)) > 0 {
			b.Template.Tables[i].Columns[f.Column].Rules = form.Rules{}
		}
	}
	for group, n := range ticked {
		if n == 1 {
			b.Template.Groups = append(b.Template.Groups, form.Group{Name: group, Choose: form.ChooseOne})
		}
	}
}

// usual adds the rules that what holds c mostly has, of which the values known
// may stand in lists.
func usual(r *form.Rules, c sample.Content, known map[sample.Content][]string) {
	least := 0.0
	switch c {
	case sample.Date:
		r.Date = true
	case sample.Amount, sample.Count:
		r.Min = &least
	case sample.Bank, sample.Relation, sample.Position, sample.Department:
		r.In = form.In{Texts: known[c]}
	}
}
