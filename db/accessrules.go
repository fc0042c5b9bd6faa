package db

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// AccessRules say how long the access log is kept, and how much of a person, a program
// or the command line in a day is unusual: more than Factor times what is usual of
// them, from so many pages on, or more than the most.
type AccessRules struct {
	Months           int // at least LeastMonths
	Factor           float64
	Seen, SeenMost   int // pages on the screen
	Taken, TakenMost int // pages in files
}

// LeastMonths is how long the law has the log kept.
const LeastMonths = 12

// usualRules hold until somebody sets others.
var usualRules = AccessRules{Months: 24, Factor: 3, Seen: 300, SeenMost: 3000, Taken: 500, TakenMost: 50_000}

// AccessRules returns what holds.
func (db *DB) AccessRules(ctx context.Context) (r AccessRules, err error) {
	defer wrap(&err, "rules of the access log")
	err = db.view(ctx, func(t tx) error {
		list, err := collect(ctx, t, func(scan func(...any) error) (r AccessRules, err error) {
			return r, scan(&r.Months, &r.Factor, &r.Seen, &r.SeenMost, &r.Taken, &r.TakenMost)
		}, `SELECT months, factor, seen, seen_most, taken, taken_most FROM access_rules`)
		if r = usualRules; len(list) > 0 {
			r = list[0]
		}
		return err
	})
	return r, err
}

// SetAccessRules sets what holds.
func (db *DB) SetAccessRules(ctx context.Context, by form.Actor, r AccessRules) (err error) {
	defer wrap(&err, "set rules of the access log")
	return db.act(ctx, by, "set_access_rules", func(t tx) (subject, error) {
		_, err := t.exec(ctx, `
			INSERT INTO access_rules (id, months, factor, seen, seen_most, taken, taken_most) VALUES (1, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET months = excluded.months, factor = excluded.factor,
				seen = excluded.seen, seen_most = excluded.seen_most, taken = excluded.taken, taken_most = excluded.taken_most`,
			r.Months, r.Factor, r.Seen, r.SeenMost, r.Taken, r.TakenMost)
		return subject{kind: "office"}, err
	})
}

// A Tally is how often somebody did something.
type Tally struct {
	Who, Account, Act string
	Times, Pages      int
}

// AccessTallies counts what was done from a time on and before another: by whom
// and what. A single value that was looked at is of a page that was counted when it
// was shown.
func (db *DB) AccessTallies(ctx context.Context, from, to time.Time) (list []Tally, err error) {
	defer wrap(&err, "count the access log")
	err = db.view(ctx, func(t tx) error {
		list, err = tallies(ctx, t, from, to)
		return err
	})
	return list, err
}

func tallies(ctx context.Context, t tx, from, to time.Time) ([]Tally, error) {
	list, err := collect(ctx, t, func(scan func(...any) error) (c Tally, err error) {
		return c, scan(&c.Who, &c.Act, &c.Times, &c.Pages)
	}, `
		SELECT who, act, count(*), sum(CASE WHEN act = 'reveal' AND subject = 'value' THEN 0 ELSE pages END) FROM access`+t.by(`access_at`)+` WHERE at >= ? AND at < ?
		GROUP BY who, act ORDER BY who, act`, millis(from), millis(to))
	for i := range list {
		if err == nil {
			err = t.row(ctx, `
				SELECT account FROM access`+t.by(`access_who`)+` WHERE who = ? AND at < ? ORDER BY at DESC LIMIT 1`, list[i].Who, millis(to))(&list[i].Account)
		}
	}
	return list, err
}

// Kinds of who is watched, as the first word of what the log calls them. The server
// itself does what it was set to do.
var watched = []string{"person", "program", "command"}

// KindOf returns of which kind somebody is, as the log calls them.
func KindOf(who string) string {
	kind, _, _ := strings.Cut(who, " ")
	return kind
}

