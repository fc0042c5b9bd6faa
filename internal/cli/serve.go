package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/handlers"
	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/download"
	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/inbox"
	"github.com/seosik/seosik/internal/intake"
	"github.com/seosik/seosik/internal/keyfile"
	"github.com/seosik/seosik/internal/metrics"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/password"
	"github.com/seosik/seosik/internal/reader"
	"github.com/seosik/seosik/internal/sample/demo"
	"github.com/seosik/seosik/internal/scan"
	"github.com/seosik/seosik/internal/templatefile"
)

type serveCmd struct {
	dataFlag
	readFlags
	inboxFlags
	scheduleFlags
	tlsFlags
	oidcFlags
	Listen         string        `help:"Address to serve on." default:"127.0.0.1:8080" env:"SEOSIK_LISTEN" placeholder:"ADDR"`
	AdminPassword  string        `help:"Password of the user admin, who is added on the first start; skips the set-up page." env:"SEOSIK_ADMIN_PASSWORD" placeholder:"PASSWORD"`
	AllowURLFetch  bool          `help:"Let calls of the API name the address of an image (images[].url), which the server then fetches, where the domain allows it too. Off, because it lets whoever has a secret make this machine open connections; those to private addresses are refused, but for --fetch-hosts." env:"SEOSIK_ALLOW_URL_FETCH"`
	FetchHosts     []string      `help:"Hosts, addresses and networks (10.0.0.0/8) of your own that images may be fetched from, separated by commas, besides the public Internet; only with --allow-url-fetch." env:"SEOSIK_FETCH_HOSTS" placeholder:"HOST,..."`
	TrustedProxies []string      `help:"Addresses and networks (10.0.0.0/8) of proxies in front of the site, separated by commas: what they say in X-Forwarded-For of where a request comes from is believed. Without it all people behind a proxy share one limit on failed log-ins." env:"SEOSIK_TRUSTED_PROXIES" placeholder:"NETWORK,..."`
	Host           []string      `help:"Names under which browsers reach the site, separated by commas. The set-up page answers only to these, to addresses and to localhost, so that no other site can have a browser fill it in; where there is one, all pages do." env:"SEOSIK_HOSTS" placeholder:"NAME,..."`
	HTTPS          bool          `help:"Browsers reach the site by https, through a proxy: send cookies by https only." env:"SEOSIK_HTTPS"`
	ExportFolders  []string      `help:"Folders into which saved downloads may have their files put by themselves, separated by commas: people who log in choose among them." env:"SEOSIK_EXPORT_FOLDERS" placeholder:"DIR,..."`
	Metrics        string        `help:"Address on which numbers for Prometheus are at /metrics, as 127.0.0.1:9187; empty for nowhere. Whoever reaches it may read them." env:"SEOSIK_METRICS" placeholder:"ADDR"`
	KeepBefore     int           `help:"Days that the copy of the database is kept which is made before an upgrade; 0 for ever." default:"30" env:"SEOSIK_KEEP_BEFORE" placeholder:"DAYS"`
	StopWithin     time.Duration `help:"Time that requests and jobs in hand get to finish after SIGTERM." default:"30s" env:"SEOSIK_STOP_WITHIN"`
	AuditKeys      []string      `help:"Public keys by which the access log was signed before this folder was restored without its audit.key, as seosik audit verify printed them, separated by commas: the log is looked through once a day, and is taken for broken where another key has signed it." env:"SEOSIK_AUDIT_KEYS" placeholder:"KEY,..."`
}

