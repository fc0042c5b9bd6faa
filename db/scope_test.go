package db

import (
	"database/sql"
	"errors"
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

// unscoped are the loads that take neither a scope nor a domain.
var unscoped = map[string]string{
	"Standing":     "a stranger's attempt to get in",
	"Visit":        "of who asks, by a secret",
	"Sessions":     "a person's own",
	"Admission":    "of the office",
	"Administered": "of the office",
	"Factor":       "a person's own",
	"GrantChanges": "users belong to no domain",
	"People":       "users belong to no domain",
	"Person":       "users belong to no domain",
	"User":         "users belong to no domain",
	"UserByName":   "users belong to no domain",
	"Users":        "users belong to no domain",
	"Pace":         "a person's own",

	"AddLists":      "of a template that one has",
	"DryTask":       "of the server's queue",
	"DryTemplate":   "of the server's queue",
	"DrySubject":    "of the server's queue",
	"FinishedPages": "of the server's queue",
	"Taken":         "of the server's scan folder",

	"Revisions":   "numbers, by which the server sees that something has changed",
	"RunningJobs": "of the server's queue",
	"Notice":      "of the server's queue",
	"Unvalidated": "of the server's queue",
	"Bulk":        "of the person who asks",
	"View":        "of the person who asks, or shared",
	"Views":       "of the person who asks, or shared",

	"Unindexed": "a number, of the server's queue",
	"EmptyLog":  "tidies the file",

	"Vigilance": "of the office",
	"Masks":     "of the office",
	"Sealing":   "of the office",
	"Backups":   "of the office",
	"LogCheck":  "of the office",
	"Matters":   "of the office",
	"Waits":     "two times, of the office",

	"AccessChain":   "of the office",
	"ExportedPages": "of a file that one has",
	"AccessLog":     "of the office",
	"AccessPages":   "of the office",
	"AccessReport":  "of the office",
	"AccessRules":   "of the office",
	"AccessTallies": "of the office",
	"Alarms":        "of the office",
	"CutAccess":     "of the office",
	"Destructions":  "of the office",
	"DestructionOf": "of the office",
	"Heads":         "of the office",
	"KeysDue":       "of the office",
	"UnsealedPages": "of the office",
	"Holds":         "of the office",
	"Retentions":    "of the office",
}

func TestLoadsTakeAScope(t *testing.T) {
	all := methods(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := all[name]
		if !ast.IsExported(name) || m.takes["Actor"] || own[name] != "" {
			continue
		}
		loads := m.calls["view"] || name == "Export" || name == "PagesOf"
		switch scoped := m.takes["Scope"] || m.takes["DomainID"]; {
		case loads && !scoped && unscoped[name] == "":
			t.Errorf("%s takes no scope", name)
		case unscoped[name] != "" && (scoped || !loads):
			t.Errorf("%s is on the list of those that take no scope, and need not be", name)
		}
	}
	for name := range unscoped {
		if _, ok := all[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestWhatIsOutOfScopeIsNotThere(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	other, _, err := o.AddDomain(ctx, form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	draft := newTemplate(o.domain, "claim")
	draft.Stage, draft.Width = "", draft.Width+1
	o.save(t, draft)
	submission, docs := o.submit(t, "a.png", "b.png", "c.png", "d.png", "e.png")
	page := o.read(t, docs[0], 1, sumID)
	done := o.read(t, docs[1], 1)
	o.unmatched(t, docs[2])
	if err := o.FailDocument(ctx, docs[3], form.FailEmpty); err != nil {
		t.Fatal(err)
	}
	p, err := o.Page(ctx, form.Everything, page)
	if err != nil {
		t.Fatal(err)
	}
	people := o.people(t, 3)
	keyed := o.keyed(t, docs[4])
	for i, text := range []string{"가", "나"} {
		if _, err := o.key(t, keyed, nameID, people[i], text, false); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range []form.PageID{page, done} {
		if err := o.Plant(ctx, form.Person(people[i]), form.Probe{Page: p, Run: 1, Field: nameID, Shown: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.AnswerProbe(ctx, form.Person(people[1]), done, form.ProbeMissed); err != nil {
		t.Fatal(err)
	}
	id := o.template.ID
	sample := o.sample(t, id, "a.png", 1)
	dry := o.dryRun(t)
	if _, _, err := o.AddCorrection(ctx, form.Person(o.user), form.Correction{Page: done, Run: 1, Field: nameID, Text: "홍길동"}, 0); err != nil {
		t.Fatal(err)
	}
	_, more := o.submit(t, "e.png")
	o.begin(t, more[0], 1)
	gone := o.read(t, more[0], 1)
	if err := o.FinishDocument(ctx, more[0]); err != nil {
		t.Fatal(err)
	}
	if err := o.Trash(ctx, form.Person(o.user), gone); err != nil {
		t.Fatal(err)
	}
	if _, err := o.IndexPages(ctx); err != nil {
		t.Fatal(err)
	}
	document, err := o.Document(ctx, form.Everything, docs[0])
	if err == nil {
		err = o.Reopen(ctx, form.Person(o.user), done, "")
	}
	if err == nil {
		err = o.CloseReopening(ctx, form.Person(o.user), done)
	}
	if err != nil {
		t.Fatal(err)
	}
	file := document.Blob
	kim := form.Person(o.user)
	_, heldDocs := o.submit(t, "h.png")
	held := o.read(t, heldDocs[0], 1)
	if _, err := o.HoldPages(ctx, kim, 0, []form.PageID{held}, "x"); err != nil {
		t.Fatal(err)
	}
	loads := map[string]load{
		"Record":     func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Record(ctx, in, page)) },
		"Page":       func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Page(ctx, in, page)) },
		"HistoryOf":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.HistoryOf(ctx, in, page)) },
		"Submission": func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Submission(ctx, in, submission)) },
		"Progress":   func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Progress(ctx, in, submission)) },
		"Document":   func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Document(ctx, in, docs[0])) },
		"Template":   func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Template(ctx, in, id, 0)) },
		"Draft":      func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Draft(ctx, in, id)) },
		"Drafting":   func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Drafting(ctx, in, id, 0)) },
		"Suggested":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Suggested(ctx, in, id)) },
		"ChangeDraft": func(in form.Scope, _ form.DomainID) (int, error) {
			d, _, _, err := o.ChangeDraft(ctx, form.Person(o.user), in, id, nil)
			return one(d, err)
		},
		"Domain":    func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Domain(ctx, in, o.domain)) },
		"PageByUID": func(_ form.Scope, of form.DomainID) (int, error) { return one(o.PageByUID(ctx, of, p.UID)) },
		"NextForPerson": func(in form.Scope, _ form.DomainID) (int, error) {
			return one(o.NextForPerson(ctx, in, ReviewFilter{}, 0))
		},
		"NextInQueue": func(in form.Scope, _ form.DomainID) (int, error) {
			return one(o.NextInQueue(ctx, kim, in, QueueFilter{}, 0, false))
		},
		"ClaimPage":   func(in form.Scope, _ form.DomainID) (int, error) { return one(o.ClaimPage(ctx, kim, in, page, 0)) },
		"TakePage":    func(in form.Scope, _ form.DomainID) (int, error) { return one(nil, o.TakePage(ctx, kim, in, page)) },
		"ReleasePage": func(in form.Scope, _ form.DomainID) (int, error) { return one(nil, o.ReleasePage(ctx, kim, in, page)) },
		"AssignPage": func(in form.Scope, _ form.DomainID) (int, error) {
			return one(nil, o.AssignPage(ctx, kim, in, page, o.user, ""))
		},
		"SetAside": func(in form.Scope, _ form.DomainID) (int, error) {
			return one(nil, o.SetAside(ctx, kim, in, page, form.LaneLater))
		},
		"AddNote": func(in form.Scope, _ form.DomainID) (int, error) { return one(nil, o.AddNote(ctx, kim, in, page, "x")) },
		"HoldsOf": func(in form.Scope, _ form.DomainID) (int, error) { return many(o.HoldsOf(ctx, in, held)) },
		"Care":    func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Care(ctx, in, page)) },
		"Queue": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Queue(ctx, in, o.user, QueueFilter{}))
		},
		"QueueCounts": func(in form.Scope, _ form.DomainID) (int, error) {
			n, err := o.QueueCounts(ctx, in, o.user, QueueFilter{})
			return len(n), err
		},

		"Probe":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Probe(ctx, in, page, people[0])) },
		"Misses": func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Misses(ctx, in, 9)) },
		"MissRate": func(in form.Scope, _ form.DomainID) (int, error) {
			r, err := o.MissRate(ctx, in, time.Time{})
			return r.Of, err
		},
		"KeyedOf":  func(in form.Scope, _ form.DomainID) (int, error) { return among(o.KeyedOf(ctx, in, keyed)) },
		"Disputed": func(in form.Scope, _ form.DomainID) (int, error) { return among(o.Disputed(ctx, in, keyed, people[2])) },
		"NextKeyed": func(in form.Scope, _ form.DomainID) (int, error) {
			return one(o.NextKeyed(ctx, form.Person(people[2]), in))
		},
		"KeyQueue": func(in form.Scope, _ form.DomainID) (int, error) {
			q, err := o.KeyQueue(ctx, in, people[2])
			return q.Mine, err
		},

		"Case":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Case(ctx, in, sample, "")) },
		"Cases": func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Cases(ctx, in, id, "")) },
		"UnreadCases": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.UnreadCases(ctx, in, id, "", time.Time{}))
		},

		"DryRun":    func(in form.Scope, _ form.DomainID) (int, error) { return one(o.DryRun(ctx, in, id)) },
		"DrySight":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.DrySight(ctx, in, id, dry[0])) },
		"DryLosses": func(in form.Scope, _ form.DomainID) (int, error) { return many(o.DryLosses(ctx, in, id)) },
		"Twins":     func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Twins(ctx, in, id)) },
		"Releases":  func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Releases(ctx, in, id)) },
		"DryValues": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.DryValues(ctx, in, id, form.Worse, 9))
		},

		"Versions": func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Versions(ctx, in, id)) },
		"PagesOf":  func(in form.Scope, _ form.DomainID) (int, error) { return many(o.PagesOf(ctx, in, submission)) },
		"PartOf":   func(in form.Scope, _ form.DomainID) (int, error) { return many(o.PartOf(ctx, in, submission, 0, 2)) },
		"Pages":    func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Pages(ctx, in, PageFilter{})) },
		"Pages named": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Pages(ctx, in, PageFilter{Name: "a"}))
		},
		"StoryOf":       func(in form.Scope, _ form.DomainID) (int, error) { return one(o.StoryOf(ctx, in, page)) },
		"LastReopening": func(in form.Scope, _ form.DomainID) (int, error) { return one(o.LastReopening(ctx, in, done)) },
		"PagesOfFiles": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.PagesOfFiles(ctx, in, []blob.Key{file}, 9))
		},
		"PageIDs": func(in form.Scope, _ form.DomainID) (int, error) { return many(o.PageIDs(ctx, in, PageFilter{})) },
		"Pages with a value": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Pages(ctx, in, PageFilter{Value: "홍길동"}))
		},
		"CountPages": func(in form.Scope, _ form.DomainID) (int, error) {
			n, _, err := o.CountPages(ctx, in, PageFilter{}, 9)
			return n, err
		},
		"ValuesWith": func(in form.Scope, _ form.DomainID) (n int, err error) {
			of, err := o.ValuesWith(ctx, in, []form.PageID{done}, "홍길동", true)
			return len(of[done]), err
		},
		"Seen": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Seen(ctx, in, []form.PageID{page, gone}))
		},
		"InTrash":    func(in form.Scope, _ form.DomainID) (int, error) { return many(o.InTrash(ctx, in, 0, 9)) },
		"CountTrash": func(in form.Scope, _ form.DomainID) (int, error) { return o.CountTrash(ctx, in, 9) },
		"Pages of the domain": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Pages(ctx, in, PageFilter{Domain: o.domain}))
		},
		"Submissions": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Submissions(ctx, in, SubmissionFilter{}))
		},
		"Health": func(in form.Scope, _ form.DomainID) (int, error) {
			h, err := o.Health(ctx, in, id, time.Time{}, time.Time{})
			return h.Pages, err
		},
		"Unquestioned": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Unquestioned(ctx, in, id, dateID, 1))
		},
		"Records": func(_ form.Scope, of form.DomainID) (int, error) { return many(o.Records(ctx, of, []string{p.UID})) },
		"RetryFailed": func(in form.Scope, _ form.DomainID) (int, error) {
			_, docs := o.submit(t, "f.png")
			if err := o.FailDocument(ctx, docs[0], form.FailEmpty); err != nil {
				return 0, err
			}
			return o.RetryFailed(ctx, kim, in, FailedFilter{}, func(*sql.Tx, []Chore) error { return nil })
		},
		"Failed": func(in form.Scope, _ form.DomainID) (int, error) {
			n, err := o.Failed(ctx, in, FailedFilter{})
			return len(n), err
		},
		"NeedPerson": func(in form.Scope, _ form.DomainID) (int, error) { return o.NeedPerson(ctx, in, ReviewFilter{}) },
		"NeedPerson of a submission": func(in form.Scope, _ form.DomainID) (int, error) {
			return o.NeedPerson(ctx, in, ReviewFilter{Submission: submission})
		},
		"Unmatched": func(in form.Scope, _ form.DomainID) (int, error) {
			unmatched, again, err := o.Unmatched(ctx, in, 0)
			return unmatched + again, err
		},
		"Export": func(in form.Scope, _ form.DomainID) (n int, err error) {
			for _, err := range o.Export(ctx, in, ExportFilter{Template: id}) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		},
	}
	maps.Copy(loads, o.exportLoads(t))
	maps.Copy(loads, o.tileLoads(t))
	maps.Copy(loads, o.marginLoads(t))
	for name, load := range loads {
		for _, in := range []form.Scope{form.Everything, form.Within(o.domain)} {
			if n, err := load(in, o.domain); n == 0 || err != nil {
				t.Errorf("%s, %+v: %d, %v", name, in, n, err)
			}
		}
		for _, in := range []form.Scope{{}, form.Within(other.ID)} {
			if n, err := load(in, other.ID); n != 0 || err != nil {
				t.Errorf("%s, out of scope: %d, %v", name, n, err)
			}
		}
	}
	for name, m := range methods(t) {
		if ast.IsExported(name) && m.takes["Scope"] && loads[name] == nil && name != "Domains" {
			t.Errorf("%s is not tried", name)
		}
	}
	if ds, err := o.Domains(ctx, form.Within(other.ID)); err != nil || len(ds) != 1 || ds[0].ID != other.ID {
		t.Errorf("Domains: %+v, %v", ds, err)
	}
}