// A Day is how much somebody did on one.
type Day struct {
	Who, Account string
	Seen, Taken  int // pages
}

// AccessDay returns how much each person, program and command did on the day that began at a time.
func (db *DB) AccessDay(ctx context.Context, begins time.Time) (days []Day, err error) {
	list, err := db.AccessTallies(ctx, begins, begins.AddDate(0, 0, 1))
	of := make(map[string]int)
	for _, c := range list {
		if !slices.Contains(watched, KindOf(c.Who)) {
			continue
		}
		i, known := of[c.Who]
		if !known {
			i = len(days)
			of[c.Who], days = i, append(days, Day{Who: c.Who, Account: c.Account})
		}
		if slices.Contains(AccessSeen, c.Act) {
			days[i].Seen += c.Pages
		}
		if slices.Contains(accessSent, c.Act) {
			days[i].Taken += c.Pages
		}
	}
	return days, err
}

// The kinds of alarms.
const (
	AlarmSeen  = "seen"
	AlarmTaken = "taken"
)

// An Alarm says that somebody saw or took unusually much in a day.
type Alarm struct {
	ID           int64
	Day          time.Time // when it began
	Who, Account string
	Kind         string
	Pages        int // when it was noticed
	Usual        int // of them, or of others of their kind
	At           time.Time
	By           string // who looked into it; empty for nobody yet
	Note         string
	SeenAt       time.Time
}

