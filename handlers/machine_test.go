package handlers

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seosik/seosik/internal/backup"
	"github.com/seosik/seosik/internal/disk"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/ocr"
	"github.com/seosik/seosik/internal/vault"
)

// fill has the disk of the site be nearly full.
func (s *site) fill() {
	s.cfg.Disk = disk.NewGuard("/", &disk.Share{Bytes: 2 << 30}, func(string) (disk.Room, error) {
		return disk.Room{Free: 1 << 30, Total: 100 << 30}, nil
	})
	s.start()
}

func TestTheMachineSaysHowCertificatesAre(t *testing.T) {
	s := openSite(t)
	now := time.Now()
	s.cfg.Certificates = func() []form.Certificate {
		return []form.Certificate{
			{Name: "good.office.example", From: now.AddDate(0, 0, -10), Over: now.AddDate(0, 0, 80)},
			{Name: "late.office.example", From: now.AddDate(0, 0, -85), Over: now.AddDate(0, 0, 5)},
			{Name: "none.office.example", Failed: "connection: timeout", FailedAt: now},
		}
	}
	s.start()
	s.logIn("admin", testPassword)
	a := s.get("/admin/machine", "Accept-Language", "en").status(http.StatusOK)
	a.says(".good", "Good until").says(".bad", "Not renewed").says(".bad", "There is none yet").says("code", "connection: timeout")
}

// While the disk is nearly full nothing is taken in, each page says so, and people
// go on with what is there.
func TestALowDisk(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "template", "", "file:가.jpg", "review 성명=홍길도?"))
	page := pageID(t, s, form.StateReview)
	if len(s.get("/").all(".low")) > 0 {
		t.Error("the disk is low where it is not")
	}
	s.fill()
	s.logIn("admin", testPassword)
	for _, path := range []string{"/", "/queue", "/pages", "/pages/" + page, "/admin", "/admin/machine", "/export"} {
		s.get(path).status(http.StatusOK).says(".low", "디스크 부족")
	}
	body, kind := parts(s, "domain", domain, "template", "", "file:나.jpg", "done")
	a := s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(http.StatusInsufficientStorage)
	a.says("h1", "확인과 수정은 계속할 수 있습니다")
	if a.Header.Get("Retry-After") != "300" {
		t.Errorf("Retry-After: %q", a.Header.Get("Retry-After"))
	}
	if n, err := s.cfg.DB.StateCounts(t.Context(), form.Everything, 0, time.Time{}, time.Time{}); err != nil || n[form.StateReview] != 1 || n[form.StateDone]+n[form.StateWaiting]+n[form.StateReading] > 0 {
		t.Errorf("pages are %v, %v", n, err)
	}
	s.post("/export/files", url.Values{"template": {"1"}, "format": {"csv"}}).status(http.StatusInsufficientStorage)
	s.post("/pages/"+page+"/claim", nil).status(http.StatusOK)
	s.get("/readyz").status(http.StatusServiceUnavailable)
	s.get("/livez").status(http.StatusOK)
	s.get("/admin/machine").says(".bad", "새로 받지 않습니다")
}

// A disk that can only be read is said on each page, and what would be taken in is
// to come again, whether that was known before or is seen by who writes.
func TestAReadOnlyDisk(t *testing.T) {
	s := openSite(t)
	s.addDomain("총무과", "출장 신청서")
	s.cfg.Disk = disk.NewGuard("/", nil, func(string) (disk.Room, error) {
		return disk.Room{Free: 50 << 30, Total: 100 << 30, ReadOnly: true}, nil
	})
	s.start()
	s.logIn("admin", testPassword)
	s.get("/").status(http.StatusOK).says(".low", "디스크 읽기 전용")
	s.get("/admin/machine").says(".bad", "읽기만 됩니다")
	s.get("/readyz").status(http.StatusServiceUnavailable)
	body, kind := parts(s, "domain", "1", "template", "", "file:나.jpg", "done")
	a := s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(http.StatusServiceUnavailable)
	a.says("h1", "디스크가 읽기 전용")
	if a.Header.Get("Retry-After") != "300" {
		t.Errorf("Retry-After: %q", a.Header.Get("Retry-After"))
	}
	err := fmt.Errorf("write: %w", syscall.EROFS)
	if o, own, call := explain(err), ownError(err), apiError(err); o.status != http.StatusServiceUnavailable || own.Status != http.StatusServiceUnavailable || call.Status != http.StatusServiceUnavailable {
		t.Errorf("who finds the disk read-only is answered with %d, %d, %d", o.status, own.Status, call.Status)
	}
}

