package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/seosik/seosik/internal/form"
)

const (
	// claimTerm is for how long a page is kept for who has it open and is not heard
	// of. ClaimRenewal is how often that is.
	claimTerm    = 5 * time.Minute
	ClaimRenewal = time.Minute
	// aheadTerm is for how long one is kept that comes next.
	aheadTerm = 90 * time.Second
)

// A Who says whose pages of the queue are meant.
type Who string

// Whose pages. WhoCan are those that are assigned to a person or to nobody.
const (
	WhoCan  Who = ""
	WhoMine Who = "mine" // assigned to the person
	WhoAll  Who = "all"  // to others, too
	WhoHeld Who = "held" // open at others right now
)

// A QueueFilter chooses pages of the queue. Its zero value chooses all that
// waits for whoever asks, oldest first.
type QueueFilter struct {
	Domain   form.DomainID   // 0 for all
	Template form.TemplateID // 0 for all
	Lanes    []form.Lane     // empty for those of form.Waiting
	Who      Who
	Before   time.Time // received before; zero for no bound
	Order    form.QueueOrder

	After form.PageID // of the list: only those that follow this one; 0 from its beginning
	Limit int         // of the list; 0 for 50

	within form.Scope // of whoever asks, and of Domain
}

func (f *QueueFilter) lanes() []form.Lane {
	if len(f.Lanes) == 0 {
		return form.Waiting
	}
	return f.Lanes
}

// key returns the column that f orders by before the place of a page, or none.
func (f *QueueFilter) key() string {
	switch f.Order {
	case form.WorstFirst:
		return `q.worst, `
	case form.QuickFirst:
		return `q.quick, `
	default:
		return ``
	}
}

// index returns the index that f walks.
func (f *QueueFilter) index() string {
	name := `queue_`
	if _, all := f.within.Domains(); f.Template != 0 {
		name += `template_`
	} else if !all {
		name += `domain_`
	}
	return name + cmp.Or(string(f.Order), `oldest`)
}

// A queueSpot is a page of the queue and where it stands there.
type queueSpot struct {
	page form.PageID
	key  float64
	spot
}

func (s queueSpot) compare(o queueSpot) int {
	return cmp.Or(cmp.Compare(s.key, o.key), cmp.Compare(s.document, o.document), cmp.Compare(s.number, o.number), cmp.Compare(s.part, o.part))
}

// number returns the key that f orders by as a number, which is 0 without.
func (f *QueueFilter) number() string {
	if f.Order == form.OldestFirst {
		return `0.0`
	}
	return `q.` + string(f.Order)
}

func scanQueueSpot(scan func(...any) error) (s queueSpot, err error) {
	err = scan(&s.page, &s.key, &s.document, &s.number, &s.part)
	return s, err
}

// walk returns the first n pages that f chooses for a user, and of which rest is
// true.
func (f *QueueFilter) walk(ctx context.Context, t tx, user form.UserID, rest where, n int) (found []queueSpot, err error) {
	if err := f.bound(ctx, t, &rest); err != nil {
		return nil, err
	}
	people, err := f.people(ctx, t, user)
	if err != nil {
		return nil, err
	}
	for _, lane := range f.lanes() {
		for _, p := range people {
			for _, in := range oneByOne(f.within, f.Template) {
				var w where
				w.and(f.Template != 0, `q.template_id = ?`, f.Template)
				w.within(in, `q.domain_id`)
				w.and(true, `q.lane = ? AND q.assigned = ?`, lane, p)
				w.terms, w.args = append(w.terms, rest.terms...), append(w.args, rest.args...)
				some, err := collect(ctx, t, scanQueueSpot, `
					SELECT q.page_id, `+f.number()+`, q.document_id, q.number, q.part FROM queue q`+t.by(f.index())+w.String()+`
					ORDER BY `+f.key()+`q.document_id, q.number, q.part LIMIT ?`, append(w.args, n)...)
				if err != nil {
					return nil, err
				}
				found = append(found, some...)
			}
		}
	}
	slices.SortFunc(found, queueSpot.compare)
	return found[:min(n, len(found))], nil
}

