package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seosik/seosik/internal/form"
)

// The access log says who saw or changed whose data, when and from where. Its
// rows are a chain: each has the SHA-256 of the hash of the row before it and of
// all that it says itself, as JSON, so that a row that was changed, added or taken
// out is found. Package audit signs the hash of the last row.
//
// Whose data is said by the ids of pages. No name and no value is in the log.

// An Access is one of the times that somebody saw or changed something.
type Access struct {
	At      time.Time  // zero for now
	By      form.Actor // the zero Actor is a stranger
	Act     string
	Subject string // page, export, user, …; empty for none
	ID      int64  // of the subject
	Pages   []form.PageID
	Purpose string
}

// What is done, besides all that a db method notes under a name of its own.
const (
	AccessView        = "view"         // of pages with their values
	AccessPicture     = "picture"      // seen without the page
	AccessStory       = "story"        // of a page
	AccessReveal      = "reveal"       // of a value that is masked, or all of a page or of a screen of several
	AccessSearch      = "search"       // for a name or a value, which is not said
	AccessPreview     = "preview"      // of an export
	AccessCorrect     = "correct"      // a value
	AccessKey         = "key"          // a value, blind
	AccessExportMade  = "export_made"  // a file, with whose data is in it
	AccessExportTaken = "export_taken" // out of the server, into a folder too
	AccessRecord      = "record"       // sent to a program
	AccessTold        = "told"         // sent to a webhook or a validation
	AccessPrint       = "print"        // a page
	AccessDelete      = "delete"       // for good
	AccessLogin       = "login"
	AccessLogout      = "logout"
	AccessFailedLogin = "login_failed" // of a user that there is; of nobody else's name anything is kept
)

// The acts by which contents of pages leave the server: onto a screen, in files that
// are made and taken, and in files or to programs.
var (
	AccessSeen  = []string{AccessView, AccessPicture, AccessStory, AccessPreview, AccessPrint, AccessReveal}
	AccessTaken = []string{AccessExportMade, AccessExportTaken}
	accessSent  = []string{AccessExportTaken, AccessRecord}
)

type addressKey struct{}

// WithAddress returns a context in which all that is done is said to be done from
// an address.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// whoOf returns how the log calls an actor.
func whoOf(by form.Actor) string {
	switch by.Kind {
	case form.ByPerson:
		return WhoPerson(by.User)
	case form.ByProgram:
		return WhoProgram(by.Domain)
	case form.BySystem, form.ByCommand:
		return string(by.Kind)
	}
	return "stranger"
}

// WhoPerson returns how the log calls a person.
func WhoPerson(id form.UserID) string { return fmt.Sprintf("person %d", id) }

// WhoProgram returns how the log calls the programs of a domain.
func WhoProgram(id form.DomainID) string { return fmt.Sprintf("program %d", id) }

// An AccessRow is a row of the log. Its JSON is what is hashed: it is never
// changed.
type AccessRow struct {
	ID        int64    `json:"id"`
	AtMillis  int64    `json:"at"`
	Who       string   `json:"who"`
	Account   string   `json:"account"`
	Address   string   `json:"address"`
	Act       string   `json:"act"`
	Subject   string   `json:"subject"`
	SubjectID int64    `json:"subject_id"`
	Pages     int      `json:"pages"`
	Digest    hexBytes `json:"digest"`
	Purpose   string   `json:"purpose"`
	Hash      []byte   `json:"-"`
}

// At returns when it was.
func (r *AccessRow) At() time.Time { return fromMillis(r.AtMillis) }

// hexBytes are written as hexadecimal digits.
type hexBytes []byte

// MarshalText returns the digits.
func (b hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(b)), nil }

// After returns the hash of the row where it follows one with that hash.
func (r *AccessRow) After(before []byte) []byte {
	said, err := json.Marshal(r)
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	sum := sha256.Sum256(append(slices.Clone(before), said...))
	return sum[:]
}

