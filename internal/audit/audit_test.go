package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

// An office is a data folder whose log has ten rows of one person that were signed.
type office struct {
	*Keeper
	dir  string
	user form.UserID
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{dir: t.TempDir()}
	database, err := db.Open(t.Context(), filepath.Join(o.dir, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { database.Close() })
	key, err := Key(o.dir)
	if err != nil {
		t.Fatal(err)
	}
	o.Keeper = &Keeper{DB: database, Key: key, Heads: filepath.Join(o.dir, HeadsFile), Log: slog.New(slog.DiscardHandler), Now: time.Now}
	u, err := database.AddUser(t.Context(), form.Command, "kim", "hash")
	if err != nil {
		t.Fatal(err)
	}
	o.user = u.ID
	o.see(t, 9)
	if err := o.Sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

// see has the person see two pages, some times.
func (o *office) see(t testing.TB, times int) {
	t.Helper()
	for range times {
		a := db.Access{By: form.Person(o.user), Act: db.AccessView, Subject: "sheet", Pages: []form.PageID{1, 2}}
		if err := o.DB.Saw(t.Context(), a).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// verify looks through the log, with what the file of heads has.
func (o *office) verify(t testing.TB) (Found, error) {
	t.Helper()
	heads, err := FileHeads(o.dir)
	if err != nil {
		t.Fatal(err)
	}
	return Verify(t.Context(), o.DB, []ed25519.PublicKey{o.Key.Public().(ed25519.PublicKey)}, heads)
}

// forge does what somebody may who has the database and no key.
func (o *office) forge(t testing.TB, statements ...string) {
	t.Helper()
	pool, err := sql.Open("sqlite", filepath.Join(o.dir, "seosik.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, name := range []string{"access_stays", "access_kept", "access_pages_stay", "access_pages_kept", "access_heads_stay", "access_heads_kept"} {
		statements = append([]string{`DROP TRIGGER ` + name}, statements...)
	}
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
}

func TestALogThatNobodyTouchedIsWhole(t *testing.T) {
	o := newOffice(t)
	o.see(t, 3)
	f, err := o.verify(t)
	if err != nil || f.Rows != 13 || f.First != 1 || f.Last != 13 || f.Heads != 1 || f.Unsigned != 3 {
		t.Errorf("%+v, %v", f, err)
	}
	if err := o.Sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.Sign(t.Context()); err != nil { // nothing new
		t.Fatal(err)
	}
	if f, err := o.verify(t); err != nil || f.Heads != 2 || f.Unsigned != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestWhoeverTouchesTheLogIsFound(t *testing.T) {
	// rewrite makes the chain right again after row 4, as one does who knows how.
	rewrite := func(t testing.TB, o *office) {
		var before []byte
		for r, err := range o.DB.AccessChain(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if r.ID >= 5 {
				r.Hash = r.After(before)
				pool, err := sql.Open("sqlite", filepath.Join(o.dir, "seosik.db"))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := pool.ExecContext(t.Context(), `UPDATE access SET hash = ? WHERE id = ?`, r.Hash, r.ID); err != nil {
					t.Fatal(err)
				}
				pool.Close()
			}
			before = r.Hash
		}
	}
	for _, tt := range []struct {
		name string
		do   func(testing.TB, *office)
		want string
	}{
		{"a row is changed", func(t testing.TB, o *office) { o.forge(t, `UPDATE access SET account = 'lee' WHERE id = 5`) }, "row 5"},
		{"a row is removed", func(t testing.TB, o *office) { o.forge(t, `DELETE FROM access WHERE id = 5`) }, "row 5"},
		{"a row is put in", func(t testing.TB, o *office) {
			o.forge(t, `INSERT INTO access SELECT 11, at, who, account, address, act, subject, subject_id, pages, digest, purpose, hash FROM access WHERE id = 5`)
		}, "row 11"},
		{"the pages of a row are changed", func(t testing.TB, o *office) {
			o.forge(t, `UPDATE access_pages SET bits = randomblob(128) WHERE access_id = 5`)
		}, "row 5"},
		{"the first rows are removed", func(t testing.TB, o *office) { o.forge(t, `DELETE FROM access WHERE id < 4`) }, "row 3"},
		{"the last rows are removed", func(t testing.TB, o *office) { o.forge(t, `DELETE FROM access WHERE id > 7`) }, "row 8"},
		{"all rows are removed", func(t testing.TB, o *office) { o.forge(t, `DELETE FROM access`) }, "row 1"},
		{"the chain is made anew", func(t testing.TB, o *office) {
			o.forge(t, `UPDATE access SET account = 'lee' WHERE id = 5`)
			rewrite(t, o)
		}, "row 10"},
		{"the chain is made anew, and what was signed is removed", func(t testing.TB, o *office) {
			o.forge(t, `UPDATE access SET account = 'lee' WHERE id = 5`, `DELETE FROM access_heads`)
			rewrite(t, o)
		}, "row 10"},
		{"it is signed by another", func(t testing.TB, o *office) {
			o.forge(t, `DELETE FROM access_heads`)
			other, err := Key(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			own := o.Key
			if o.Key = other; o.Sign(t.Context()) != nil {
				t.Fatal("not signed")
			}
			o.Key = own
		}, "its signature is by another key"},
		{"it is signed by another, who names the key of the folder", func(t testing.TB, o *office) {
			o.forge(t, `UPDATE access_heads SET signature = zeroblob(64)`)
		}, "not by the key that it names"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			tt.do(t, o)
			_, err := o.verify(t)
			if broken, ok := errors.AsType[*BrokenError](err); !ok || !strings.Contains(broken.Error(), tt.want) {
				t.Errorf("Verify = %v, want one that says %q", err, tt.want)
			}
		})
	}
}

// The log is looked through once a day, and what was found is kept.
func TestTheLogIsLookedThroughOnceADay(t *testing.T) {
	o, now := newOffice(t), time.Now()
	o.Now = func() time.Time { return now }
	found := func(want form.LogCheck) {
		t.Helper()
		if err := o.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := o.DB.LogCheck(t.Context())
		if err != nil || !got.At.Equal(want.At) || got.Rows != want.Rows || got.Row != want.Row || !strings.Contains(got.Why, want.Why) || got.Broken() != (want.Why != "") {
			t.Errorf("found %+v, %v; want %+v", got, err, want)
		}
	}
	first := form.LogCheck{At: now, Rows: 10}
	found(first)
	o.forge(t, `UPDATE access SET account = 'lee' WHERE id = 5`)
	now = now.Add(time.Hour)
	found(first)
	now = now.Add(24 * time.Hour)
	broken := form.LogCheck{At: now, Rows: 4, Row: 5, Why: "not what was written"}
	found(broken)
	// Heads that cannot be read say nothing of the log.
	now = now.Add(25 * time.Hour)
	o.Heads = t.TempDir()
	if err := o.Check(t.Context()); err == nil {
		t.Error("a folder was read as heads")
	}
	if got, err := o.DB.LogCheck(t.Context()); err != nil || !got.At.Equal(broken.At) {
		t.Errorf("found %+v, %v", got, err)
	}
}

// A folder that was restored without its key signs with another: the server is told
// the one before.
func TestTheLogMayHaveBeenSignedByAKeyBefore(t *testing.T) {
	o := newOffice(t)
	o.Now = time.Now
	before := o.Key.Public().(ed25519.PublicKey)
	other, err := Key(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		keys []ed25519.PublicKey
		want string
	}{{nil, "by another key"}, {[]ed25519.PublicKey{before}, ""}} {
		o.Key, o.Keys = other, tt.keys
		if err := o.DB.LogChecked(t.Context(), form.LogCheck{}); err != nil {
			t.Fatal(err)
		}
		if err := o.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c, err := o.DB.LogCheck(t.Context()); err != nil || tt.want == "" && c.Broken() || !strings.Contains(c.Why, tt.want) {
			t.Errorf("%+v, %v", c, err)
		}
	}
}

// Rows that are too old are not deleted while the log is looked through.
func TestNothingIsCutWhileTheLogIsLookedThrough(t *testing.T) {
	o := newOffice(t)
	at := time.Now().AddDate(-3, 0, 0)
	o.forge(t, `UPDATE access SET at = `+strconv.FormatInt(at.UnixMilli(), 10)+` WHERE id < 4`)
	rows := func(want int64) {
		t.Helper()
		if err := o.Cut(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for range o.DB.AccessChain(t.Context()) {
			n++
		}
		if n != want {
			t.Errorf("%d rows, want %d", n, want)
		}
	}
	o.whole.Lock()
	rows(10)
	o.whole.Unlock()
	rows(7)
}

func TestWhatAServerThatDiedLeftOfALineCountsForNothing(t *testing.T) {
	o := newOffice(t)
	text, err := os.ReadFile(o.Heads)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Heads, append(text, text[:20]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := o.verify(t); err != nil || f.Heads != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	for n := range 2 {
		o.see(t, 1)
		if err := o.Sign(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f, err := o.verify(t); err != nil || f.Heads != n+2 {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if heads, err := FileHeads(o.dir); len(heads) != 3 || err != nil {
		t.Errorf("the file has %v, %v", heads, err)
	}
	if _, err := readHeads(bytes.NewReader(append([]byte("x\n"), text...))); err == nil {
		t.Error("a line that is none is passed over")
	}
}

func TestAnAlarmIsRaisedOnceForUnusuallyMuch(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	if err := o.DB.SetAccessRules(ctx, form.Person(o.user), db.AccessRules{Months: 24, Factor: 3, Seen: 10, SeenMost: 200, Taken: 5, TakenMost: 50}); err != nil {
		t.Fatal(err)
	}
	saw := func(daysAgo, times int, act string) {
		t.Helper()
		for range times {
			at := time.Now().AddDate(0, 0, -daysAgo)
			if err := o.DB.Saw(ctx, db.Access{At: at, By: form.Person(o.user), Act: act, Pages: []form.PageID{7}}).Wait(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	for day, n := range []int{6, 9, 7} {
		saw(day+1, n, db.AccessView)
	}
	open := func(want int) {
		t.Helper()
		if err := o.Watch(ctx); err != nil {
			t.Fatal(err)
		}
		if open, err := o.DB.Alarms(ctx, time.Time{}, time.Time{}); len(open) != want || err != nil {
			t.Errorf("%d alarms, %v, want %d", len(open), err, want)
		}
	}
	open(0) // 18 today, where 7 are usual
	saw(0, 4, db.AccessView)
	open(1) // 22
	open(1)
	saw(0, 60, db.AccessExportTaken) // nothing is usual, and more than the most
	open(2)
	list, err := o.DB.Alarms(ctx, time.Now(), time.Now())
	if err != nil || len(list) != 2 || list[1].Kind != db.AlarmSeen || list[1].Usual != 7 || list[1].Pages != 22 || list[0].Kind != db.AlarmTaken {
		t.Errorf("%+v, %v", list, err)
	}
}

// Programs and the command line are watched as people are, and who is new is compared
// with others of the kind.
func TestProgramsAndNewcomersAreWatched(t *testing.T) {
	ctx := context.Background()
	program := form.Program(1)
	for _, tt := range []struct {
		name   string
		by     form.Actor
		act    string
		before [3]int // pages on each of the days before
		others [3]int // of another of the kind
		today  int
		want   bool
	}{
		{"a program as usual", program, db.AccessRecord, [3]int{20, 20, 20}, [3]int{}, 50, false},
		{"a program", program, db.AccessRecord, [3]int{20, 20, 20}, [3]int{}, 70, true},
		{"the command line", form.Command, db.AccessExportTaken, [3]int{20, 20, 20}, [3]int{}, 70, true},
		{"a new program among others", program, db.AccessRecord, [3]int{}, [3]int{5, 5, 5}, 16, true},
		{"a new one as others", program, db.AccessRecord, [3]int{}, [3]int{20, 20, 20}, 50, false},
		{"the first of all", program, db.AccessRecord, [3]int{}, [3]int{}, 30, false},
		{"the first of all, and much", program, db.AccessRecord, [3]int{}, [3]int{}, 31, true},
		{"one day is no habit", program, db.AccessRecord, [3]int{60}, [3]int{}, 60, true},
		{"what is revealed of pages", form.Person(1), db.AccessReveal, [3]int{}, [3]int{}, 31, true},
		{"the server itself", form.System, db.AccessExportTaken, [3]int{}, [3]int{}, 80, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			o.Now = time.Now
			var programs [2]form.DomainID
			for i := range programs {
				d, _, err := o.DB.AddDomain(ctx, form.Command, "과", []string{"ko"})
				if err != nil {
					t.Fatal(err)
				}
				programs[i] = d.ID
			}
			if tt.by.Kind == form.ByProgram {
				tt.by = form.Program(programs[0])
			}
			if err := o.DB.SetAccessRules(ctx, form.Person(o.user), db.AccessRules{Months: 24, Factor: 3, Seen: 10, SeenMost: 99, Taken: 10, TakenMost: 99}); err != nil {
				t.Fatal(err)
			}
			saw := func(by form.Actor, daysAgo, pages int) {
				ids := make([]form.PageID, pages)
				for i := range ids {
					ids[i] = form.PageID(i + 1)
				}
				at := time.Now().AddDate(0, 0, -daysAgo)
				if err := o.DB.Saw(ctx, db.Access{At: at, By: by, Act: tt.act, Subject: "many", Pages: ids}).Wait(ctx); err != nil {
					t.Fatal(err)
				}
			}
			for i := range tt.before {
				saw(tt.by, i+1, tt.before[i])
				saw(form.Program(programs[1]), i+1, tt.others[i])
			}
			saw(tt.by, 0, tt.today)
			if err := o.Watch(ctx); err != nil {
				t.Fatal(err)
			}
			alarms, err := o.DB.Alarms(ctx, time.Time{}, time.Time{})
			if err != nil || len(alarms) > 0 != tt.want {
				t.Errorf("alarms %+v, %v; want one: %t", alarms, err, tt.want)
			}
		})
	}
}