// bound adds to w what f asks for besides lanes, people and domains.
func (f *QueueFilter) bound(ctx context.Context, t tx, w *where) error {
	if !f.Before.IsZero() {
		b, err := received(ctx, t, time.Time{}, f.Before)
		if err != nil {
			return err
		}
		w.and(true, `q.document_id <= ?`, b.last)
	}
	if f.After == 0 {
		return nil
	}
	after, err := scanQueueSpot(t.row(ctx, `
		SELECT q.page_id, `+f.number()+`, q.document_id, q.number, q.part FROM queue q WHERE q.page_id = ?`, f.After))
	if errors.Is(err, sql.ErrNoRows) {
		return nil // somebody has dealt with it: the list begins anew
	}
	if err != nil {
		return err
	}
	if f.Order == form.OldestFirst {
		w.and(true, `(q.document_id, q.number, q.part) > (?, ?, ?)`, after.document, after.number, after.part)
	} else {
		w.and(true, `(`+f.key()+`q.document_id, q.number, q.part) > (?, ?, ?, ?)`, after.key, after.document, after.number, after.part)
	}
	return nil
}

// people returns to whom the pages are assigned that f chooses for a user, 0 for
// nobody.
func (f *QueueFilter) people(ctx context.Context, t tx, user form.UserID) ([]form.UserID, error) {
	switch f.Who {
	case WhoMine:
		return []form.UserID{user}, nil
	case WhoAll:
		return collect(ctx, t, scanID[form.UserID], `SELECT DISTINCT assigned FROM queue_counts WHERE n > 0`)
	default:
		return []form.UserID{0, user}, nil
	}
}

// free are the terms that nobody has page q open, nor a user passed it by.
const (
	free      = `NOT EXISTS (SELECT 1 FROM claims c WHERE c.page_id = q.page_id AND c.until > ?)`
	notPassed = `NOT EXISTS (SELECT 1 FROM passed p WHERE p.page_id = q.page_id AND p.user_id = ?)`
)