// A load returns how many things one returned.
type load func(in form.Scope, of form.DomainID) (some int, err error)

func (o *office) exportLoads(t *testing.T) map[string]load {
	t.Helper()
	ctx, kim := t.Context(), form.Person(o.user)
	p := o.profile1(t, form.Profile{Name: "monthly"})
	x := NewExport{Profile: p.ID, Export: form.Export{Template: o.template.ID}}
	chosen, err := o.AddSelection(ctx, kim, []form.PageID{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	file, err := o.AddExport(ctx, kim, form.Everything, x, nil)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]load{
		"AddExport":    func(in form.Scope, _ form.DomainID) (int, error) { return one(o.AddExport(ctx, kim, in, x, nil)) },
		"Selection":    func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Selection(ctx, in, o.user, chosen)) },
		"Exports":      func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Exports(ctx, in, 9)) },
		"ExportOf":     func(in form.Scope, _ form.DomainID) (int, error) { return one(o.ExportOf(ctx, in, file)) },
		"DropExport":   func(in form.Scope, _ form.DomainID) (int, error) { return one(nil, o.DropExport(ctx, kim, in, file)) },
		"SaveProfile":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.SaveProfile(ctx, kim, in, p)) },
		"Profiles":     func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Profiles(ctx, in)) },
		"Profile":      func(in form.Scope, _ form.DomainID) (int, error) { return one(o.Profile(ctx, in, p.ID)) },
		"ProfileNamed": func(in form.Scope, _ form.DomainID) (int, error) { return one(o.ProfileNamed(ctx, in, p.Name)) },
		"DeleteProfile": func(in form.Scope, _ form.DomainID) (int, error) {
			p := o.profile1(t, form.Profile{Name: fmt.Sprintf("of %+v", in)})
			return one(nil, o.DeleteProfile(ctx, kim, in, p.ID))
		},
	}
}