func TestCallsWhileTheDiskIsReadOnly(t *testing.T) {
	a := newAPI(t)
	a.cfg.Disk = disk.NewGuard("/", nil, func(string) (disk.Room, error) { return disk.Room{Total: 1, ReadOnly: true}, nil })
	a.start()
	path := "/api/v1/domains/" + strconv.Itoa(int(a.domain.ID)) + "/submissions"
	doc := a.description()
	for name, got := range map[string]*answer{
		"0500-read-only": a.call("", asks("V2", "filled", "")),
		"own-read-only":  a.do(http.MethodPost, path, new(bytes.Buffer), "X-OCR-SECRET", a.secret),
	} {
		got.status(http.StatusServiceUnavailable)
		example, schema := exampleOf(t, doc, got, name)
		if err := schema.VisitJSON(parsed(t, got.body), openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%v\nin %s", err, got.body)
		}
		if want := example.(map[string]any)["message"]; !strings.Contains(string(got.body), want.(string)) || got.Header.Get("Retry-After") != "300" {
			t.Errorf("%s says %s, want %s", name, got.body, want)
		}
	}
}

func TestCallsWhileTheDiskIsLow(t *testing.T) {
	a := newAPI(t)
	a.fill()
	got := a.call("", asks("V2", "filled", "")).status(http.StatusServiceUnavailable)
	if got.code() != "0500" || got.Header.Get("Retry-After") != "300" {
		t.Errorf("a call was answered with %s, after %q", got.body, got.Header.Get("Retry-After"))
	}
	path := "/api/v1/domains/" + strconv.Itoa(int(a.domain.ID)) + "/submissions"
	own := a.do(http.MethodPost, path, new(bytes.Buffer), "X-OCR-SECRET", a.secret).status(http.StatusInsufficientStorage)
	if own.Header.Get("Retry-After") != "300" {
		t.Errorf("a submission was answered with %s", own.body)
	}
	doc := a.description()
	for name, got := range map[string]*answer{"0500-low": got, "own-low": own} {
		example, schema := exampleOf(t, doc, got, name)
		if err := schema.VisitJSON(parsed(t, got.body), openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%v\nin %s", err, got.body)
		}
		if want := example.(map[string]any)["message"]; !strings.Contains(string(got.body), want.(string)) {
			t.Errorf("%s says %s, want %s", name, got.body, want)
		}
	}
}

type brokenReaders struct{ guard ocr.Guard }

func (brokenReaders) Starts() bool       { return false }
func (brokenReaders) Replaced() int64    { return 3 }
func (r brokenReaders) Guard() ocr.Guard { return r.guard }

func TestWhatReadersAreKeptFrom(t *testing.T) {
	s := openSite(t)
	for _, tt := range []struct {
		guard       ocr.Guard
		class, want string
	}{
		{ocr.Guard{Calls: true, Files: 5}, ".good", "모델과 라이브러리가 아닌 모든 파일"},
		{ocr.Guard{Calls: true}, ".bad", "서버가 읽을 수 있는 파일은 읽을 수 있습니다"},
		{ocr.Guard{Files: 5}, ".bad", "막지 못합니다"},
	} {
		s.cfg.Readers = brokenReaders{tt.guard}
		s.start()
		s.logIn("admin", testPassword)
		s.get("/admin/machine").says(tt.class, tt.want)
	}
}