// NextInQueue gives a person the next page of the queue, which nobody else is
// given as long as that person is heard of. After is the page that the person
// leaves, 0 for one who begins: what is left undone comes again when there is
// nothing else. With ahead it is only put by for a short while, and after is not
// left; asked again it is the same one. It returns form.ErrNotFound where there
// is none.
func (db *DB) NextInQueue(ctx context.Context, by form.Actor, in form.Scope, f QueueFilter, after form.PageID, ahead bool) (next form.PageID, err error) {
	defer wrap(&err, "next page of the queue")
	f.within, f.After = in.Narrow(f.Domain), 0
	err = db.update(ctx, func(t tx) error {
		now, err := t.now(ctx)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM claims WHERE until <= ?`, now); err != nil {
			return err
		}
		p := picker{tx: t, QueueFilter: f, user: by.User, after: after, now: now}
		if ahead {
			next, err = p.ahead(ctx)
		} else {
			next, err = p.next(ctx)
		}
		if err != nil {
			return err
		}
		return hold(ctx, t, by.User, next, ahead)
	})
	return next, err
}

// now returns the time by the clock of the database.
func (t tx) now(ctx context.Context) (ms int64, err error) {
	err = t.row(ctx, `SELECT `+t.clock())(&ms)
	return ms, err
}

// A picker picks pages for a person.
type picker struct {
	tx
	QueueFilter
	user  form.UserID
	after form.PageID
	now   int64
}

// ahead returns the page that comes after p.after and after what is put by before
// it.
func (p *picker) ahead(ctx context.Context) (form.PageID, error) {
	return p.first(ctx, p.putBy, p.fresh, p.again)
}

// next leaves p.after and returns the page that comes then. Who begins gets what
// that person has open already, and goes past nothing.
func (p *picker) next(ctx context.Context) (form.PageID, error) {
	if p.after == 0 {
		for _, begin := range []string{`DELETE FROM passed WHERE user_id = ?`, `DELETE FROM claims WHERE user_id = ? AND ahead = 1`} {
			if _, err := p.exec(ctx, begin, p.user); err != nil {
				return 0, err
			}
		}
		return p.first(ctx, p.open, p.fresh)
	}
	if err := pass(ctx, p.tx, p.user, p.after, p.now); err != nil {
		return 0, err
	}
	return p.first(ctx, p.putBy, p.fresh, p.again)
}

// first returns what the first of some ways to pick a page finds.
func (p *picker) first(ctx context.Context, ways ...func(context.Context) ([]form.PageID, error)) (form.PageID, error) {
	for _, way := range ways {
		if found, err := way(ctx); err != nil || len(found) > 0 {
			return append(found, 0)[0], err
		}
	}
	return 0, sql.ErrNoRows
}

// putBy finds the page that was put by after p.after was.
func (p *picker) putBy(ctx context.Context) ([]form.PageID, error) {
	return p.claimed(ctx, `c.ahead = 1 AND c.page_id <> ? AND c.id > coalesce((SELECT id FROM claims WHERE page_id = ? AND user_id = c.user_id), 0)`, p.after, p.after)
}

// open finds a page that the person has open.
func (p *picker) open(ctx context.Context) ([]form.PageID, error) {
	return p.claimed(ctx, `c.ahead = 0`)
}

// claimed finds the first page of the person's claims that the filter chooses,
// too.
func (p *picker) claimed(ctx context.Context, term string, args ...any) ([]form.PageID, error) {
	var w where
	w.and(true, `c.user_id = ?`, p.user)
	w.and(true, term, args...)
	if err := p.chosen(ctx, &w); err != nil {
		return nil, err
	}
	return collect(ctx, p.tx, scanID[form.PageID], `
		SELECT c.page_id FROM claims c`+p.then(`queue q`, `q.page_id = c.page_id`)+w.String()+` ORDER BY c.id LIMIT 1`, w.args...)
}

// fresh finds the first page that nobody has and the person did not pass by.
func (p *picker) fresh(ctx context.Context) ([]form.PageID, error) {
	var w where
	w.and(true, free, p.now)
	w.and(true, notPassed, p.user)
	w.and(true, `q.page_id <> ?`, p.after)
	found, err := p.walk(ctx, p.tx, p.user, w, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return []form.PageID{found[0].page}, nil
}

// again finds the page that the person passed by first, which may be the one
// that is just left.
func (p *picker) again(ctx context.Context) ([]form.PageID, error) {
	var w where
	w.and(true, `s.user_id = ?`, p.user)
	w.and(true, free, p.now)
	if err := p.chosen(ctx, &w); err != nil {
		return nil, err
	}
	return collect(ctx, p.tx, scanID[form.PageID], `
		SELECT s.page_id FROM passed s`+p.then(`queue q`, `q.page_id = s.page_id`)+w.String()+` ORDER BY s.at, s.page_id LIMIT 1`, w.args...)
}

// chosen adds to w that page q is one that the filter chooses.
func (p *picker) chosen(ctx context.Context, w *where) error {
	people, err := p.people(ctx, p.tx, p.user)
	if err != nil {
		return err
	}
	w.and(p.Template != 0, `q.template_id = ?`, p.Template)
	w.within(p.within, `q.domain_id`)
	w.and(true, `q.lane IN (`+marks(len(p.lanes()))+`)`, anys(p.lanes())...)
	w.and(true, `q.assigned IN (`+marks(len(people))+`)`, anys(people)...)
	return p.bound(ctx, p.tx, w)
}

// hold gives a user a page that is in the queue, unless another has it. One that
// is in no queue needs no claim.
func hold(ctx context.Context, t tx, user form.UserID, page form.PageID, ahead bool) error {
	term := claimTerm
	if ahead {
		term = aheadTerm
	}
	_, err := t.exec(ctx, `
		INSERT INTO claims (page_id, user_id, ahead, until)
		SELECT page_id, ?, ?, `+t.clock()+` + ? FROM queue WHERE page_id = ?
		ON CONFLICT (page_id) DO UPDATE SET ahead = min(claims.ahead, excluded.ahead), until = max(claims.until, excluded.until)
		WHERE claims.user_id = excluded.user_id`, user, ahead, term.Milliseconds(), page)
	return err
}

// pass notes that a user leaves a page: it is free for others, and if it is not
// done it comes again last.
func pass(ctx context.Context, t tx, user form.UserID, page form.PageID, now int64) error {
	if _, err := t.exec(ctx, `DELETE FROM claims WHERE page_id = ? AND user_id = ?`, page, user); err != nil {
		return err
	}
	_, err := t.exec(ctx, `
		INSERT INTO passed (user_id, page_id, at) SELECT ?, page_id, ? FROM queue WHERE page_id = ?
		ON CONFLICT (user_id, page_id) DO UPDATE SET at = excluded.at`, user, now, page)
	return err
}

// requeue puts a page into the queue that needs a person.
func requeue(ctx context.Context, t tx, page form.PageID) error {
	_, err := t.exec(ctx, `UPDATE pages SET doubtful = doubtful WHERE id = ?`, page) // the rest is a trigger's
	return err
}

// onPage runs f about a page, within a scope.
func (db *DB) onPage(ctx context.Context, in form.Scope, page form.PageID, f func(tx) error) error {
	return db.update(ctx, func(t tx) error {
		var domain form.DomainID
		err := t.row(ctx, `SELECT domain_id FROM pages WHERE id = ?`, page)(&domain)
		if err := seen(in, domain, err); err != nil {
			return err
		}
		return f(t)
	})
}

// ClaimPage says that a person has a page open, and leaves page after, 0 for
// none. It returns who has it, which is another one where that one had it first.
func (db *DB) ClaimPage(ctx context.Context, by form.Actor, in form.Scope, page, after form.PageID) (held form.Claim, err error) {
	defer wrap(&err, "claim page %d", page)
	err = db.onPage(ctx, in, page, func(t tx) error {
		now, err := t.now(ctx)
		if err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM claims WHERE page_id = ? AND until <= ?`, page, now); err != nil {
			return err
		}
		if after != 0 && after != page {
			if err := pass(ctx, t, by.User, after, now); err != nil {
				return err
			}
		}
		if err := hold(ctx, t, by.User, page, false); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `
			UPDATE claims SET until = ? WHERE user_id = ? AND ahead = 1 AND until > ?`, now+aheadTerm.Milliseconds(), by.User, now); err != nil {
			return err
		}
		held, err = claimOf(ctx, t, page)
		return err
	})
	return held, err
}

