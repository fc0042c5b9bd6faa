package db

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
)

var millionFolder = flag.String("million", "", "folder of the database with a million pages, which is built where there is none")

// Fewer are for a look while something is being made.
var millionPages = flag.Int("million-pages", 1_000_000, "pages of the database that is built")

var millionOnly = flag.String("million-only", "", "part of the names of what is timed; all without it")

const (
	listBar   = 20 * time.Millisecond
	queueBar  = 50 * time.Millisecond
	tilesBar  = 50 * time.Millisecond
	healthBar = 100 * time.Millisecond // of 1,000 pages with all that was read and said
	besideBar = time.Second            // of what is reckoned beside requests
	exportBar = 10_000                 // rows a second
)

// BenchmarkMillion times what people and programs ask for among a million
// pages, and prints a table: once as a new process finds it, with nothing in
// SQLite's cache, and the median of many times after that. A figure over its
// bar is marked. It is no test: the figures are the machine's too.
func BenchmarkMillion(b *testing.B) {
	if *millionFolder == "" {
		b.Skip("no -million")
	}
	m := openMillion(b)
	fmt.Printf("\n%-52s %10s %10s %10s\n", "", "cold", "warm", "bar")
	for _, c := range m.cases() {
		if !strings.Contains(c.name, *millionOnly) {
			continue
		}
		cold, warm := m.time(b, c.ask)
		over, bar := "", cmp.Or(c.bar, listBar)
		if cold > bar || warm > bar {
			over = "  over"
		}
		fmt.Printf("%-52s %7.2f ms %7.2f ms %7.0f ms%s\n", c.name, ms(cold), ms(warm), ms(bar), over)
	}
	if *millionOnly != "" {
		return
	}
	for _, states := range [][]form.State{nil, {form.StateReview, form.StateDone}} {
		m.timeExport(b, states)
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// A million is the database, and what is asked about.
type million struct {
	path      string
	templates []*form.Template // the first has the most pages
	large     form.SubmissionID
	rare      string // the name of one document
	middle    form.PageID
	end       time.Time
}

type millionCase struct {
	name string
	ask  func(context.Context, *DB) (int, error)
	bar  time.Duration // 0 for listBar
}

func (m *million) cases() []millionCase {
	day := m.end.AddDate(0, -7, 0)
	list := func(name string, f PageFilter) millionCase {
		f.Limit = 51
		return millionCase{name: "list: " + name, ask: func(ctx context.Context, db *DB) (int, error) {
			ps, err := db.Pages(ctx, form.Everything, f)
			return len(ps), err
		}}
	}
	next := func(name string, f ReviewFilter, after form.PageID) millionCase {
		return millionCase{name: "next page for a person: " + name, ask: func(ctx context.Context, db *DB) (int, error) {
			_, err := db.NextForPerson(ctx, form.Everything, f, after)
			return 1, err
		}}
	}
	count := func(name string, f ReviewFilter) millionCase {
		return millionCase{name: "pages that wait for a person: " + name, ask: func(ctx context.Context, db *DB) (int, error) {
			return db.NeedPerson(ctx, form.Everything, f)
		}}
	}
	find := func(name string, f PageFilter) millionCase {
		f.Personal = true
		return list("value: "+name, f)
	}
	countPages := func(name string, f PageFilter) millionCase {
		f.Personal = true
		return millionCase{name: "count: " + name, ask: func(ctx context.Context, db *DB) (int, error) {
			n, _, err := db.CountPages(ctx, form.Everything, f, 1000)
			return n, err
		}}
	}
	queue := func(name string, f QueueFilter) millionCase {
		f.Limit = 51
		return millionCase{bar: queueBar, name: "queue: " + name, ask: func(ctx context.Context, db *DB) (int, error) {
			rows, err := db.Queue(ctx, form.Everything, 1, f)
			return len(rows), err
		}}
	}
	given := func(name string, f QueueFilter, after form.PageID) millionCase {
		return millionCase{bar: queueBar, name: "given by the queue: " + name, ask: func(ctx context.Context, db *DB) (int, error) {
			_, err := db.NextInQueue(ctx, form.Person(1), form.Everything, f, after, false)
			return 1, err
		}}
	}
	first, last := m.templates[0].ID, m.templates[len(m.templates)-1].ID
	review, failed, done := []form.State{form.StateReview}, []form.State{form.StateFailed}, []form.State{form.StateDone}
	return []millionCase{
		list("all", PageFilter{}),
		list("from the middle", PageFilter{After: m.middle}),
		list("template", PageFilter{Template: last}),
		list("domain", PageFilter{Domain: m.templates[0].Domain}),
		list("waiting", PageFilter{States: []form.State{form.StateWaiting}}),
		list("failed", PageFilter{States: failed}),
		list("domain and state", PageFilter{Domain: m.templates[0].Domain, States: failed}),
		list("template and state", PageFilter{Template: first, States: review}),
		list("template and a state that none has", PageFilter{Template: last, States: failed}),
		list("template and two states, from the middle", PageFilter{Template: first, States: []form.State{form.StateReview, form.StateDone}, After: m.middle}),
		list("day", PageFilter{From: day, To: day.AddDate(0, 0, 1)}),
		list("day, template and state", PageFilter{Template: last, States: done, From: day, To: day.AddDate(0, 0, 1)}),
		list("year, template and state", PageFilter{Template: last, States: review, From: m.end.AddDate(-2, 0, 0), To: m.end.AddDate(-1, 0, 0)}),
		list("name that nobody has", PageFilter{Name: "없는이름"}),
		list("name of common parts that nobody has", PageFilter{Name: "20250230.pdf"}),
		list("two characters that nobody has", PageFilter{Name: "뷁쉙"}),
		list("one character that nobody has", PageFilter{Name: "뷁"}),
		list("name of one document", PageFilter{Name: m.rare}),
		list("two characters", PageFilter{Name: "길동"}),
		list("one character", PageFilter{Name: "홍"}),
		list("one character of most names", PageFilter{Name: "2"}),
		list("name that many have", PageFilter{Name: "scan"}),
		list("name that many have, template and state", PageFilter{Name: "scan", Template: last, States: review}),
		list("name, template and state", PageFilter{Name: "홍길동", Template: last, States: review}),
		list("name, day", PageFilter{Name: ".pdf", From: day, To: day.AddDate(0, 0, 1)}),
		list("back from the middle", PageFilter{After: m.middle, Back: true}),
		list("back to the end", PageFilter{Back: true}),
		list("template and state, back from the middle", PageFilter{Template: first, States: done, After: m.middle, Back: true}),
		find("of one page", PageFilter{Value: fmt.Sprintf("값 %d의 7", m.middle)}),
		find("that nobody has", PageFilter{Value: "없는값"}),
		find("of common parts that nobody has", PageFilter{Value: "010-2023-강남"}),
		find("telephone number that nobody has", PageFilter{Value: "010-4821-7733-9"}),
		find("number of common parts that nobody has", PageFilter{Value: "010-0000-00100"}),
		find("a name", PageFilter{Value: "김민준"}),
		find("two characters", PageFilter{Value: "민준"}),
		find("one character", PageFilter{Value: "최"}),
		find("that all have", PageFilter{Value: "강남구"}),
		find("that all have, state that few have", PageFilter{Value: "강남구", Template: last, States: review}),
		find("that all have, state that none has", PageFilter{Value: "강남구", Template: last, States: failed}),
		find("that all have, day", PageFilter{Value: "강남구", From: day, To: day.AddDate(0, 0, 1)}),
		find("that all have, from the middle and back", PageFilter{Value: "강남구", After: m.middle, Back: true}),
		find("a correction", PageFilter{Value: "고친 값"}),
		find("a name, in files of a name", PageFilter{Value: "김민준", Name: "홍길동"}),
		find("that all have, in files that nobody has", PageFilter{Value: "강남구", Name: "없는이름"}),
		list("person", PageFilter{Person: 2}),
		list("person and state", PageFilter{Person: 2, States: review}),
		countPages("all", PageFilter{}),
		countPages("a day", PageFilter{From: day, To: day.AddDate(0, 0, 1)}),
		countPages("two years", PageFilter{From: m.end.AddDate(-2, 0, 0)}),
		countPages("name", PageFilter{Name: "scan"}),
		countPages("name, template and state", PageFilter{Name: "scan", Template: last, States: review}),
		countPages("value that all have", PageFilter{Value: "강남구"}),
		countPages("value of a thousandth", PageFilter{Value: "김민준"}),
		countPages("person", PageFilter{Person: 2}),
		next("first", ReviewFilter{}, 0),
		next("from the middle", ReviewFilter{}, m.middle),
		next("of a template", ReviewFilter{Template: last}, m.middle),
		next("of a domain", ReviewFilter{Domain: m.templates[0].Domain}, m.middle),
		next("of 20,000 pages", ReviewFilter{Submission: m.large}, 0),
		count("all", ReviewFilter{}),
		count("of a domain", ReviewFilter{Domain: m.templates[0].Domain}),
		count("of a template", ReviewFilter{Template: first}),
		count("of 20,000 pages", ReviewFilter{Submission: m.large}),
		queue("oldest first", QueueFilter{}),
		queue("worst first", QueueFilter{Order: form.WorstFirst}),
		queue("quick, of a template", QueueFilter{Order: form.QuickFirst, Template: last}),
		queue("worst first, a year old", QueueFilter{Order: form.WorstFirst, Before: m.end.AddDate(-1, 0, 0)}),
		queue("all, failed", QueueFilter{Who: WhoAll, Lanes: []form.Lane{form.LaneFailed}}),
		queue("set aside", QueueFilter{Lanes: form.Asides}),
		given("first", QueueFilter{}, 0),
		given("worst, after one in the middle", QueueFilter{Order: form.WorstFirst}, m.middle),
		given("quick, of a template", QueueFilter{Order: form.QuickFirst, Template: first}, m.middle),
		given("a year old", QueueFilter{Order: form.QuickFirst, Before: m.end.AddDate(-1, 0, 0)}, m.middle),
		queue("mine", QueueFilter{Who: WhoMine}),
		queue("quick", QueueFilter{Order: form.QuickFirst}),
		queue("worst first, of a template", QueueFilter{Order: form.WorstFirst, Template: first}),
		queue("oldest first, of a domain", QueueFilter{Domain: m.templates[0].Domain}),
		queue("worst first, of a domain", QueueFilter{Domain: m.templates[0].Domain, Order: form.WorstFirst}),
		queue("of a domain that has none", QueueFilter{Domain: 99}),
		queue("worst first, of a domain that has none", QueueFilter{Domain: 99, Order: form.WorstFirst}),
		given("of a domain, quick", QueueFilter{Domain: m.templates[0].Domain, Order: form.QuickFirst}, m.middle),
		{bar: queueBar, name: "queue: a page is claimed", ask: func(ctx context.Context, db *DB) (int, error) {
			_, err := db.ClaimPage(ctx, form.Person(1), form.Everything, m.middle, 0)
			return 1, err
		}},
		{bar: queueBar, name: "queue: a page is assigned", ask: func(ctx context.Context, db *DB) (int, error) {
			return 1, db.AssignPage(ctx, form.Person(1), form.Everything, m.middle, 0, "")
		}},
		{bar: queueBar, name: "keyed blind: the next page", ask: func(ctx context.Context, db *DB) (int, error) {
			_, err := db.NextKeyed(ctx, form.Person(1), form.Everything)
			return 1, err
		}},
		{bar: queueBar, name: "keyed blind: how much waits", ask: func(ctx context.Context, db *DB) (int, error) {
			q, err := db.KeyQueue(ctx, form.Everything, 1)
			return q.Mine, err
		}},
		{bar: queueBar, name: "keyed blind: how much waits in a domain that has none", ask: func(ctx context.Context, db *DB) (int, error) {
			q, err := db.KeyQueue(ctx, form.Within(99), 1)
			return q.Mine, err
		}},
		{name: "story of a page", ask: func(ctx context.Context, db *DB) (int, error) {
			s, err := db.StoryOf(ctx, form.Everything, m.middle)
			return len(s.Values), err
		}},
		{name: "a page as it is opened", ask: func(ctx context.Context, db *DB) (int, error) {
			r, err := db.Record(ctx, form.Everything, m.middle)
			return len(r.Values), err
		}},
		{bar: queueBar, name: "dashboard: pages by state", ask: func(ctx context.Context, db *DB) (int, error) {
			n, err := db.StateCounts(ctx, form.Everything, 0, time.Time{}, time.Time{})
			return len(n), err
		}},
		{bar: besideBar, name: "dashboard, beside: pages of a template in a year", ask: func(ctx context.Context, db *DB) (int, error) {
			n, err := db.StateCounts(ctx, form.Everything, first, m.end.AddDate(-1, 0, 0), time.Time{})
			return len(n), err
		}},
		{bar: besideBar, name: "dashboard, beside: trust in a template", ask: func(ctx context.Context, db *DB) (int, error) {
			trust, err := db.Trust(ctx, form.Everything, first, time.Time{}, time.Time{})
			return trust.Pages, err
		}},
		{bar: queueBar, name: "queue: counts", ask: func(ctx context.Context, db *DB) (int, error) {
			n, err := db.QueueCounts(ctx, form.Everything, 1, QueueFilter{})
			return len(n), err
		}},
		{name: "unmatched pages of a domain", ask: func(ctx context.Context, db *DB) (int, error) {
			n, _, err := db.Unmatched(ctx, form.Everything, m.templates[0].Domain)
			return n, err
		}},
		{name: "recent uploads", ask: func(ctx context.Context, db *DB) (int, error) {
			ss, err := db.Submissions(ctx, form.Everything, SubmissionFilter{Uploads: true, Limit: 10})
			return len(ss), err
		}},
		{name: "progress of 20,000 pages", ask: func(ctx context.Context, db *DB) (int, error) {
			s, err := db.Submission(ctx, form.Everything, m.large)
			return s.Progress.Total(), err
		}},
		{name: "a part of 20,000 pages", ask: func(ctx context.Context, db *DB) (int, error) {
			ps, err := db.Pages(ctx, form.Everything, PageFilter{Submission: m.large, Limit: 101})
			return len(ps), err
		}},
		{name: "carpet: groups of tiles", ask: func(ctx context.Context, db *DB) (int, error) {
			groups, _, err := db.TileGroups(ctx, form.Everything, TileFilter{})
			return len(groups), err
		}},
		{bar: tilesBar, name: "carpet: 100 tiles of all templates", ask: func(ctx context.Context, db *DB) (int, error) {
			tiles, err := db.Tiles(ctx, form.Everything, TileFilter{Sort: form.TileShort, Limit: 100})
			return len(tiles), err
		}},
		{bar: tilesBar, name: "carpet: 100 tiles of a template, further on", ask: func(ctx context.Context, db *DB) (int, error) {
			f := TileFilter{Template: first, Sort: form.TileShort, Limit: 100, After: TileSpot{Text: "값 5"}}
			tiles, err := db.Tiles(ctx, form.Everything, f)
			return len(tiles), err
		}},
		{name: "carpet: groups of tiles of a domain that has none", ask: func(ctx context.Context, db *DB) (int, error) {
			groups, _, err := db.TileGroups(ctx, form.Within(99), TileFilter{})
			return len(groups), err
		}},
		{name: "sheet: open values", ask: func(ctx context.Context, db *DB) (int, error) {
			rows, err := db.Sheet(ctx, form.Everything, SheetFilter{Template: first, Field: millionField(0), After: m.middle})
			return len(rows), err
		}},
		{name: "sheet: all values", ask: func(ctx context.Context, db *DB) (int, error) {
			rows, err := db.Sheet(ctx, form.Everything, SheetFilter{Template: first, Field: millionField(0), All: true, After: m.middle})
			return len(rows), err
		}},
		{bar: healthBar, name: "health of a template", ask: func(ctx context.Context, db *DB) (int, error) {
			h, err := db.Health(ctx, form.Everything, first, time.Time{}, time.Time{})
			return h.Pages, err
		}},
		{bar: healthBar, name: "health of a template in a month", ask: func(ctx context.Context, db *DB) (int, error) {
			h, err := db.Health(ctx, form.Everything, first, m.end.AddDate(0, 0, -30), time.Time{})
			return h.Pages, err
		}},
		{name: "download: the first records", ask: func(ctx context.Context, db *DB) (int, error) {
			for _, err := range db.Export(ctx, form.Everything, ExportFilter{Template: first}) {
				return 1, err
			}
			return 0, nil
		}},
	}
}

// time returns how long ask takes the first time after the database is opened,
// the median of three, and later, the median of many.
func (m *million) time(b *testing.B, ask func(context.Context, *DB) (int, error)) (cold, warm time.Duration) {
	b.Helper()
	once := func(db *DB) time.Duration {
		start := time.Now()
		if _, err := ask(b.Context(), db); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	var colds, warms []time.Duration
	for range 3 {
		db, err := Open(b.Context(), m.path)
		if err != nil {
			b.Fatal(err)
		}
		colds = append(colds, once(db))
		for range 7 {
			warms = append(warms, once(db))
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(colds)
	slices.Sort(warms)
	return colds[1], warms[len(warms)/2]
}

func (m *million) timeExport(b *testing.B, states []form.State) {
	b.Helper()
	db, err := Open(b.Context(), m.path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	start := time.Now()
	var n int
	for r, err := range db.Export(b.Context(), form.Everything, ExportFilter{Template: m.templates[0].ID, States: states}) {
		if err != nil || len(r.Values) != 10 {
			b.Fatal(err)
		}
		n++
	}
	rate := float64(n) / time.Since(start).Seconds()
	over := ""
	if rate < exportBar {
		over = "  under"
	}
	fmt.Printf("%-52s %10s %7.0f /s %7d /s%s\n", fmt.Sprintf("download: %d records", n), "", rate, exportBar, over)
}

// openMillion returns the database, which it builds if need be.
func openMillion(b *testing.B) *million {
	b.Helper()
	m := &million{path: filepath.Join(*millionFolder, "seosik.db"), end: time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)}
	if _, err := os.Stat(m.path); err != nil {
		start := time.Now()
		if err := os.MkdirAll(*millionFolder, 0o755); err != nil {
			b.Fatal(err)
		}
		unfinished := m.path + ".unfinished"
		if err := os.Remove(unfinished); err != nil && !os.IsNotExist(err) {
			b.Fatal(err)
		}
		m.build(b, unfinished)
		if err := os.Rename(unfinished, m.path); err != nil {
			b.Fatal(err)
		}
		fmt.Printf("built in %v\n", time.Since(start).Round(time.Second))
	}
	db, err := Open(b.Context(), m.path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for left := 1; left > 0; {
		if left, err = db.LayTiles(b.Context(), 2000); err != nil {
			b.Fatal(err)
		}
	}
	err = db.view(b.Context(), func(t tx) error {
		if m.templates, err = collect(b.Context(), t, scanTemplate, `
			SELECT `+versionColumns+`
			FROM templates t JOIN template_versions v ON v.template_id = t.id ORDER BY t.id`); err != nil {
			return err
		}
		return t.row(b.Context(), `
			SELECT
				(SELECT max(id) FROM submissions),
				(SELECT name FROM documents WHERE id = (SELECT max(id) / 3 FROM documents)),
				(SELECT max(id) / 2 FROM pages)`)(&m.large, &m.rare, &m.middle)
	})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// A millionWriter writes rows as they would have become in two years.
type millionWriter struct {
	testing.TB
	tx
	random    *rand.Rand
	users     []form.UserID
	templates []*form.Template
	exec      map[string]func(args ...any)
	fields    string // of each template: JSON
	detail    string // of each reading: JSON
	pages     int
}

func (m *million) build(b *testing.B, path string) {
	b.Helper()
	ctx := b.Context()
	db, err := Open(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	w := &millionWriter{TB: b, random: rand.New(rand.NewPCG(9, 9))}
	for i := range 4 {
		u, err := db.AddUser(ctx, form.Command, fmt.Sprint("user ", i), "hash")
		if err != nil {
			b.Fatal(err)
		}
		w.users = append(w.users, u.ID)
		d, _, err := db.AddDomain(ctx, form.Command, fmt.Sprint("domain ", i), []string{"ko"})
		if err != nil {
			b.Fatal(err)
		}
		for j := range 10 {
			f := newTemplate(d.ID, fmt.Sprint("template ", j))
			f.Fields = nil
			for k := range 10 {
				name := fmt.Sprint("field ", k)
				f.Fields = append(f.Fields, form.Field{
					ID: millionField(k), Name: name, Kind: form.Normal, ValueType: form.All, Box: geom.XYWH(10, 10+10*float64(k), 50, 8),
				})
			}
			if f, err = db.SaveTemplate(ctx, form.Command, f); err != nil {
				b.Fatal(err)
			}
			w.templates = append(w.templates, f)
		}
	}
	where := geom.XYWH(100, 200, 300, 40).Quad()
	word := form.Word{Text: "홍길동", Confidence: 0.987654, Where: where}
	for _, s := range []string{"홍", "길", "동"} {
		word.Symbols = append(word.Symbols, form.Symbol{Text: s, Confidence: 0.987654})
	}
	encoded, err := json.Marshal(detail{Where: where, Words: []form.Word{word}, Alternatives: []form.Alternative{{Text: "홍길등", Confidence: 0.012345}}})
	if err != nil {
		b.Fatal(err)
	}
	w.detail = string(encoded)
	var ids []form.FieldID // the same of each template
	for k := range 10 {
		ids = append(ids, millionField(k))
	}
	fields, err := json.Marshal(ids)
	if err != nil {
		b.Fatal(err)
	}
	w.fields = string(fields)
	for _, fast := range []string{`PRAGMA cache_size = -400000`, `PRAGMA synchronous = OFF`, `PRAGMA secure_delete = OFF`, `PRAGMA wal_autocheckpoint = 50000`} {
		if _, err := db.write.ExecContext(ctx, fast); err != nil {
			b.Fatal(err)
		}
	}
	begin := m.end.AddDate(-2, 0, 0)
	for w.pages < *millionPages-20_000 {
		if err := db.update(ctx, func(t tx) error {
			w.prepare(t)
			for range 1000 {
				at := begin.Add(time.Duration(float64(m.end.Sub(begin)) * float64(w.pages) / float64(*millionPages)))
				w.submission(at, 1+w.random.IntN(4), 0)
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	if err := db.update(ctx, func(t tx) error {
		w.prepare(t)
		w.submission(m.end, 500, 40)
		if _, err := t.exec(ctx, `INSERT INTO untiled (page_id) SELECT id FROM pages WHERE state = 'review'`); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `
			INSERT INTO awaiting (page_id, field, first_by) SELECT id, ?, 1 + id / 4 % 4 FROM pages WHERE state = 'review' AND id % 4 = 0`, millionField(1)); err != nil {
			return err
		}
		_, err := t.exec(ctx, `UPDATE pages SET awaiting = 1 WHERE id IN (SELECT page_id FROM awaiting)`)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	for n := 1; n > 0; {
		n = indexMany(b, db)
	}
	if _, err := db.write.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		b.Fatal(err)
	}
}

// indexMany indexes many of the pages that are due in one go: with a server nobody
// is to wait for that, and here nobody does.
func indexMany(b *testing.B, db *DB) (n int) {
	b.Helper()
	if err := db.update(b.Context(), func(t tx) error {
		pages, err := collect(b.Context(), t, scanID[form.PageID], `
			DELETE FROM texts_due WHERE page_id IN (SELECT page_id FROM texts_due ORDER BY page_id LIMIT 4000)
			RETURNING page_id`)
		if n = len(pages); err != nil || n == 0 {
			return err
		}
		return db.indexPages(b.Context(), t, pages)
	}); err != nil {
		b.Fatal(err)
	}
	return n
}

func (w *millionWriter) prepare(t tx) {
	w.tx, w.exec = t, make(map[string]func(...any))
	for name, query := range map[string]string{
		"page": `
			INSERT INTO pages (id, document_id, domain_id, number, uid, state, failure,
				template_id, version, run, doubtful, created_at, updated_at, finished_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		"run": `
			INSERT INTO runs (page_id, number, why, actor, state, failure, width, height, image,
				template_id, version, template_to_page, created_at, finished_at)
			SELECT id, 1, 'first', 'program', iif(run = 0, 'open', state), failure, 1654, 2339, ?,
				template_id, version, '[1,0,0,0,1,0,0,0,1]', created_at, iif(run = 0, NULL, updated_at)
			FROM pages WHERE id = ?`,
		"readings": `
			INSERT INTO readings (page_id, run, field, text, checked, confidence, reasons, engine)
			SELECT ?1, 1, value, CASE key
				WHEN 0 THEN substr('김이박최정강조윤', 1 + ?1 % 8, 1) || substr('민서지하은도예수', 1 + ?1 / 8 % 8, 1) || substr('준연우윤호아진현', 1 + ?1 / 64 % 8, 1)
				WHEN 1 THEN printf('010-%04d-%04d', ?1 * 7919 % 10000, ?1 * 104729 % 10000)
				WHEN 2 THEN printf('%,d원', ?1 * 31 % 5000 * 1000)
				WHEN 3 THEN printf('%d. %d. %d.', 2023 + ?1 % 4, 1 + ?1 % 12, 1 + ?1 % 28)
				WHEN 4 THEN printf('서울특별시 강남구 테헤란로 %d', ?1 % 500)
				ELSE '값 ' || ?1 || '의 ' || key END,
				0, 0.9, iif(key < ?3, 'unsure', ''), 'two' FROM json_each(?2)`,
		"queue":      `UPDATE pages SET doubtful = doubtful WHERE id = ?`,
		"details":    `INSERT INTO reading_details (page_id, run, field, detail) SELECT ?1, 1, value, ?3 FROM json_each(?2)`,
		"correction": `INSERT INTO corrections (page_id, run, field, text, checked, accepted, user_id, at) VALUES (?, 1, ?, ?, 0, 0, ?, ?)`,
		"document": `
			INSERT INTO documents (id, submission_id, domain_id, name, blob, size, created_at, finished_at) VALUES (?, ?, ?, ?, ?, 200000, ?, ?)`,
		"submission": `INSERT INTO submissions (id, domain_id, user_id, templates, created_at) VALUES (?, ?, ?, '[]', ?)`,
	} {
		statement, err := t.PrepareContext(w.Context(), query)
		if err != nil {
			w.Fatal(err)
		}
		w.Cleanup(func() { statement.Close() })
		w.exec[name] = func(args ...any) {
			if _, err := statement.ExecContext(w.Context(), args...); err != nil {
				w.Fatal(name, err)
			}
		}
	}
}

func (w *millionWriter) last(table string) (id int64) {
	if err := w.row(w.Context(), `SELECT coalesce(max(id), 0) FROM `+table)(&id); err != nil {
		w.Fatal(err)
	}
	return id
}

// submission adds one with so many documents of so many pages; 0 for one to five.
func (w *millionWriter) submission(at time.Time, documents, pages int) {
	id := w.last("submissions") + 1
	f := w.templates[max(0, w.random.IntN(len(w.templates)+5)-5)]
	var user any
	if w.random.IntN(5) > 0 {
		user = w.users[w.random.IntN(len(w.users))]
	}
	w.exec["submission"](id, f.Domain, user, millis(at))
	for range documents {
		doc := w.last("documents") + 1
		name := w.name(at, doc)
		w.exec["document"](doc, id, f.Domain, name, blob.KeyOf([]byte(name)), millis(at), millis(at))
		n := pages
		if n == 0 {
			n = []int{1, 1, 1, 1, 1, 1, 1, 2, 3, 5}[w.random.IntN(10)]
		}
		for number := range n {
			w.page(at, doc, number+1, f)
		}
	}
}

func (w *millionWriter) name(at time.Time, n int64) string {
	who := []string{"홍길동", "김철수", "이영희", "박민수", "최지우", "정하늘", "강바다", "조은별"}[w.random.IntN(8)]
	switch w.random.IntN(4) {
	case 0:
		return fmt.Sprintf("scan_%s_%06d.pdf", at.Format("20060102"), n)
	case 1:
		return fmt.Sprintf("IMG_%d.jpg", n)
	case 2:
		return fmt.Sprintf("출장신청서 %s %s.pdf", who, at.Format("2006-01-02"))
	}
	return fmt.Sprintf("보험금청구서_%s_%d.tif", who, n)
}

func (w *millionWriter) page(at time.Time, doc int64, number int, f *form.Template) {
	w.pages++
	id := int64(w.pages)
	s, failure, run, doubtful, finished := form.StateDone, form.Failure(""), 1, 0, any(millis(at))
	var template, version any = f.ID, f.Version
	switch p := w.random.IntN(1000); {
	case p < 80:
		s, doubtful, finished = form.StateReview, 1+w.random.IntN(3), nil
	case p < 95:
		s, template, version, finished = form.StateUnmatched, nil, nil, nil
	case p < 105 && f != w.templates[len(w.templates)-1]:
		s, failure, template, version = form.StateFailed, form.FailDamaged, nil, nil
	case w.pages > *millionPages-300:
		s, run, template, version, finished = form.StateWaiting, 0, nil, nil, nil
	}
	w.exec["page"](id, doc, f.Domain, number, fmt.Sprintf("%032x", w.pages), s, failure,
		template, version, run, doubtful, millis(at), millis(at), finished)
	w.exec["run"](blob.KeyOf(nil), id)
	if template == nil {
		w.exec["queue"](id)
		return
	}
	said := 0
	if s == form.StateDone && id%5 == 0 {
		said = 1
	}
	w.exec["readings"](id, w.fields, doubtful+said)
	w.exec["details"](id, w.fields, w.detail)
	w.exec["queue"](id)
	if said > 0 {
		w.exec["correction"](id, f.Fields[0].ID, "고친 값", w.users[0], millis(at))
	}
}

// millionField returns the id of field k of each template.
func millionField(k int) form.FieldID {
	return form.FieldID(fmt.Sprintf("0193a000-0000-7000-8000-%012d", k))
}
