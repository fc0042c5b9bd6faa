// Package metrics counts what the server does, for Prometheus: numbers and names of
// things of the program's own, and nothing of what is on pages.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

// A Config is what is asked for when Prometheus comes.
type Config struct {
	DB           *db.DB
	Disk         *disk.Guard
	Readers      interface{ Replaced() int64 }
	Certificates func() []form.Certificate // nil for none
}

// Metrics counts. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	asked    *prometheus.HistogramVec
	steps    *prometheus.HistogramVec
	logged   *prometheus.CounterVec
}

// New returns what counts what it is told.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		asked: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "seosik_request_seconds", Help: "Time to answer requests, by the route and not the address.",
			Buckets: []float64{.01, .05, .2, 1, 5, 30},
		}, []string{"route", "status"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "seosik_page_step_seconds", Help: "Time that a step of reading a page takes.",
			Buckets: []float64{.01, .03, .1, .3, 1, 3, 10, 30},
		}, []string{"step"}),
		logged: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "seosik_log_lines_total", Help: "Lines of the log that say that something is wrong.",
		}, []string{"level"}),
	}
	for _, s := range reader.Steps {
		m.steps.WithLabelValues(string(s))
	}
	for _, l := range []slog.Level{slog.LevelWarn, slog.LevelError} {
		m.logged.WithLabelValues(l.String())
	}
	m.registry.MustRegister(m.asked, m.steps, m.logged,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Ask has what c is be asked besides. It is called once: a log is counted before
// there is anything to ask.
func (m *Metrics) Ask(c Config) { m.registry.MustRegister(&office{Config: c}) }

// Handler answers with all numbers.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// Asked counts a request. What is no route is one.
func (m *Metrics) Asked(route string, status int, took time.Duration) {
	if status == http.StatusNotFound && route == "" {
		route = "none"
	}
	m.asked.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

// Timed counts a step of reading a page.
func (m *Metrics) Timed(s reader.Step, took time.Duration) {
	m.steps.WithLabelValues(string(s)).Observe(took.Seconds())
}

// Log returns a handler that counts what is wrong before h has it.
func (m *Metrics) Log(h slog.Handler) slog.Handler { return counting{h, m} }

type counting struct {
	slog.Handler
	m *Metrics
}

func (c counting) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		c.m.logged.WithLabelValues(r.Level.String()).Inc()
	}
	return c.Handler.Handle(ctx, r)
}

func (c counting) WithAttrs(a []slog.Attr) slog.Handler { return counting{c.Handler.WithAttrs(a), c.m} }

func (c counting) WithGroup(name string) slog.Handler {
	return counting{c.Handler.WithGroup(name), c.m}
}

// The numbers that are asked for when Prometheus comes.
var (
	pages    = prometheus.NewDesc("seosik_pages", "Pages, by state.", []string{"state"}, nil)
	waits    = prometheus.NewDesc("seosik_wait_seconds", "How long the oldest page has waited, to be read or for a person.", []string{"for"}, nil)
	replaced = prometheus.NewDesc("seosik_readers_replaced_total", "Child processes that died, hung, or answered nonsense.", nil, nil)
	free     = prometheus.NewDesc("seosik_disk_free_bytes", "What is free on the disk of the data.", nil, nil)
	keep     = prometheus.NewDesc("seosik_disk_keep_bytes", "What should be: nothing is taken in below that.", nil, nil)
	size     = prometheus.NewDesc("seosik_database_bytes", "The database and its log.", nil, nil)
	backedUp = prometheus.NewDesc("seosik_backup_timestamp_seconds", "When the last backup was made; 0 for never.", nil, nil)
	failed   = prometheus.NewDesc("seosik_backup_failed", "Whether the last backup failed.", nil, nil)
	lacking  = prometheus.NewDesc("seosik_backup_lacking", "Pictures and files that the last backup lacks.", nil, nil)
	goodTo   = prometheus.NewDesc("seosik_certificate_timestamp_seconds", "Until when a certificate of the site is good; 0 where there is none yet.", []string{"name"}, nil)
	lateCert = prometheus.NewDesc("seosik_certificate_late", "Whether it should have been renewed, or got, by now.", []string{"name"}, nil)
	broken   = prometheus.NewDesc("seosik_access_log_broken", "Whether the access log was not as it was written and signed, when it was last looked through.", nil, nil)
	checked  = prometheus.NewDesc("seosik_access_log_checked_timestamp_seconds", "When the access log was last looked through; 0 for never.", nil, nil)
	alarms   = prometheus.NewDesc("seosik_access_alarms", "Alarms of unusual amounts that nobody has looked into.", nil, nil)
	unsigned = prometheus.NewDesc("seosik_access_report_unsigned", "Whether nobody has signed the report of the last month.", nil, nil)
	up       = prometheus.NewDesc("seosik_database_answers", "Whether the database has answered.", nil, nil)
)