// claimOf returns who has a page open.
func claimOf(ctx context.Context, t tx, page form.PageID) (form.Claim, error) {
	held, err := scanClaim(t.row(ctx, `
		SELECT c.user_id, u.name, c.until - `+t.clock()+` FROM claims c JOIN users u ON u.id = c.user_id
		WHERE c.page_id = ? AND c.until > `+t.clock(), page))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return held, err
}

func scanClaim(scan func(...any) error) (c form.Claim, err error) {
	var left int64
	err = scan(&c.By, &c.ByName, &left)
	c.Free = time.Duration(left) * time.Millisecond
	return c, err
}

// TakePage gives a page to a person, whoever has it open.
func (db *DB) TakePage(ctx context.Context, by form.Actor, in form.Scope, page form.PageID) (err error) {
	defer wrap(&err, "take over page %d", page)
	return db.onPage(ctx, in, page, func(t tx) error {
		if _, err := t.exec(ctx, `DELETE FROM claims WHERE page_id = ?`, page); err != nil {
			return err
		}
		return hold(ctx, t, by.User, page, false)
	})
}

// ReleasePage says that a person has a page open no longer.
func (db *DB) ReleasePage(ctx context.Context, by form.Actor, in form.Scope, page form.PageID) (err error) {
	defer wrap(&err, "release page %d", page)
	return db.onPage(ctx, in, page, func(t tx) error {
		_, err := t.exec(ctx, `DELETE FROM claims WHERE page_id = ? AND user_id = ?`, page, by.User)
		return err
	})
}

// AssignPage has a page be for a user and come to no other, or to everybody for
// 0. A note may be empty.
func (db *DB) AssignPage(ctx context.Context, by form.Actor, in form.Scope, page form.PageID, to form.UserID, note string) (err error) {
	defer wrap(&err, "assign page %d", page)
	return db.onPage(ctx, in, page, func(t tx) error {
		if err := db.assign(ctx, t, by, page, to); err != nil {
			return err
		}
		return db.addNote(ctx, t, by, page, note)
	})
}

