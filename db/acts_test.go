package db

import (
	"database/sql"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// own are the changes that nobody asks for: the server makes them by itself, or
// they come with something else.
var own = map[string]string{
	"AttemptSucceeded": "a stranger's attempt to get in",
	"BeginAttempt":     "a stranger's attempt to get in",
	"BeginSession":     "a person who logs in",
	"UseSession":       "that a person is there",
	"BeginFactor":      "a secret that counts for nothing before it is confirmed",
	"TakeStep":         "a person who logs in",
	"UseRecovery":      "a person who logs in",
	"RenewSession":     "a cookie",
	"EndVisit":         "a person who logs out",
	"UseCalls":         "a count that comes with a call",
	"LogChecked":       "the server, which has looked through the access log",
	"EndTaken":         "a file of the server's scan folder that was moved on",
	"DropKey":          "a call that came to nothing by a fault of the server",
	"OpenVault":        "made by the server when it first starts",
	"OpenVaultAlone":   "made by the server when it first starts",
	"Setting":          "made by the server when it first starts",
	"BackupFailed":     "what the server could not do",
	"KeysDestroyed":    "what comes with what a rule destroyed",
	"DestroyTextKeys":  "what comes with a deletion, which says who",
	"SealTexts":        "nothing of what was said is another",
	"Writable":         "nothing is kept of it",

	"Claim":   "the lease of a server",
	"Renew":   "the lease of a server",
	"Release": "the lease of a server",

	"Begin":          "how far reading is",
	"SetPages":       "how far reading is",
	"Split":          "how far reading is",
	"SaveRun":        "how far reading is",
	"Blame":          "how far reading is",
	"FinishDocument": "how far reading is",
	"FailDocument":   "how far reading is",
	"GiveBack":       "how far reading is",
	"Postpone":       "how far reading is",
	"SaveDryPage":    "how far a dry run is",
	"BlameDryPage":   "how far a dry run is",
	"PostponeDryRun": "how far a dry run is",
	"FinishDryRun":   "how far a dry run is",
	"SaveValidation": "what another server says of what was read",

	"DoBulk":      "what people asked for, in their name",
	"IndexPages":  "what was read and said, in order to be found",
	"EmptyTrash":  "what people deleted, in their name, by the clock",
	"LoosenBlobs": "bytes that nothing refers to yet",

	"Recover":         "jobs of the queue",
	"HurryJobs":       "jobs of the queue",
	"RescueJobs":      "jobs of the queue",
	"QueueNotices":    "jobs of the queue",
	"NoticeDelivered": "jobs of the queue",
	"LooseBlobs":      "what is left of a deletion, which says who",
	"BlobsRemoved":    "what is left of a deletion, which says who",

	"SetCasePages":   "how far reading is",
	"SaveCaseResult": "how far reading is",
	"DropSamples":    "what nobody wanted to keep, by the clock",

	"AddSnippets":    "how far reading is",
	"LayTiles":       "what was read, in order to be found",
	"QueueDue":       "what people scheduled, by the clock",
	"BeginExport":    "how far a file is",
	"ExportWrote":    "how far a file is",
	"ExportHeard":    "that a file is being made",
	"ExportMade":     "how far a file is",
	"FinishExport":   "how far a file is",
	"FailExport":     "how far a file is",
	"DropOldExports": "what was kept for a day, by the clock",

	"Saw":        "what is noted says by whom",
	"AddHead":    "what the access log came to",
	"CutAccess":  "what is older than the access log is kept, by the clock",
	"DestroyDue": "what the office set, by the clock",
	"Raise":      "what the server finds unusual",
}

// A method is what the source says of one of DB.
type method struct {
	takes map[string]bool // types of form
	actor bool            // right after the context
	calls map[string]bool // of other methods, or the like
}

func methods(t *testing.T) map[string]method {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]method)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && isOfDB(fn) {
				all[fn.Name.Name] = methodOf(fn)
			}
		}
	}
	return all
}

func isOfDB(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return false
	}
	pointer, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	of, ok := pointer.X.(*ast.Ident)
	return ok && of.Name == "DB"
}