// noAccess is what the first row follows.
var noAccess = make([]byte, sha256.Size)

const accessColumns = `a.id, a.at, a.who, a.account, a.address, a.act, a.subject, a.subject_id, a.pages, a.digest, a.purpose, a.hash`

func scanAccess(scan func(...any) error) (r AccessRow, err error) {
	err = scan(&r.ID, &r.AtMillis, &r.Who, &r.Account, &r.Address, &r.Act, &r.Subject, &r.SubjectID, &r.Pages, (*[]byte)(&r.Digest), &r.Purpose, &r.Hash)
	return r, err
}

// saw adds an access to the log, in the transaction of what is done.
func (db *DB) saw(ctx context.Context, t tx, a Access) error {
	r := AccessRow{AtMillis: millis(a.At), Who: whoOf(a.By), Address: addressOf(ctx), Act: a.Act, Subject: a.Subject, SubjectID: a.ID, Pages: len(a.Pages), Purpose: a.Purpose}
	if a.At.IsZero() {
		r.AtMillis = millis(db.now())
	}
	var blocks []accessBlock
	switch len(a.Pages) {
	case 0:
	case 1:
		if a.Subject == "" {
			r.Subject, r.SubjectID = "page", int64(a.Pages[0])
		}
		if r.Subject == "page" {
			break
		}
		fallthrough
	default:
		blocks = blocksOf(a.Pages)
		r.Digest = digestOf(blocks)
	}
	var err error
	if r.Account, err = accountOf(ctx, t, a.By); err != nil {
		return err
	}
	if err := db.addAccess(ctx, t, &r); err != nil {
		return err
	}
	for _, b := range blocks {
		if _, err := t.exec(ctx, `INSERT INTO access_pages (block, access_id, bits) VALUES (?, ?, ?)`, b.number, r.ID, b.bits); err != nil {
			return err
		}
	}
	return nil
}