// assign has a page be for a user, or for everybody for 0. It returns form.ErrConflict
// where that person may not review it, to whom it would be lost.
func (db *DB) assign(ctx context.Context, t tx, by form.Actor, page form.PageID, to form.UserID) error {
	if to != 0 {
		if err := mayReview(ctx, t, page, to); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, `DELETE FROM assignments WHERE page_id = ?`, page); err != nil {
		return err
	}
	if to != 0 {
		if _, err := t.exec(ctx, `
			INSERT INTO assignments (page_id, user_id, assigned_by, at) VALUES (?, ?, ?, ?)`, page, to, by.User, millis(db.now())); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM claims WHERE page_id = ? AND user_id <> ?`, page, to); err != nil {
			return err
		}
		if _, err := t.exec(ctx, `DELETE FROM passed WHERE page_id = ? AND user_id = ?`, page, to); err != nil {
			return err
		}
	}
	_, err := t.exec(ctx, `UPDATE queue SET assigned = ? WHERE page_id = ?`, to, page)
	return err
}

// mayReview returns form.ErrConflict unless a user may review a page.
func mayReview(ctx context.Context, t tx, page form.PageID, user form.UserID) error {
	var domain form.DomainID
	var disabled bool
	if err := t.row(ctx, `
		SELECT p.domain_id, u.disabled_at IS NOT NULL FROM pages p, users u WHERE p.id = ? AND u.id = ?`, page, user)(&domain, &disabled); err != nil {
		return err
	}
	grants, err := grantsOf(ctx, t, user)
	if err == nil && (disabled || !form.PermissionsOf(grants).May(form.MayReview, domain)) {
		err = form.ErrConflict
	}
	return err
}

// unassign has what is for a user be for everybody, but for what is in scope.
func unassign(ctx context.Context, t tx, user form.UserID, but form.Scope) error {
	term, args := within(but, `domain_id`)
	args = append([]any{user}, args...)
	if _, err := t.exec(ctx, `
		DELETE FROM assignments WHERE user_id = ? AND page_id IN (SELECT id FROM pages WHERE id = assignments.page_id AND NOT (`+term+`))`, args...); err != nil {
		return err
	}
	_, err := t.exec(ctx, `UPDATE queue SET assigned = 0 WHERE assigned = ? AND NOT (`+term+`)`, args...)
	return err
}

// AddNote adds what a person wrote about a page.
func (db *DB) AddNote(ctx context.Context, by form.Actor, in form.Scope, page form.PageID, text string) (err error) {
	defer wrap(&err, "note on page %d", page)
	return db.onPage(ctx, in, page, func(t tx) error { return db.addNote(ctx, t, by, page, text) })
}

func (db *DB) addNote(ctx context.Context, t tx, by form.Actor, page form.PageID, text string) error {
	text, err := form.CheckNote(text)
	if err != nil || text == "" {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO notes (page_id, user_id, at, text) VALUES (?, ?, ?, ?)`, page, by.User, millis(db.now()), text)
	return err
}

// SetAside sets a page aside that is in the queue, in one of form.Asides, or puts
// it back for an empty lane. It returns form.ErrConflict where it is in no queue.
func (db *DB) SetAside(ctx context.Context, by form.Actor, in form.Scope, page form.PageID, lane form.Lane) (err error) {
	defer wrap(&err, "set page %d aside", page)
	return db.onPage(ctx, in, page, func(t tx) error {
		changed, err := t.exec(ctx, `UPDATE queue SET aside = ? WHERE page_id = ?`, lane, page)
		if err != nil {
			return err
		}
		if n, err := changed.RowsAffected(); err != nil || n == 0 {
			return cmp.Or(err, form.ErrConflict)
		}
		for _, forget := range []string{`DELETE FROM asides WHERE page_id = ?`, `DELETE FROM passed WHERE page_id = ?`} {
			if _, err := t.exec(ctx, forget, page); err != nil {
				return err
			}
		}
		if lane == "" {
			return nil
		}
		_, err = t.exec(ctx, `INSERT INTO asides (page_id, kind, user_id, at) VALUES (?, ?, ?, ?)`, page, lane, by.User, millis(db.now()))
		return err
	})
}