func methodOf(fn *ast.FuncDecl) method {
	m := method{takes: make(map[string]bool), calls: make(map[string]bool)}
	for i, p := range fn.Type.Params.List {
		if of, ok := p.Type.(*ast.SelectorExpr); ok {
			m.takes[of.Sel.Name] = true
			m.actor = m.actor || i == 1 && of.Sel.Name == "Actor"
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			m.calls[s.Sel.Name] = true
		}
		return true
	})
	return m
}

func TestWhateverChangesSomethingTakesWhoDoesIt(t *testing.T) {
	all := methods(t)
	changing := map[string]bool{"update": true}
	for grown := true; grown; {
		grown = false
		for name, m := range all {
			for call := range m.calls {
				if changing[call] && !changing[name] {
					changing[name], grown = true, true
				}
			}
		}
	}
	if len(changing) < 30 {
		t.Fatalf("only %d change something", len(changing))
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !ast.IsExported(name) {
			continue
		}
		switch m := all[name]; {
		case own[name] != "" && (!changing[name] || m.actor):
			t.Errorf("%s is on the list of those that take no actor, and need not be", name)
		case changing[name] && !m.actor && own[name] == "":
			t.Errorf("%s changes something, and does not take who does it after the context", name)
		}
	}
	for name := range own {
		if _, ok := all[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

// acts returns what is kept of what was done after act number last.
func (db *DB) acts(t *testing.T, last int) (list []string) {
	t.Helper()
	err := db.view(t.Context(), func(tx tx) (err error) {
		list, err = collect(t.Context(), tx, func(scan func(...any) error) (s string, err error) {
			err = scan(&s)
			return s, err
		}, `
			SELECT concat_ws(' ', actor, user_id, act, subject, coalesce(subject_id, 'all'), 'of', coalesce(domain_id, 'all'), 'version ' || version)
			FROM acts WHERE id > ? ORDER BY id`, last)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestActsSayWhoDidWhat(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	none := func(*sql.Tx, []Chore) error { return nil }
	before := len(o.acts(t, 0))
	kim, program := form.Person(o.user), form.Program(o.domain)
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(o.AddUser(ctx, form.Command, "lee", "hash"))
	check(nil, o.SetPassword(ctx, form.Command, 2, "other"))
	d, _, err := o.AddDomain(ctx, form.System, "other", []string{"ko"})
	check(nil, err)
	check(nil, o.SaveDomain(ctx, kim, d))
	check(o.RotateSecret(ctx, kim, d.ID, time.Hour))
	check(nil, o.EndSecrets(ctx, kim, d.ID))
	check(nil, o.RotateSigningKey(ctx, kim, d.ID))
	list, err := o.SaveList(ctx, kim, d.ID, parseList(t, "banks", "a"))
	check(nil, err)
	check(nil, o.RemoveList(ctx, form.Command, d.ID, list))
	next := newTemplate(o.domain, "claim")
	next.Stage = ""
	check(o.SaveTemplate(ctx, kim, next)) // as the version in service
	next.Width++
	check(o.SaveDraft(ctx, kim, next))
	check(nil, o.DiscardDraft(ctx, kim, o.template.ID))
	check(o.SaveDraft(ctx, kim, next))
	check(o.ReleaseTemplate(ctx, kim, o.template.ID, 0, form.Beta, ""))
	check(nil, o.RetireTemplate(ctx, form.Command, o.template.ID, 2, ""))
	check(nil, o.SetValidation(ctx, kim, o.template.ID, "https://example.com"))
	check(o.AddSubmission(ctx, program, form.Submission{Domain: o.domain}, []form.Document{{Name: "a.png", Blob: "x"}}, none))
	page := o.unmatched(t, 1)
	check(o.RereadUnmatched(ctx, kim, o.domain, form.Reread{}, none))
	check(o.RereadUnmatched(ctx, kim, o.domain, form.Reread{}, none)) // none is left
	check(nil, o.SaveRun(ctx, page, 2, form.Page{State: form.StateUnmatched}, nil))
	check(nil, o.AddReread(ctx, program, form.Reread{Page: page}, none))
	check(o.RetryFailed(ctx, kim, form.Everything, FailedFilter{}, none)) // none has failed
	sample := o.sample(t, o.template.ID, "a.png", 1)
	say := []form.Expected{{Field: sumID}}
	check(nil, o.SetExpected(ctx, kim, sample, say))
	check(nil, o.SetExpected(ctx, kim, sample, say, nameID)) // it is a case already
	check(nil, o.DeleteCase(ctx, kim, sample))
	profile := o.profile1(t, form.Profile{Name: "monthly"})
	file, err := o.AddExport(ctx, kim, form.Everything, NewExport{Profile: profile.ID, Export: profile.Export}, nil)
	check(nil, err)
	check(nil, o.DropExport(ctx, kim, form.Everything, file))
	check(nil, o.DeleteProfile(ctx, kim, form.Everything, profile.ID))
	if diff := cmp.Diff([]string{
		"command add_user user 2 of all",
		"command set_password user 2 of all",
		"system add_domain domain 2 of 2",
		"person 1 save_domain domain 2 of 2",
		"person 1 rotate_secret domain 2 of 2",
		"person 1 end_secrets domain 2 of 2",
		"person 1 rotate_signing_key domain 2 of 2",
		"person 1 save_list list 1 of 2",
		"command remove_list list 1 of 2",
		"person 1 save_template template 1 of 1",
		"person 1 discard_draft template 1 of 1",
		"person 1 save_template template 1 of 1",
		"person 1 release_template template 1 of 1 version 2",
		"command retire_template template 1 of 1 version 2",
		"person 1 set_validation template 1 of 1",
		"program submit submission 1 of 1",
		"person 1 read_again page all of 1",
		"program read_again page 1 of 1",
		"person 1 add_samples template 1 of 1",
		"person 1 add_case case 1 of 1",
		"person 1 delete_case case 1 of 1",
		"person 1 save_profile profile 1 of 1",
		"person 1 drop_export export 1 of 1",
		"person 1 delete_profile profile 1 of 1",
	}, o.acts(t, before)); diff != "" {
		t.Error(diff)
	}
	for statement, want := range map[string]string{
		`UPDATE acts SET actor = 'system'`: "never changed",
		`DELETE FROM acts`:                 "never forgotten",
	} {
		if _, err := o.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestAnActThatCannotBeKeptIsNotDone(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	other, _, err := o.AddDomain(ctx, form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	before := len(o.acts(t, 0))
	for name, by := range map[string]form.Actor{
		"nobody":                      {},
		"no such user":                form.Person(99),
		"a program of another domain": form.Program(other.ID),
	} {
		if err := o.SetValidation(ctx, by, o.template.ID, "https://example.com"); err == nil {
			t.Errorf("%s could change it", name)
		}
	}
	if f, err := o.Template(ctx, form.Everything, o.template.ID, 0); err != nil || f.Validation != "" {
		t.Errorf("it was changed: %q, %v", f.Validation, err)
	}
	if n := len(o.acts(t, before)); n != 0 {
		t.Errorf("%d acts", n)
	}
}

func TestRunsSayWhoAskedForThem(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	for i, by := range []form.Actor{form.Person(o.user), form.Program(o.domain), form.System, form.Command} {
		var doc form.DocumentID
		if _, err := o.AddSubmission(ctx, by, form.Submission{Domain: o.domain}, []form.Document{{Name: "a", Blob: "x"}}, func(_ *sql.Tx, c []Chore) error {
			doc = c[0].Document
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SetPages(ctx, doc, 2); err != nil {
			t.Fatal(err)
		}
		var got []form.Actor
		if err := o.view(ctx, func(t tx) (err error) {
			got, err = collect(ctx, t, scanActor, `
				SELECT r.actor, coalesce(r.user_id, 0) FROM runs r JOIN pages p ON p.id = r.page_id WHERE p.document_id = ?`, doc)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		want := form.Actor{Kind: by.Kind, User: by.User}
		if diff := cmp.Diff([]form.Actor{want, want}, got); diff != "" {
			t.Errorf("submission %d:\n%s", i, diff)
		}
	}
}

func scanActor(scan func(...any) error) (by form.Actor, err error) {
	err = scan(&by.Kind, &by.User)
	return by, err
}