// Validate is called by kong once the flags are read.
func (c *serveCmd) Validate() error {
	if err := errors.Join(c.readFlags.check(), c.inboxFlags.check(append([]string{c.Data, c.BackupFolder}, c.ExportFolders...))); err != nil {
		return err
	}
	if _, err := fetch.ParseAllowed(c.FetchHosts); err != nil {
		return fmt.Errorf("--fetch-hosts: %w", err)
	}
	if len(c.FetchHosts) > 0 && !c.AllowURLFetch {
		return errors.New("--fetch-hosts has no effect without --allow-url-fetch")
	}
	if _, err := networks(c.TrustedProxies); err != nil {
		return fmt.Errorf("--trusted-proxies: %w", err)
	}
	if _, err := publicKeys(c.AuditKeys); err != nil {
		return fmt.Errorf("--audit-keys: %w", err)
	}
	if c.KeepBefore < 0 {
		return errors.New("--keep-before must not be negative")
	}
	if err := errors.Join(c.tlsFlags.check(), c.oidcFlags.check()); err != nil {
		return err
	}
	if err := c.scheduleFlags.check(); err != nil {
		return err
	}
	for _, dir := range c.ExportFolders {
		if !filepath.IsAbs(dir) {
			return fmt.Errorf("--export-folders: %s does not begin with /", dir)
		}
	}
	return nil
}

// Run serves until ctx ends; then requests finish, and jobs in hand are
// finished or given back.
func (c *serveCmd) Run(ctx context.Context) (err error) {
	numbers := metrics.New()
	log := slog.New(numbers.Log(slog.NewTextHandler(os.Stderr, nil)))
	database, blobs, err := c.dataFlag.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	guard, err := c.guard(c.Data)
	if err != nil {
		return err
	}
	if err := c.firstStart(ctx, database, blobs, log); err != nil {
		return err
	}
	access, err := c.logKeeper(database)
	if err != nil {
		return err
	}
	access.Log = log
	if access.Keys, err = publicKeys(c.AuditKeys); err != nil {
		return err
	}
	defer inBackground(ctx, access.Run)()
	defer inBackground(ctx, keyKeeper{database, blobs, log}.run)()
	engine, err := c.startEngine(ctx, c.Data, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }() // after the jobs, which need it
	certs, err := c.certificates(c.Data, log)
	if err != nil {
		return err
	}
	numbers.Ask(metrics.Config{DB: database, Disk: guard, Readers: engine, Certificates: certs.state})

	// Here lay PDFs while releases before drew them.
	if err := os.RemoveAll(filepath.Join(c.Data, "tmp")); err != nil {
		return err
	}
	if err := scan.PreparePDF(); err != nil {
		log.Error("PDF files wait: run \"seosik doctor\"", "error", err)
	}
	limits := c.limits()
	forms := reader.New(reader.Config{Engine: engine, Second: engine.Second(), Limits: limits, Doubt: c.Doubt, Log: log, Timed: numbers.Timed})
	exports := download.New(download.Config{DB: database, Blobs: blobs, Data: c.Data, Folders: c.ExportFolders})
	jobs, err := c.intake(database, blobs, forms, guard, exports, log)
	if err != nil {
		return err
	}
	scans := c.inboxFlags.open(inbox.Config{
		DB: database, Blobs: blobs, Intake: jobs, MaxFile: int64(limits.Bytes), Log: log,
		Active: func() bool { return jobs.Reads() && !guard.State().Shut() },
	})
	key, err := sessionKey(ctx, database)
	if err != nil {
		return err
	}
	allow, err := fetch.ParseAllowed(c.FetchHosts)
	if err != nil {
		return err
	}
	proxies, err := networks(c.TrustedProxies)
	if err != nil {
		return err
	}
	backups, err := c.backupKeeper(backup.New(backup.Config{DB: database, Blobs: blobs, Data: c.Data, Keep: guard.Keep}), log)
	if err != nil {
		return err
	}
	provider, err := c.provider()
	if err != nil {
		return err
	}
	site, err := handlers.New(handlers.Config{
		DB: database, Blobs: blobs, Intake: jobs, Exports: exports, Inbox: scans, General: forms, Fetch: c.fetcher(allow), Log: log,
		Print: func(languages []string) ocr.Engine { return lineReader(engine, languages) },
		Words: engine,
		Disk:  guard, Backups: backups, Readers: engine, Asked: numbers.Asked, Certificates: certs.state,
		Provider: provider, AddPeople: c.OIDCAddPeople, Secrets: keyfile.Box{Path: filepath.Join(c.Data, "login.key")}, SessionKeys: [][]byte{key}, TLS: c.HTTPS || c.on(), Limits: limits, Calls: callsPerWorker * c.workers(),
		Proxies: proxies, Hosts: c.Host, Doubt: c.Doubt,
	})
	if err != nil {
		return err
	}
	beside, err := c.startBeside(ctx, database, backups, numbers, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, beside()) }()
	if scans != nil {
		defer inBackground(ctx, scans.Run)()
	}
	return c.listen(ctx, site, certs, jobs, log)
}