// Care returns who deals with a page.
func (db *DB) Care(ctx context.Context, in form.Scope, page form.PageID) (h form.Care, err error) {
	defer wrap(&err, "who deals with page %d", page)
	err = db.view(ctx, func(t tx) error {
		var domain form.DomainID
		var at sql.Null[int64]
		err := t.row(ctx, `
			SELECT p.domain_id, coalesce(q.lane, ''), coalesce(u.id, 0), coalesce(u.name, ''), coalesce(w.name, ''), a.at
			FROM pages p
			LEFT JOIN queue q ON q.page_id = p.id
			LEFT JOIN assignments s ON s.page_id = p.id
			LEFT JOIN users u ON u.id = s.user_id
			LEFT JOIN asides a ON a.page_id = p.id
			LEFT JOIN users w ON w.id = a.user_id
			WHERE p.id = ?`, page)(&domain, &h.Lane, &h.Assigned, &h.AssignedTo, &h.AsideBy, &at)
		if err := seen(in, domain, err); err != nil {
			return err
		}
		h.AsideAt = fromNullMillis(at)
		if h.Held, err = claimOf(ctx, t, page); err != nil {
			return err
		}
		h.Notes, err = collect(ctx, t, scanNote, `
			SELECT u.name, n.at, n.text FROM notes n JOIN users u ON u.id = n.user_id WHERE n.page_id = ? ORDER BY n.id`, page)
		return err
	})
	return h, err
}

func scanNote(scan func(...any) error) (n form.Note, err error) {
	var at int64
	err = scan(&n.ByName, &at, &n.Text)
	n.At = fromMillis(at)
	return n, err
}

// Queue returns pages of the queue, as a person sees it.
func (db *DB) Queue(ctx context.Context, in form.Scope, user form.UserID, f QueueFilter) (rows []form.QueueRow, err error) {
	defer wrap(&err, "queue")
	f.within = in.Narrow(f.Domain)
	err = db.view(ctx, func(t tx) error {
		chosen, err := f.list(ctx, t, user)
		if err != nil || len(chosen) == 0 {
			return err
		}
		rows, err = queueRows(ctx, t, chosen)
		return err
	})
	return rows, err
}

// list returns the pages that f chooses for a list, in order.
func (f *QueueFilter) list(ctx context.Context, t tx, user form.UserID) (ids []form.PageID, err error) {
	var found []queueSpot
	if f.Who == WhoHeld {
		found, err = f.held(ctx, t, user)
	} else {
		found, err = f.walk(ctx, t, user, where{}, limit(f.Limit))
	}
	for _, s := range found {
		ids = append(ids, s.page)
	}
	return ids, err
}

// held returns the pages that others have open: there are no more than people,
// and those that come next to them.
func (f *QueueFilter) held(ctx context.Context, t tx, user form.UserID) ([]queueSpot, error) {
	var w where
	w.and(true, `c.user_id <> ? AND c.until > `+t.clock(), user)
	w.and(f.Template != 0, `q.template_id = ?`, f.Template)
	w.within(f.within, `q.domain_id`)
	if err := f.bound(ctx, t, &w); err != nil {
		return nil, err
	}
	return collect(ctx, t, scanQueueSpot, `
		SELECT q.page_id, `+f.number()+`, q.document_id, q.number, q.part
		FROM claims c`+t.then(`queue q`, `q.page_id = c.page_id`)+w.String()+`
		ORDER BY `+f.key()+`q.document_id, q.number, q.part LIMIT ?`, append(w.args, limit(f.Limit))...)
}