// freshFor is how long what the database has said is believed.
const freshFor = 10 * time.Second

// An office is what the database says, and the disk.
type office struct {
	Config

	mu    sync.Mutex
	at    time.Time
	known counts
	err   error
}

type counts struct {
	pages   map[form.State]int
	waits   db.Waits
	matters form.Matters
	size    int64
}

// Describe is as prometheus.Collector says.
func (*office) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{pages, waits, replaced, free, keep, size, backedUp, failed, lacking, goodTo, lateCert, broken, checked, alarms, unsigned, up} {
		to <- d
	}
}

// Collect is as prometheus.Collector says.
func (o *office) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	to <- prometheus.MustNewConstMetric(replaced, prometheus.CounterValue, float64(o.Readers.Replaced()))
	if s := o.Disk.State(); s.Total > 0 {
		gauge(free, float64(s.Free))
		gauge(keep, float64(s.Keep))
	}
	for _, c := range o.certificates() {
		gauge(lateCert, truth(c.Late(time.Now())), c.Name)
		gauge(goodTo, unix(c.Over), c.Name)
	}
	c, err := o.counts()
	gauge(up, truth(err == nil))
	if err != nil {
		return
	}
	for _, s := range form.States {
		gauge(pages, float64(c.pages[s]), string(s))
	}
	gauge(waits, age(c.waits.Reading), "reading")
	gauge(waits, age(c.waits.People), "people")
	gauge(size, float64(c.size))
	gauge(failed, truth(c.matters.Backups.Failed != nil))
	gauge(lacking, float64(c.matters.Backups.Last.Lacking))
	gauge(backedUp, unix(c.matters.Backups.Last.At))
	gauge(broken, truth(c.matters.Log.Broken()))
	gauge(checked, unix(c.matters.Log.At))
	gauge(alarms, float64(c.matters.Alarms))
	gauge(unsigned, truth(!c.matters.Unsigned.IsZero()))
}

func (o *office) certificates() []form.Certificate {
	if o.Certificates == nil {
		return nil
	}
	return o.Certificates()
}

// unix returns a time in seconds; 0 for none.
func unix(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.Unix())
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func age(since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, time.Since(since).Seconds())
}

// counts asks the database, unless it did lately.
func (o *office) counts() (counts, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := time.Now(); o.at.IsZero() || now.Sub(o.at) > freshFor {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		o.at = now
		o.known, o.err = o.ask(ctx)
	}
	return o.known, o.err
}

func (o *office) ask(ctx context.Context) (c counts, err error) {
	if c.pages, err = o.DB.StateCounts(ctx, form.Everything, 0, time.Time{}, time.Time{}); err != nil {
		return c, err
	}
	if c.waits, err = o.DB.Waits(ctx); err != nil {
		return c, err
	}
	if c.matters, err = o.DB.Matters(ctx); err != nil {
		return c, err
	}
	c.size, err = o.DB.Size()
	return c, err
}
