package metrics

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/reader"
)

type replacedOnce struct{}

func (replacedOnce) Replaced() int64 { return 1 }

func TestMetrics(t *testing.T) {
	database, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if err := database.BackupMade(t.Context(), form.System, form.Backup{At: time.Unix(1e9, 0), File: "/secret"}); err != nil {
		t.Fatal(err)
	}
	if err := database.LogChecked(t.Context(), form.LogCheck{At: time.Unix(2e9, 0), Row: 5, Why: "secret"}); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Raise(t.Context(), db.Alarm{Day: time.Now(), Who: "command", Kind: db.AlarmSeen}); err != nil {
		t.Fatal(err)
	}
	guard := disk.NewGuard("/", &disk.Share{Bytes: 10}, func(string) (disk.Room, error) { return disk.Room{Free: 5, Total: 100}, nil })
	m := New()
	m.Ask(Config{DB: database, Disk: guard, Readers: replacedOnce{}, Certificates: func() []form.Certificate {
		return []form.Certificate{{Name: "forms.office.example", From: time.Unix(1e9, 0), Over: time.Unix(2e9, 0)}}
	}})
	log := slog.New(m.Log(slog.NewTextHandler(io.Discard, nil))).With("a", 1).WithGroup("b")
	log.Error("x", "name", "홍길동")
	log.Info("x")
	m.Asked("/pages/:page", http.StatusOK, time.Second)
	m.Asked("", http.StatusNotFound, time.Second)
	m.Timed(reader.StepPlace, time.Second)
	server := httptest.NewServer(m.Handler())
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`seosik_pages{state="review"} 0`, `seosik_wait_seconds{for="people"} 0`, `seosik_readers_replaced_total 1`,
		`seosik_disk_free_bytes 5`, `seosik_disk_keep_bytes 10`, `seosik_backup_timestamp_seconds 1e+09`, `seosik_backup_failed 0`,
		`seosik_access_alarms 1`, `seosik_access_report_unsigned 0`, `seosik_access_log_broken 1`, `seosik_access_log_checked_timestamp_seconds 2e+09`,
		`seosik_log_lines_total{level="ERROR"} 1`, `seosik_log_lines_total{level="WARN"} 0`,
		`seosik_request_seconds_count{route="/pages/:page",status="2xx"} 1`, `seosik_request_seconds_count{route="none",status="4xx"} 1`,
		`seosik_certificate_timestamp_seconds{name="forms.office.example"} 2e+09`, `seosik_certificate_late{name="forms.office.example"} 0`,
		`seosik_page_step_seconds_count{step="place"} 1`, `seosik_page_step_seconds_count{step="decode"} 0`,
		`process_resident_memory_bytes`, `seosik_database_answers 1`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("there is no %s", want)
		}
	}
	for _, never := range []string{"홍길동", "secret"} {
		if strings.Contains(string(body), never) {
			t.Errorf("it tells %q", never)
		}
	}
	if problems, err := testutil.GatherAndLint(m.registry); err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
}