// queueRows returns what is shown of pages of the queue, in their order.
func queueRows(ctx context.Context, t tx, ids []form.PageID) ([]form.QueueRow, error) {
	chosen, err := list(ids)
	if err != nil {
		return nil, err
	}
	pages, err := collect(ctx, t, scanPage, `SELECT `+pageColumns+pageTables+` WHERE `+t.oneOf(`p.id`), chosen)
	if err != nil {
		return nil, err
	}
	of := make(map[form.PageID]form.PageInfo, len(pages))
	for _, p := range pages {
		of[p.ID] = p
	}
	rows := make([]form.QueueRow, 0, len(ids))
	err = t.rows(ctx, func(scan func(...any) error) error {
		id, r, err := scanQueueRow(scan)
		r.Page = of[id]
		rows = append(rows, r)
		return err
	}, `
		SELECT q.page_id, q.lane, iif(q.state = 'review', -q.worst, 0.0), coalesce(c.user_id, 0), coalesce(cu.name, ''), coalesce(c.until - `+t.clock()+`, 0),
			q.assigned, coalesce(au.name, ''), (SELECT count(*) FROM notes WHERE page_id = q.page_id)
		FROM `+t.each()+t.then(`queue q`, `q.page_id = n.value`)+`
		LEFT JOIN claims c ON c.page_id = q.page_id AND c.until > `+t.clock()+`
		LEFT JOIN users cu ON cu.id = c.user_id
		LEFT JOIN users au ON au.id = q.assigned`, chosen)
	slices.SortFunc(rows, func(a, b form.QueueRow) int {
		return cmp.Compare(slices.Index(ids, a.Page.ID), slices.Index(ids, b.Page.ID))
	})
	return rows, err
}

func scanQueueRow(scan func(...any) error) (id form.PageID, r form.QueueRow, err error) {
	var left int64
	err = scan(&id, &r.Lane, &r.Wrong, &r.Held.By, &r.Held.ByName, &left, &r.Assigned, &r.AssignedTo, &r.Notes)
	r.Held.Free = time.Duration(left) * time.Millisecond
	return id, r, err
}

// QueueCounts returns how many pages of each lane f chooses, whatever its lanes
// and without a look at when they came.
func (db *DB) QueueCounts(ctx context.Context, in form.Scope, user form.UserID, f QueueFilter) (n map[form.Lane]int, err error) {
	defer wrap(&err, "count the queue")
	n = make(map[form.Lane]int)
	err = db.view(ctx, func(t tx) error {
		var w where
		w.within(in.Narrow(f.Domain), `domain_id`)
		w.and(f.Template != 0, `template_id = ?`, f.Template)
		w.and(f.Who == WhoCan, `assigned IN (0, ?)`, user)
		w.and(f.Who == WhoMine, `assigned = ?`, user)
		return t.rows(ctx, func(scan func(...any) error) error {
			var lane form.Lane
			var pages int
			err := scan(&lane, &pages)
			n[lane] = pages
			return err
		}, `SELECT lane, sum(n) FROM queue_counts`+w.String()+` GROUP BY lane`, w.args...)
	})
	return n, err
}

// A Pace is how far a person has got.
type Pace struct {
	Done int     // pages that the person finished since the day began
	Hour float64 // pages an hour, lately; 0 where that is not known
}

const quarter = 15 * time.Minute

// Pace returns the pace of a person with pages of a template, 0 for all. Midnight
// is when the day began.
func (db *DB) Pace(ctx context.Context, user form.UserID, template form.TemplateID, midnight time.Time) (p Pace, err error) {
	defer wrap(&err, "pace")
	now := db.now()
	err = db.view(ctx, func(t tx) error {
		var w where
		w.and(true, `user_id = ? AND quarter >= ?`, user, millis(midnight)/quarter.Milliseconds())
		w.and(template != 0, `template_id = ?`, template)
		var lately, busy int
		recent := millis(now)/quarter.Milliseconds() - 4 // the one that runs, and an hour
		var running bool
		if err := t.row(ctx, `
			SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE quarter >= ?), 0), count(DISTINCT quarter) FILTER (WHERE quarter >= ?),
				coalesce(max(quarter) = ?, 0)
			FROM tallies`+w.String(), append([]any{recent, recent, recent + 4}, w.args...)...)(&p.Done, &lately, &busy, &running); err != nil {
			return err
		}
		spent := time.Duration(busy) * quarter
		if running {
			spent -= quarter - now.Sub(now.Truncate(quarter))
		}
		if spent >= 5*time.Minute {
			p.Hour = float64(lately) / spent.Hours()
		}
		return nil
	})
	return p, err
}