// inBackground has f run until it is told to end, which the caller does, and waits
// for that.
func inBackground(ctx context.Context, f func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// fetcher returns what fetches images, or nil where that is not allowed.
func (c *serveCmd) fetcher(allow fetch.Allowed) *fetch.Client {
	if !c.AllowURLFetch {
		return nil
	}
	return fetch.New(fetch.Config{Allow: allow})
}

// callsPerWorker is how many calls of the API are in hand at once for each
// worker. A quarter of them is read, enough to keep it busy, and few enough to
// be answered in time where pages are large. The others wait, and are told to
// come again where that takes too long.
const callsPerWorker = 16

// listen serves site, and has documents read, until ctx ends. It listens before
// it begins to read: where that cannot be, nothing has been taken up.
func (c *serveCmd) listen(ctx context.Context, site http.Handler, certs *certificates, jobs *intake.Intake, log *slog.Logger) (err error) {
	l, err := c.openGateAt(ctx, c.Listen, 1)
	if err != nil {
		return err
	}
	serve, end, err := c.overTLS(ctx, l, certs, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
		err = errors.Join(err, l.Close())
		if errors.Is(err, form.ErrConflict) {
			return fmt.Errorf("another seosik serves from %s; one at a time can", c.Data)
		}
		return err
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, ConnState: l.State}
	log.Info("serving", "address", c.scheme()+l.Addr().String(), "data", c.Data)
	failed := make(chan error, 1)
	go func() { failed <- serve(server) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping")
	}
	// Requests first: some wait for a page that a job is reading.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.StopWithin)
	defer cancel()
	return errors.Join(err, server.Shutdown(stop), jobs.Stop(stop))
}

// firstStart gives a new data folder a demo domain with a released template,
// and its administrator where the environment names the password.
func (c *serveCmd) firstStart(ctx context.Context, database *db.DB, blobs blob.Store, log *slog.Logger) error {
	domains, err := database.Domains(ctx, form.Everything)
	if err != nil {
		return err
	}
	if len(domains) == 0 {
		if err := addDemo(ctx, database, blobs); err != nil {
			return fmt.Errorf("demo domain: %w", err)
		}
	}
	if c.AdminPassword == "" {
		return nil
	}
	if err := password.Check(c.AdminPassword, "admin", "seosik", "서식"); err != nil {
		// Whoever sets the environment knows what they do; the set-up page insists.
		log.Warn("SEOSIK_ADMIN_PASSWORD is weak", "reason", err)
	}
	_, err = database.AddFirstUser(ctx, form.System, "admin", password.Hash(c.AdminPassword))
	if errors.Is(err, form.ErrConflict) {
		return nil // set up before
	}
	return err
}

func addDemo(ctx context.Context, database *db.DB, blobs blob.Store) error {
	set := demo.Load()
	t, err := form.DecodeTemplate(set.Template)
	if err != nil {
		return err
	}
	t.Image = blob.KeyOf(set.Picture)
	d, _, err := database.AddDomain(ctx, form.System, "데모", t.Languages)
	if err != nil {
		return err
	}
	_, err = saveTemplate(ctx, form.System, database, blobs, &templatefile.File{Template: t, Picture: set.Picture}, d.ID, form.Service)
	return err
}

// sessionKey returns the key that signs session cookies. It is made on the
// first start and kept, so that a restart logs nobody out.
func sessionKey(ctx context.Context, database *db.DB) ([]byte, error) {
	text, err := database.Setting(ctx, "session key", func() string {
		key := make([]byte, 64)
		rand.Read(key) // never fails
		return hex.EncodeToString(key)
	})
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(text)
}