// addAccess adds a row after the last one.
func (db *DB) addAccess(ctx context.Context, t tx, r *AccessRow) error {
	last, before, err := lastAccess(ctx, t)
	if err != nil {
		return err
	}
	if r.Digest == nil {
		r.Digest = hexBytes{}
	}
	r.ID = last + 1
	_, err = t.exec(ctx, `
		INSERT INTO access (id, at, who, account, address, act, subject, subject_id, pages, digest, purpose, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, r.AtMillis, r.Who, r.Account, r.Address, r.Act, r.Subject, r.SubjectID, r.Pages, []byte(r.Digest), r.Purpose, r.After(before))
	return err
}

// lastAccess returns the last row and its hash. All rows may be gone that there
// were: then it is the last that was signed.
func lastAccess(ctx context.Context, t tx) (id int64, hash []byte, err error) {
	for _, query := range []string{
		`SELECT id, hash FROM access ORDER BY id DESC LIMIT 1`,
		`SELECT row, hash FROM access_heads ORDER BY row DESC LIMIT 1`,
	} {
		err := t.row(ctx, query)(&id, &hash)
		if !errors.Is(err, sql.ErrNoRows) {
			return id, hash, err
		}
	}
	return 0, noAccess, nil
}

// accountOf returns what an actor is called; empty for who is neither a person nor
// a program.
func accountOf(ctx context.Context, t tx, by form.Actor) (name string, err error) {
	switch by.Kind {
	case form.ByPerson:
		err = t.row(ctx, `SELECT name FROM users WHERE id = ?`, by.User)(&name)
	case form.ByProgram:
		err = t.row(ctx, `SELECT name FROM domains WHERE id = ?`, by.Domain)(&name)
	}
	return name, err
}

// Which of many pages a row is about is kept as a bit for each, so that a download
// of a million adds a thousand rows.
const blockPages = 1024

type accessBlock struct {
	number int64
	bits   []byte
}

func blocksOf(pages []form.PageID) (blocks []accessBlock) {
	of := make(map[int64][]byte)
	for _, id := range pages {
		number, bit := int64(id)/blockPages, int64(id)%blockPages
		if of[number] == nil {
			of[number] = make([]byte, blockPages/8)
		}
		of[number][bit/8] |= 1 << (bit % 8)
	}
	for _, number := range slices.Sorted(maps.Keys(of)) {
		blocks = append(blocks, accessBlock{number, of[number]})
	}
	return blocks
}

// has reports whether a page is among those of the block.
func (b accessBlock) has(id form.PageID) bool {
	bit := int64(id) % blockPages
	return int64(id)/blockPages == b.number && b.bits[bit/8]&(1<<(bit%8)) != 0
}

// pages returns those of the block, in order.
func (b accessBlock) pages() (list []form.PageID) {
	for i := range form.PageID(blockPages) {
		if page := form.PageID(b.number*blockPages) + i; b.has(page) {
			list = append(list, page)
		}
	}
	return list
}

// digestOf returns the hash of blocks, the first ones first.
func digestOf(blocks []accessBlock) []byte {
	h := sha256.New()
	for _, b := range blocks {
		h.Write(append(binary.BigEndian.AppendUint64(nil, uint64(b.number)), b.bits...))
	}
	return h.Sum(nil)
}

// An accessLog gathers what is to be added to the log: many come at the same time,
// and a disk does not write them faster one by one.
type accessLog struct {
	mu      sync.Mutex
	waiting []*Kept
	writing bool
	writers sync.WaitGroup
}

// A Kept is an access that is being added to the log.
type Kept struct {
	ctx    context.Context
	access Access
	done   chan struct{}
	err    error
}

// Wait waits until it is on the disk. What is shown must not be where it is not.
func (k *Kept) Wait(ctx context.Context) error {
	select {
	case <-k.done:
		return k.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Saw adds an access to the log, and does not wait for it: the caller does, before
// it shows what is seen.
func (db *DB) Saw(ctx context.Context, a Access) *Kept {
	if a.At.IsZero() {
		a.At = db.now()
	}
	k := &Kept{ctx: context.WithoutCancel(ctx), access: a, done: make(chan struct{})}
	db.log.mu.Lock()
	defer db.log.mu.Unlock()
	db.log.waiting = append(db.log.waiting, k)
	if !db.log.writing {
		db.log.writing = true
		db.log.writers.Go(db.writeAccess)
	}
	return k
}

// writeAccess adds what waits, all of it in one go, until nothing does.
func (db *DB) writeAccess() {
	for {
		db.log.mu.Lock()
		batch := db.log.waiting
		db.log.waiting, db.log.writing = nil, len(batch) > 0
		db.log.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		err := db.addAccesses(batch)
		if err != nil && len(batch) > 1 { // one must not keep the others out
			for _, k := range batch {
				k.err = db.addAccesses([]*Kept{k})
			}
		} else {
			for _, k := range batch {
				k.err = err
			}
		}
		for _, k := range batch {
			close(k.done)
		}
	}
}

func (db *DB) addAccesses(batch []*Kept) (err error) {
	defer wrap(&err, "access log")
	return db.update(context.Background(), func(t tx) error {
		for _, k := range batch {
			if err := db.saw(k.ctx, t, k.access); err != nil {
				return err
			}
		}
		return nil
	})
}

// An AccessFilter chooses rows of the log. Its zero value chooses all.
type AccessFilter struct {
	Who      string // empty for all
	Act      string
	Page     form.PageID
	From, To time.Time // from From, before To; zero for no bound
	After    AccessSpot
	Limit    int
}

// An AccessSpot is where a row stands in the log; the zero value is before all.
type AccessSpot struct{ At, ID int64 }

// Spot returns where the row stands.
func (r *AccessRow) Spot() AccessSpot { return AccessSpot{r.AtMillis, r.ID} }

// AccessLog returns rows of the log, the newest first: at most Limit of those that
// follow After.
func (db *DB) AccessLog(ctx context.Context, f AccessFilter) (rows []AccessRow, err error) {
	defer wrap(&err, "access log")
	err = db.view(ctx, func(t tx) error {
		if f.Page != 0 {
			rows, err = accessOfPage(ctx, t, f)
			return err
		}
		w, index := f.where()
		rows, err = collect(ctx, t, scanAccess, `
			SELECT `+accessColumns+` FROM access a`+t.by(index)+w.String()+` ORDER BY a.at DESC, a.id DESC LIMIT ?`, append(w.args, limit(f.Limit))...)
		return err
	})
	return rows, err
}

// where returns the terms of f, and the index by which they are looked for.
func (f *AccessFilter) where() (w where, index string) {
	index = "access_at"
	switch {
	case f.Who != "" && f.Act != "":
		index = "access_who_act"
	case f.Who != "":
		index = "access_who"
	case f.Act != "":
		index = "access_act"
	}
	w.and(f.Who != "", `a.who = ?`, f.Who)
	w.and(f.Act != "", `a.act = ?`, f.Act)
	w.and(!f.From.IsZero(), `a.at >= ?`, millis(f.From))
	w.and(!f.To.IsZero(), `a.at < ?`, millis(f.To))
	w.and(f.After != AccessSpot{}, `(a.at, a.id) < (?, ?)`, f.After.At, f.After.ID)
	return w, index
}

// accessOfPage returns the rows about a page: those about it alone, and those about
// several that it is among.
func accessOfPage(ctx context.Context, t tx, f AccessFilter) ([]AccessRow, error) {
	w, _ := f.where()
	alone := w
	alone.and(true, `a.subject = 'page' AND a.subject_id = ?`, f.Page)
	rows, err := collect(ctx, t, scanAccess, `
		SELECT `+accessColumns+` FROM access a`+t.by(`access_page`)+alone.String()+` ORDER BY a.at DESC, a.id DESC LIMIT ?`,
		append(alone.args, limit(f.Limit))...)
	if err != nil {
		return nil, err
	}
	var among where
	among.and(true, `x.block = ?`, int64(f.Page)/blockPages)
	among.and(f.After != AccessSpot{}, `x.access_id < ?`, f.After.ID)
	among.terms, among.args = append(among.terms, w.terms...), append(among.args, w.args...)
	found := 0
	err = t.rows(ctx, func(scan func(...any) error) error {
		b := accessBlock{number: int64(f.Page) / blockPages}
		r, err := scanAccess(func(into ...any) error { return scan(append([]any{&b.bits}, into...)...) })
		if err == nil && b.has(f.Page) {
			rows = append(rows, r)
			if found++; found == limit(f.Limit) {
				return errEnough
			}
		}
		return err
	}, `
		SELECT x.bits, `+accessColumns+` FROM access_pages x`+t.then(`access a`, `a.id = x.access_id`)+among.String()+`
		ORDER BY x.access_id DESC`, among.args...)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b AccessRow) int {
		return -slices.Compare([]int64{a.AtMillis, a.ID}, []int64{b.AtMillis, b.ID})
	})
	return rows[:min(len(rows), limit(f.Limit))], nil
}

// errEnough ends a walk through rows.
var errEnough = errors.New("enough")

// AccessPages returns which pages a row is about, in order: at most n of those
// after one.
func (db *DB) AccessPages(ctx context.Context, id int64, after form.PageID, n int) (pages []form.PageID, err error) {
	defer wrap(&err, "pages of access %d", id)
	err = db.view(ctx, func(t tx) error {
		blocks, err := blocksOfAccess(ctx, t, id)
		if err != nil {
			return err
		}
		for _, b := range blocks {
			for _, page := range b.pages() {
				if len(pages) < n && page > after {
					pages = append(pages, page)
				}
			}
		}
		return nil
	})
	return pages, err
}

// ExportedPages returns whose data the file of an export holds, as the log says.
func (db *DB) ExportedPages(ctx context.Context, export form.ExportID) (pages []form.PageID, err error) {
	defer wrap(&err, "pages of export %d", export)
	err = db.view(ctx, func(t tx) error {
		var id int64
		if err := t.row(ctx, `
			SELECT coalesce(max(id), 0) FROM access`+t.by(`access_act`)+` WHERE act = ? AND subject = 'export' AND subject_id = ?`, AccessExportMade, export)(&id); err != nil {
			return err
		}
		blocks, err := blocksOfAccess(ctx, t, id)
		for _, b := range blocks {
			pages = append(pages, b.pages()...)
		}
		return err
	})
	return pages, err
}

func blocksOfAccess(ctx context.Context, t tx, id int64) ([]accessBlock, error) {
	return collect(ctx, t, func(scan func(...any) error) (b accessBlock, err error) {
		return b, scan(&b.number, &b.bits)
	}, `SELECT block, bits FROM access_pages WHERE access_id = ? ORDER BY block`, id)
}

// errChanged reports a row that is not as it was added.
var errChanged = errors.New("it is about other pages than it says")

// AccessChain yields all rows of the log, the oldest first, each checked against
// its pages. An error ends it.
func (db *DB) AccessChain(ctx context.Context) iter.Seq2[AccessRow, error] {
	const part = 2000
	return func(yield func(AccessRow, error) bool) {
		for last := int64(-1); ; {
			var rows []AccessRow
			bad := -1
			err := db.view(ctx, func(t tx) (err error) {
				if rows, err = collect(ctx, t, scanAccess, `
					SELECT `+accessColumns+` FROM access a WHERE a.id > ? ORDER BY a.id LIMIT ?`, last, part); err != nil {
					return err
				}
				for i, r := range rows {
					if len(r.Digest) == 0 {
						continue
					}
					blocks, err := blocksOfAccess(ctx, t, r.ID)
					if err != nil {
						return err
					}
					if bad < 0 && !slices.Equal(digestOf(blocks), []byte(r.Digest)) {
						bad = i
					}
				}
				return nil
			})
			wrap(&err, "access log")
			if err != nil || len(rows) == 0 {
				if err != nil {
					yield(AccessRow{}, err)
				}
				return
			}
			for i, r := range rows {
				var err error
				if i == bad {
					err = errChanged
				}
				if !yield(r, err) || err != nil {
					return
				}
				last = r.ID
			}
		}
	}
}

// A Head is what the log came to at a row, signed.
type Head struct {
	Row       int64
	Hash      []byte
	At        time.Time
	Cut       bool // rows up to it may be gone
	Key       []byte
	Signature []byte
}

const headColumns = `row, hash, at, cut, key, signature`

func scanHead(scan func(...any) error) (h Head, err error) {
	var at int64
	err = scan(&h.Row, &h.Hash, &at, &h.Cut, &h.Key, &h.Signature)
	h.At = fromMillis(at)
	return h, err
}

// AddHead has sign sign what the log came to, and keeps that. It returns
// form.ErrNotFound where nothing was added since the last time.
func (db *DB) AddHead(ctx context.Context, sign func(*Head)) (h Head, err error) {
	defer wrap(&err, "sign the access log")
	err = db.update(ctx, func(t tx) error {
		h = Head{At: fromMillis(millis(db.now()))}
		if h.Row, h.Hash, err = lastAccess(ctx, t); err != nil {
			return err
		}
		var signed int64
		if err := t.row(ctx, `SELECT coalesce(max(row), 0) FROM access_heads`)(&signed); err != nil {
			return err
		}
		if h.Row == signed {
			return form.ErrNotFound
		}
		sign(&h)
		return addHead(ctx, t, &h)
	})
	return h, err
}

func addHead(ctx context.Context, t tx, h *Head) error {
	_, err := t.exec(ctx, `INSERT INTO access_heads (`+headColumns+`) VALUES (?, ?, ?, ?, ?, ?)`, h.Row, h.Hash, millis(h.At), h.Cut, h.Key, h.Signature)
	return err
}

// Heads returns all that was signed, the oldest first.
func (db *DB) Heads(ctx context.Context) (heads []Head, err error) {
	defer wrap(&err, "signatures of the access log")
	err = db.view(ctx, func(t tx) error {
		heads, err = collect(ctx, t, scanHead, `SELECT `+headColumns+` FROM access_heads ORDER BY id`)
		return err
	})
	return heads, err
}

// cutBatch is how many rows of the log are deleted in one go.
const cutBatch = 5000

// CutAccess deletes some rows of the log that are older than it is kept, and
// returns how many. Before the first it has sign sign what the log came to at the
// last of them: h is that, and its Row 0 where there was none to sign.
func (db *DB) CutAccess(ctx context.Context, sign func(*Head)) (n int, h Head, err error) {
	defer wrap(&err, "cut the access log")
	rules, err := db.AccessRules(ctx)
	if err != nil {
		return 0, h, err
	}
	before := millis(db.now().AddDate(0, -rules.Months, 0))
	var last int64 // to go
	var some bool
	if err = db.view(ctx, func(t tx) error {
		// By id: those that are to go are the first, and few.
		if err := t.row(ctx, `
			SELECT coalesce((SELECT id - 1 FROM access WHERE +at >= ? ORDER BY id LIMIT 1), (SELECT max(id) FROM access), 0)`, before)(&last); err != nil {
			return err
		}
		return t.row(ctx, `SELECT EXISTS (SELECT 1 FROM access WHERE id <= ?)`, last)(&some)
	}); err != nil || !some {
		return 0, h, err
	}
	err = db.update(ctx, func(t tx) error {
		n, h = 0, Head{}
		var cut int64
		if err := t.row(ctx, `SELECT coalesce(max(row), 0) FROM access_heads WHERE cut = 1`)(&cut); err != nil {
			return err
		}
		if cut < last {
			h = Head{Row: last, At: fromMillis(millis(db.now())), Cut: true}
			if err := t.row(ctx, `SELECT hash FROM access WHERE id = ?`, last)(&h.Hash); err != nil {
				return err
			}
			sign(&h)
			if err := addHead(ctx, t, &h); err != nil {
				return err
			}
		}
		gone, err := collect(ctx, t, scanID[form.PageID], `
			DELETE FROM access WHERE id IN (SELECT id FROM access WHERE id <= ? ORDER BY id LIMIT ?) RETURNING id`, last, cutBatch)
		if err != nil || len(gone) == 0 {
			return err
		}
		n = len(gone)
		ids, err := list(gone)
		if err != nil {
			return err
		}
		_, err = t.exec(ctx, `DELETE FROM access_pages WHERE `+t.oneOf(`access_id`), ids)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) { // somebody else was quicker
		return 0, Head{}, nil
	}
	return n, h, err
}

// logCheck is the name of the setting that says what was found when the log was last
// looked through.
const logCheck = "access log"

// LogCheck returns what was found when the log was last looked through.
func (db *DB) LogCheck(ctx context.Context) (c form.LogCheck, err error) {
	defer wrap(&err, "what was found in the access log")
	err = db.view(ctx, func(t tx) error { return loadNoted(ctx, t, logCheck, &c) })
	return c, err
}

// LogChecked notes what was found.
func (db *DB) LogChecked(ctx context.Context, c form.LogCheck) (err error) {
	defer wrap(&err, "note what was found in the access log")
	return db.update(ctx, func(t tx) error { return saveNoted(ctx, t, logCheck, c) })
}