// Raise keeps an alarm, unless there is one of that day, person and kind. It
// reports whether it is new.
func (db *DB) Raise(ctx context.Context, a Alarm) (raised bool, err error) {
	defer wrap(&err, "raise an alarm")
	err = db.update(ctx, func(t tx) error {
		n, err := t.exec(ctx, `
			INSERT INTO access_alarms (day, who, account, kind, pages, usual, at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			day(a.Day), a.Who, a.Account, a.Kind, a.Pages, a.Usual, millis(db.now()))
		if err != nil {
			return err
		}
		rows, err := n.RowsAffected()
		raised = rows > 0
		return err
	})
	return raised, err
}

const alarmColumns = `x.id, x.day, x.who, x.account, x.kind, x.pages, x.usual, x.at, coalesce(u.name, ''), x.note, coalesce(x.seen_at, 0)`

func scanAlarm(scan func(...any) error) (a Alarm, err error) {
	var day, at, seen int64
	err = scan(&a.ID, &day, &a.Who, &a.Account, &a.Kind, &a.Pages, &a.Usual, &at, &a.By, &a.Note, &seen)
	began := time.Unix(day*24*60*60, 0).UTC()
	a.Day = time.Date(began.Year(), began.Month(), began.Day(), 0, 0, 0, 0, time.Local)
	if a.At = fromMillis(at); seen != 0 {
		a.SeenAt = fromMillis(seen)
	}
	return a, err
}

// Alarms returns the alarms that nobody has looked into, and those of a time, the
// newest first.
func (db *DB) Alarms(ctx context.Context, from, to time.Time) (list []Alarm, err error) {
	defer wrap(&err, "alarms")
	err = db.view(ctx, func(t tx) error {
		list, err = collect(ctx, t, scanAlarm, `
			SELECT `+alarmColumns+` FROM access_alarms x LEFT JOIN users u ON u.id = x.user_id
			WHERE x.user_id IS NULL OR x.day >= ? AND x.day < ? ORDER BY x.id DESC LIMIT 500`, day(from), day(to))
		return err
	})
	return list, err
}

// AnswerAlarm notes who has looked into an alarm, once, and what came of it.
func (db *DB) AnswerAlarm(ctx context.Context, by form.Actor, id int64, note string) (err error) {
	defer wrap(&err, "answer alarm %d", id)
	return db.act(ctx, by, "answer_alarm", func(t tx) (subject, error) {
		return subject{kind: "alarm", id: id}, t.row(ctx, `
			UPDATE access_alarms SET user_id = ?, note = ?, seen_at = ? WHERE id = ? AND user_id IS NULL
			RETURNING id`, by.User, note, millis(db.now()), id)(&id)
	})
}

// A Report is what the log has of a month: counts by person and act, what was
// unusual, and what was taken.
type Report struct {
	Month   string    `json:"month"` // 2026-11
	From    time.Time `json:"from"`
	To      time.Time `json:"to"` // exclusive
	Tallies []Tally   `json:"tallies"`
	Alarms  []Alarm   `json:"alarms"`
	Taken   []Listed  `json:"taken"`  // files with personal data, with their purposes; the first MostListed
	Failed  []Listed  `json:"failed"` // log-ins
	Granted []Listed  `json:"granted"`
	Rows    int       `json:"rows"` // of the log in that month
	LastRow int64     `json:"lastRow"`
	Hash    string    `json:"hash"` // of that row, hexadecimal

	Signed *Signed `json:"-"` // nil where nobody has signed it
}

// A Listed is a row of the log in a report.
type Listed struct {
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
	Account string    `json:"account"`
	Address string    `json:"address"`
	Act     string    `json:"act"`
	Subject string    `json:"subject"`
	ID      int64     `json:"id"`
	Name    string    `json:"name"` // of a subject that is a person
	Pages   int       `json:"pages"`
	Purpose string    `json:"purpose"`
}

// A Signed says who has looked through a report.
type Signed struct {
	By   string
	Note string
	At   time.Time
}

// MostListed is how many rows of a sort a report lists; how many there are is
// among the counts.
const MostListed = 1000

// grants are the acts by which somebody may do or see more or less than before.
var grants = []string{
	"add_user", "set_password", "take_password", "set_roles", "disable_user", "enable_user", "remove_factor",
	"rotate_secret", "end_secrets", "rotate_signing_key", "add_domain", "set_admission", "set_masks", "set_access_rules",
}

// AccessReport returns the report of the month that begins at a time: as it was
// signed, or else as it is now.
func (db *DB) AccessReport(ctx context.Context, begins time.Time) (r Report, err error) {
	defer wrap(&err, "access report")
	err = db.view(ctx, func(t tx) error {
		signed, err := collect(ctx, t, scanReport, `
			SELECT x.report, u.name, x.note, x.at FROM access_reports x JOIN users u ON u.id = x.user_id WHERE x.month = ?`, month(begins))
		if err == nil && len(signed) > 0 {
			r = signed[0]
			return nil
		}
		if err == nil {
			r, err = report(ctx, t, begins)
		}
		return err
	})
	return r, err
}

func month(begins time.Time) string { return begins.Format("2006-01") }

func scanReport(scan func(...any) error) (r Report, err error) {
	var text []byte
	var at int64
	r.Signed = new(Signed)
	if err := scan(&text, &r.Signed.By, &r.Signed.Note, &at); err != nil {
		return r, err
	}
	r.Signed.At = fromMillis(at)
	return r, json.Unmarshal(text, &r)
}

func report(ctx context.Context, t tx, begins time.Time) (r Report, err error) {
	r = Report{Month: month(begins), From: begins, To: begins.AddDate(0, 1, 0)}
	if r.Tallies, err = tallies(ctx, t, r.From, r.To); err != nil {
		return r, err
	}
	for _, c := range r.Tallies {
		r.Rows += c.Times
	}
	if r.Alarms, err = collect(ctx, t, scanAlarm, `
		SELECT `+alarmColumns+` FROM access_alarms x LEFT JOIN users u ON u.id = x.user_id
		WHERE x.day >= ? AND x.day < ? ORDER BY x.id`, day(r.From), day(r.To)); err != nil {
		return r, err
	}
	for _, part := range []struct {
		into *[]Listed
		acts []string
	}{{&r.Taken, AccessTaken}, {&r.Failed, []string{AccessFailedLogin}}, {&r.Granted, grants}} {
		if *part.into, err = listed(ctx, t, r.From, r.To, part.acts); err != nil {
			return r, err
		}
	}
	last, err := collect(ctx, t, scanAccess, `
		SELECT `+accessColumns+` FROM access a`+t.by(`access_at`)+` WHERE a.at < ? ORDER BY a.at DESC, a.id DESC LIMIT 1`, millis(r.To))
	for _, row := range last {
		r.LastRow, r.Hash = row.ID, hex.EncodeToString(row.Hash)
	}
	return r, err
}

// listed returns rows with one of some acts, the oldest first.
func listed(ctx context.Context, t tx, from, to time.Time, acts []string) (list []Listed, err error) {
	for _, act := range acts {
		rows, err := collect(ctx, t, func(scan func(...any) error) (l Listed, err error) {
			var at int64
			err = scan(&at, &l.Who, &l.Account, &l.Address, &l.Act, &l.Subject, &l.ID, &l.Name, &l.Pages, &l.Purpose)
			l.At = fromMillis(at)
			return l, err
		}, `
			SELECT a.at, a.who, a.account, a.address, a.act, a.subject, a.subject_id, coalesce(u.name, ''), a.pages, a.purpose
			FROM access a`+t.by(`access_act`)+` LEFT JOIN users u ON a.subject = 'user' AND u.id = a.subject_id
			WHERE a.act = ? AND a.at >= ? AND a.at < ? ORDER BY a.at LIMIT ?`, act, millis(from), millis(to), MostListed)
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
	}
	slices.SortStableFunc(list, func(a, b Listed) int { return a.At.Compare(b.At) })
	return list, nil
}

// SignReport keeps the report of the month that begins at a time as it is now, and
// who has looked through it. It returns form.ErrConflict where somebody has
// before, and where the month is not over.
func (db *DB) SignReport(ctx context.Context, by form.Actor, begins time.Time, note string) (err error) {
	defer wrap(&err, "sign access report")
	return db.act(ctx, by, "sign_report", func(t tx) (of subject, err error) {
		r, err := report(ctx, t, begins)
		if err != nil {
			return of, err
		}
		if db.now().Before(r.To) {
			return of, form.ErrConflict
		}
		text, err := json.Marshal(r)
		if err != nil {
			return of, err
		}
		_, err = t.exec(ctx, `INSERT INTO access_reports (month, report, user_id, note, at) VALUES (?, ?, ?, ?, ?)`,
			r.Month, string(text), by.User, note, millis(db.now()))
		return subject{kind: "report", id: int64(begins.Year()*100) + int64(begins.Month())}, err
	})
}

// Matters returns what the office should look into, of the last month what somebody
// should have signed once it had anything in the log.
func (db *DB) Matters(ctx context.Context) (m form.Matters, err error) {
	defer wrap(&err, "matters")
	now := db.now().Local()
	begins := time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, time.Local)
	err = db.view(ctx, func(t tx) error {
		if err := t.row(ctx, `SELECT count(*) FROM access_alarms`+t.by(`access_alarms_open`)+` WHERE user_id IS NULL`)(&m.Alarms); err != nil {
			return err
		}
		var unsigned bool
		if err := t.row(ctx, `
			SELECT EXISTS (SELECT 1 FROM access`+t.by(`access_at`)+` WHERE at >= ? AND at < ?)
				AND NOT EXISTS (SELECT 1 FROM access_reports WHERE month = ?)`,
			millis(begins), millis(begins.AddDate(0, 1, 0)), month(begins))(&unsigned); err != nil {
			return err
		}
		if unsigned {
			m.Unsigned = begins
		}
		if err := loadNoted(ctx, t, backups, &m.Backups); err != nil {
			return err
		}
		return loadNoted(ctx, t, logCheck, &m.Log)
	})
	return m, err
}