func TestReadiness(t *testing.T) {
	s := newSite(t)
	s.get("/readyz").status(http.StatusServiceUnavailable) // nothing reads yet
	s.read()
	now := time.Now()
	s.cfg.Now = func() time.Time { return now }
	s.start()
	for deadline := time.Now().Add(10 * time.Second); s.get("/readyz").StatusCode != http.StatusOK; now = now.Add(2 * readyFor) {
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %s", s.get("/readyz").body)
		}
	}
	s.cfg.Readers = brokenReaders{}
	s.start()
	s.get("/readyz").status(http.StatusServiceUnavailable)
	s.get("/livez").status(http.StatusOK)
	s.get("/healthz").status(http.StatusOK)
}

func TestBackupsAreSeenAndAskedFor(t *testing.T) {
	s := openSite(t)
	m := "/admin/machine"
	s.get(m).says(".bad", "아직 백업이 없습니다").says("p", "자동 백업이 꺼져 있습니다")
	s.post("/admin/backup", nil).status(http.StatusNotFound)
	data, folder := filepath.Dir(s.blobs), filepath.Join(t.TempDir(), "backups")
	maker := backup.New(backup.Config{DB: s.cfg.DB, Blobs: s.cfg.Blobs, Data: data})
	s.cfg.Backups = backup.NewKeeper(maker, backup.Schedule{Folder: folder, Every: 24 * time.Hour, Keep: 3}, slog.New(slog.DiscardHandler))
	s.start()
	s.logIn("admin", testPassword)
	if _, err := maker.Write(t.Context(), form.System, filepath.Join(folder, "a.tar"), backup.Options{}); err == nil {
		t.Fatal("it was written into no folder")
	}
	s.get(m).says(".bad", "백업이 실패했습니다").says("dd", "24시간마다, 최근 3개를 남깁니다")
	s.post("/admin/backup", nil).goesTo(m)
	s.get(m).says("dd", "지금 만드는 중")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := maker.Write(t.Context(), form.System, filepath.Join(folder, backup.NameAt(time.Now(), false)), backup.Options{}); err != nil {
		t.Fatal(err)
	}
	s.get(m).says("dd", "암호화되지 않음").says(".bad", "같은 디스크")
	b, err := s.cfg.DB.Backups(t.Context())
	if err != nil || b.Failed != nil {
		t.Errorf("%+v, %v", b, err)
	}
	b.Last.At = time.Now().AddDate(4, 0, 0)
	if err := s.cfg.DB.BackupMade(t.Context(), form.System, b.Last); err != nil {
		t.Fatal(err)
	}
	s.get(m).says(".bad", "시계가 틀렸습니다")
}

func TestTheOfficeChoosesWhatIsEncrypted(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	m, set := "/admin/machine", "/admin/machine/encryption"
	if len(s.get(m).all("form[action='"+set+"']")) > 0 {
		t.Error("it is asked for where there are no keys")
	}
	s.post(set, url.Values{"names": {"1"}}).status(http.StatusNotFound)
	s.wait(s.handIn("domain", domain, "template", "", "file:가.jpg", "review 성명=홍길도?"))
	if _, err := s.cfg.DB.OpenVault(t.Context(), vault.Source{File: filepath.Join(t.TempDir(), "vault.key")}); err != nil {
		t.Fatal(err)
	}
	s.get(m).says("dd", "예전 것을 암호화하는 중: 0/256").says("dd", "1쪽 남음")
	s.post(set, url.Values{"names": {"1"}, "others": {"1"}}).goesTo(m)
	is, err := s.cfg.DB.Sealing(t.Context())
	if want := (form.Sealing{Names: true, Others: true}); err != nil || is != want {
		t.Errorf("Sealing = %+v, %v, want %+v", is, err, want)
	}
	if n := len(s.get(m).all("input[checked]")); n != 2 {
		t.Errorf("%d are checked, want 2", n)
	}
	for more := true; more; {
		if more, err = s.cfg.DB.SealTexts(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.cfg.DB.Keyring().SetSealed(t.Context(), 256); err != nil {
		t.Fatal(err)
	}
	s.get(m).says("dd", "모두 암호화되어 있습니다").says("dd", "정한 대로 되어 있습니다")
	s.get("/pages/"+pageID(t, s, form.StateReview)).says("body", "홍길도")
}
