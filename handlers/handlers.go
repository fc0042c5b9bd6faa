// Package handlers answers HTTP: requests in, pages, files and JSON out. It is
// the only package that knows Echo. [routes.go] lists what there is, errors.go
// says what errors mean outside.
package handlers

import (
	"errors"
	"image"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/cache"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/download"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/inbox"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/keyfile"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/vouch"
	"github.com/seosik/seosik/views"
)

// A Config is what the site is built from. All fields without a default are
// needed.
type Config struct {
	DB      *db.DB
	Blobs   blob.Store
	Intake  *intake.Intake
	Exports *download.Maker
	Inbox   *inbox.Inbox // nil: there is none
	Log     *slog.Logger

	Disk         *disk.Guard                                        // of the data; nil: it is never taken to be low
	Backups      *backup.Keeper                                     // nil: none are made by themselves
	Readers      Readers                                            // nil: they are never taken to be down
	Certificates func() []form.Certificate                          // that the site is served with; nil for none
	Asked        func(route string, status int, took time.Duration) // told of each request; nil for nobody

	// SessionKeys sign and encrypt the session cookies, in pairs: 32 or 64
	// bytes to sign, 32 bytes to encrypt. The first pair is for new cookies.
	SessionKeys [][]byte
	Provider    *vouch.Provider // vouches for people; nil: they log in by passwords only
	AddPeople   bool            // who is vouched for, and is nobody's here, is added without a role
	Secrets     keyfile.Box     // seals the secrets of second factors
	TLS         bool            // browsers reach the site by https: cookies are for https only

	// Proxies are the networks whose X-Forwarded-For is believed; without any,
	// a request comes from where its connection does.
	Proxies []netip.Prefix

	// Hosts are names of the site, besides localhost. Where there are any, its
	// pages answer to no other name; the set-up never does.
	Hosts []string

	General General       // nil: calls of /general are error 0022
	Fetch   *fetch.Client // gets what images[].url names; nil: such calls are error 0011

	// Print returns the engine that is best at lines of print in the first of
	// some languages: it reads the blank forms of new templates.
	Print func(languages []string) ocr.Engine

	Words ocr.Engine // finds words on a part of a page; nil: there are none for people to take

	Doubt       float64     // probability of being right below which a value is shown to a person; default 0.95
	Limits      scan.Limits // of one file
	UploadBytes int64       // of all files uploaded in one go; default 500 MiB
	UploadFiles int         // uploaded in one go; default 500
	Calls       int         // of the API in hand at once, of all domains, a quarter of which is read; default 32

	Now func() time.Time // default time.Now
}

type server struct {
	Config
	sessions     *sessions.CookieStore
	hashing      chan struct{} // holds one for each password that is being hashed
	administered atomic.Bool   // once true, always true
	crossSite    *http.CrossOriginProtection
	pictures     *pictures

	mattersKept matters

	allFigures    reckoner[figuresOf, []views.DashboardDomain]
	oneFigures    reckoner[figuresOf, views.DashboardTemplate]
	lines         *cache.Cache[blob.Key, printedLines] // of the pictures of templates
	finding       sync.Mutex                           // held by who looks for lines
	wordsRead     *cache.Cache[wordsKey, []form.Word]
	unprintedKept *cache.Cache[unprintedKey, []byte]
	covered       *cache.Cache[coveredKey, image.Image]
	wording       sync.Map // of semaphores by form.UserID: who asks for words
	calls         *calls
	pace          *pace
	uploads       *gate // in hand
	calling       *gate // calls in hand
	reading       *gate // of those, the ones that are read
	imports       *gate // of template files, in hand
	presence      *presence
	searches      *searches
	glances       *glances
	looking       *gate // bytes of files that are looked into before they are taken in
	began         time.Time
	readiness     readiness
}

// New returns the site. Its server should limit the time to read a header;
// all other limits are the site's own.
func New(cfg Config) (http.Handler, error) {
	s, err := newServer(cfg)
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = extractor(cfg.Proxies)
	e.Use(s.log, s.recover, patience, s.headers, speak, addressed)
	for _, r := range s.routes() {
		e.Add(r.method, r.path, s.admit(r))
	}
	return e, nil
}

func newServer(cfg Config) (*server, error) {
	if len(cfg.SessionKeys) == 0 || len(cfg.SessionKeys[0]) < 32 {
		return nil, errors.New("handlers: no session key of 32 bytes")
	}
	if cfg.UploadBytes == 0 {
		cfg.UploadBytes = 500 << 20
	}
	if cfg.UploadFiles == 0 {
		cfg.UploadFiles = 500
	}
	if cfg.Doubt == 0 {
		cfg.Doubt = 0.95
	}
	if cfg.Calls == 0 {
		cfg.Calls = 32
	}
	if cfg.Limits.Bytes == 0 {
		cfg.Limits.Bytes = 50 << 20
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &server{
		Config:        cfg,
		sessions:      newSessions(cfg.SessionKeys, cfg.TLS),
		hashing:       make(chan struct{}, hashers),
		crossSite:     http.NewCrossOriginProtection(),
		pictures:      newPictures(cfg.Blobs),
		lines:         cache.New[blob.Key, printedLines](keptLines),
		wordsRead:     cache.New[wordsKey, []form.Word](keptWords),
		unprintedKept: cache.New[unprintedKey, []byte](keptUnprinted),
		covered:       cache.New[coveredKey, image.Image](keptCovered),
		calls:         newCalls(),
		pace:          newPace(),
		uploads:       newGate(uploadsAtOnce, gateWait, 0),
		calling:       newGate(int64(cfg.Calls), apiWithin, callLeft),
		reading:       newGate(int64(max(1, cfg.Calls/4)), apiWithin, callLeft),
		imports:       newGate(importsAtOnce, gateWait, 0),
		presence:      newPresence(),
		searches:      newSearches(cfg.Now),
		glances:       newGlances(cfg.Now),
		looking:       newGate(lookedInto, gateWait, 0),
		began:         cfg.Now(),
	}, nil
}