func (o *office) marginLoads(t *testing.T) map[string]load {
	t.Helper()
	ctx, kim := t.Context(), form.Person(o.user)
	page := o.withMargins(t, geom.XYWH(1, 1, 3, 2), geom.XYWH(5, 9, 3, 2))
	return map[string]load{
		"Margins":      func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Margins(ctx, in, page)) },
		"OpenMargins":  func(in form.Scope, _ form.DomainID) (int, error) { return many(o.OpenMargins(ctx, in, MarginFilter{})) },
		"CountMargins": func(in form.Scope, _ form.DomainID) (int, error) { return o.CountMargins(ctx, in, MarginFilter{}, 9) },
		"AnswerMargin": func(in form.Scope, _ form.DomainID) (int, error) {
			return one(nil, o.AnswerMargin(ctx, kim, in, page, 1, 2, form.MarginNothing, ""))
		},
	}
}

func (o *office) tileLoads(t *testing.T) map[string]load {
	t.Helper()
	ctx, kim, id := t.Context(), form.Person(o.user), o.template.ID
	doubted := func() form.PageID {
		_, docs := o.submit(t, "f.png")
		return o.read(t, docs[0], 1, sumID)
	}
	page := doubted()
	if err := o.AddSnippets(ctx, page, 1, form.Snippets{Blob: blob.KeyOf(nil), Parts: []form.Snippet{{Field: sumID, Size: 1}}}); err != nil {
		t.Fatal(err)
	}
	if err := o.KeepTyped(ctx, kim, form.Typed{Page: page, Run: 1, Field: sumID, Held: form.Held{Text: "x"}}); err != nil {
		t.Fatal(err)
	}
	return map[string]load{
		"Typed":       func(in form.Scope, _ form.DomainID) (int, error) { return many(o.Typed(ctx, in, page)) },
		"SheetCounts": func(in form.Scope, _ form.DomainID) (int, error) { return among(o.SheetCounts(ctx, in, id)) },
		"FirstSheet":  func(in form.Scope, _ form.DomainID) (int, error) { return one(o.FirstSheet(ctx, in)) },
		"Sheet": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Sheet(ctx, in, SheetFilter{Template: id, Field: sumID, For: o.user}))
		},
		"Sheet of all": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Sheet(ctx, in, SheetFilter{Template: id, Field: sumID, All: true}))
		},
		"TileGroups": func(in form.Scope, _ form.DomainID) (int, error) {
			groups, languages, err := o.TileGroups(ctx, in, TileFilter{})
			return len(groups) + len(languages), err
		},
		"Tiles": func(in form.Scope, _ form.DomainID) (int, error) {
			return many(o.Tiles(ctx, in, TileFilter{Template: id, Sort: form.TileShort, For: o.user}))
		},
		"SnippetOf": func(in form.Scope, _ form.DomainID) (int, error) { return one(o.SnippetOf(ctx, in, page, 1, sumID, 0)) },
		"Say": func(in form.Scope, _ form.DomainID) (int, error) {
			said, err := o.Say(ctx, kim, in, []Verdict{{Page: doubted(), Run: 1, Field: sumID, Text: "x"}})
			return len(slices.DeleteFunc(said, func(out Outcome) bool { return out.Missed })), err
		},
		"Trust": func(in form.Scope, _ form.DomainID) (int, error) {
			trust, err := o.Trust(ctx, in, id, time.Time{}, time.Time{})
			return trust.Pages + trust.Unseen.Of + trust.Keyed.Of + trust.Probes.Of, err
		},
		"StateCounts": func(in form.Scope, _ form.DomainID) (int, error) {
			return among(o.StateCounts(ctx, in, id, time.Time{}, time.Time{}))
		},
		"StateCounts of all": func(in form.Scope, _ form.DomainID) (int, error) {
			return among(o.StateCounts(ctx, in, 0, time.Time{}, time.Time{}))
		},
	}
}

// one counts a thing that is there or, as form.ErrNotFound says, is not.
func one(_ any, err error) (int, error) {
	if errors.Is(err, form.ErrNotFound) {
		return 0, nil
	}
	return 1, err
}

func many[T any](list []T, err error) (int, error) {
	if errors.Is(err, form.ErrNotFound) {
		return 0, nil
	}
	return len(list), err
}

func among[K comparable, T any](m map[K]T, err error) (int, error) {
	if errors.Is(err, form.ErrNotFound) {
		return 0, nil
	}
	return len(m), err
}
