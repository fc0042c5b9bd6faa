package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/fetch"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/inbox"
)

// The page of a domain says where its scans are put, and what became of them.
func TestDomainShowsItsScanFolder(t *testing.T) {
	s := openSite(t)
	id := s.addDomain("총무과", "출장 신청서")
	path := fmt.Sprintf("/domains/%d", id)
	s.get(path).says(".soft", "--inbox")
	folder := t.TempDir()
	for name, text := range map[string]string{"a.pdf": "a", "failed/b.pdf": "b", "failed/b.pdf.txt": "깨졌습니다.\nbroken\n"} {
		file := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s.cfg.Inbox = inbox.New(inbox.Config{DB: s.cfg.DB, Blobs: s.cfg.Blobs, Folder: folder, Rest: time.Hour, Log: s.cfg.Log})
	s.start()
	s.logIn("admin", testPassword)
	if err := s.cfg.Inbox.Once(soon(t)); !errors.Is(err, context.DeadlineExceeded) { // the file does not rest
		t.Fatal(err)
	}
	s.get(path).says("code", folder).says("p", "기다림 1").says("td", "b.pdf").says("td", "깨졌습니다.")
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := s.cfg.Inbox.Once(soon(t)); err == nil {
		t.Error("a folder that is gone was looked into")
	}
	s.get(path).says(".wrong", "폴더가 없습니다")
	if strings.Contains(s.log.String(), "pdf") {
		t.Errorf("the log names files: %s", s.log)
	}
}

// soon returns a context that ends soon.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestDomainSettings(t *testing.T) {
	s := openSite(t)
	id := s.addDomain("총무과", "출장 신청서")
	path := fmt.Sprintf("/domains/%d", id)
	page := s.get(path).status(http.StatusOK).says("h1", "총무과")
	if n := len(page.all(".settings")); n != 5 {
		t.Errorf("%d panels, want 5", n)
	}
	if !strings.Contains(string(page.body), "--allow-url-fetch") {
		t.Error("the page does not say that the server fetches nothing")
	}
	typed := url.Values{
		"name": {" 보험과 "}, "language": {"ko", "en"}, "tables": {"true"}, "cells": {"true"}, "fetch": {"true"},
		"together": {"5"}, "per_minute": {"60"}, "quota": {"1000"}, "webhook": {"https://example.com/hook"}, "illegible": {" 판독 불가"},
	}
	s.post(path, typed).goesTo(path + "?saved")
	s.get(path+"?saved").status(http.StatusOK).says(".saved", "저장했습니다.").says("h1", "보험과")
	d, err := s.cfg.DB.Domain(t.Context(), form.Everything, id)
	if err != nil {
		t.Fatal(err)
	}
	want := form.Settings{Tables: true, Cells: true, FetchURLs: true, Together: 5, Quota: 1000, PerMinute: 60, Webhook: "https://example.com/hook", Illegible: "판독 불가"}
	if diff := cmp.Diff(want, d.Settings); diff != "" || d.Name != "보험과" || len(d.Languages) != 2 {
		t.Errorf("saved %+v (-want +got):\n%s", d, diff)
	}
	s.post(path, url.Values{"name": {"x"}, "language": {"ko"}}).goesTo(path + "?saved")
	if d, err = s.cfg.DB.Domain(t.Context(), form.Everything, id); err != nil || d.Settings != (form.Settings{}) {
		t.Errorf("after all was taken off: %+v, %v", d.Settings, err)
	}
	for name, bad := range map[string]string{"name": "", "language": "fr", "together": "-1", "quota": "many", "per_minute": "-1", "webhook": "ftp://x", "illegible": strings.Repeat("●", 21)} {
		values := url.Values{}
		for k, v := range typed {
			values[k] = v
		}
		values.Set(name, bad)
		s.post(path, values).status(http.StatusUnprocessableEntity).says(".wrong", strings.Replace(name, "language", "lang", 1))
	}
	s.get("/domains/9").status(http.StatusNotFound)
	s.post("/domains/9", typed).status(http.StatusNotFound)
	s.get("/domains").status(http.StatusOK).says("th", "설정")

	s.cfg.Fetch = fetch.New(fetch.Config{})
	s.start()
	s.logIn("admin", testPassword)
	if strings.Contains(string(s.get(path).body), "--allow-url-fetch") {
		t.Error("the page says that the server fetches nothing")
	}
}

func TestRotateSecretKeepsTheOldOne(t *testing.T) {
	s := openSite(t)
	d, old, err := s.cfg.DB.AddDomain(t.Context(), form.Command, "a", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/domains/%d", d.ID)
	s.post(path+"/secret", url.Values{"keep": {"168"}}).status(http.StatusOK).says("h2", "a의 시크릿")
	list, err := s.cfg.DB.Secrets(t.Context(), d.ID)
	if err != nil || len(list) != 2 {
		t.Fatalf("secrets %v, %v", list, err)
	}
	if left := time.Until(list[1].ExpiresAt); left < 167*time.Hour || left > 169*time.Hour {
		t.Errorf("the old secret is good for %v, want a week", left)
	}
	s.get(path).says("li", "까지 사용 가능")
	s.post(path+"/secret/end", nil).goesTo(path + "?saved")
	if ok, err := s.cfg.DB.SecretValid(t.Context(), d.ID, old); ok || err != nil {
		t.Errorf("the old secret is good after it was ended, %v", err)
	}
	if list, err = s.cfg.DB.Secrets(t.Context(), d.ID); err != nil || len(list) != 1 || !list[0].ExpiresAt.IsZero() {
		t.Errorf("secrets %v, %v", list, err)
	}
	if n := len(s.get(path).all(`[formaction]`)); n != 0 {
		t.Errorf("%d buttons end what is over", n)
	}
	s.post("/domains/9/secret/end", nil).status(http.StatusNotFound)
	s.post(path+"/secret", url.Values{"keep": {"0"}}).status(http.StatusOK)
	if ok, err := s.cfg.DB.SecretValid(t.Context(), d.ID, old); ok || err != nil {
		t.Errorf("the old secret is still good, %v", err)
	}
	s.post(path+"/secret", url.Values{"keep": {"5"}}).status(http.StatusBadRequest)

	s.post(path+"/signing-key", nil).goesTo(path + "?saved")
	if after, err := s.cfg.DB.Domain(t.Context(), form.Everything, d.ID); err != nil || after.SigningKey == d.SigningKey {
		t.Errorf("the signing key stays, %v", err)
	}
	s.post("/domains/9/signing-key", nil).status(http.StatusNotFound)
}

func TestSetValidation(t *testing.T) {
	s := openSite(t)
	id := s.addDomain("총무과", "출장 신청서")
	path := fmt.Sprintf("/templates/%d/validation", s.template.ID)
	s.post(path, url.Values{"validation": {"http://10.0.0.1/check"}}).goesTo(fmt.Sprintf("/domains/%d?saved", id))
	f, err := s.cfg.DB.Template(t.Context(), form.Everything, s.template.ID, 0)
	if err != nil || f.Validation != "http://10.0.0.1/check" {
		t.Errorf("validation %q, %v", f.Validation, err)
	}
	s.post(path, url.Values{"validation": {"check"}}).status(http.StatusUnprocessableEntity).says(".wrong", "validation")
	s.post(path, url.Values{"validation": {""}}).goesTo(fmt.Sprintf("/domains/%d?saved", id))
	s.post("/templates/99/validation", nil).status(http.StatusNotFound)
}

// What a validation said stands in the head of a page under review, and in the
// answers of the API.
func TestVerdictIsShown(t *testing.T) {
	a := newAPI(t)
	body := string(a.call("", asks("V2", "filled", "")).status(http.StatusOK).body)
	uid := body[strings.Index(body, `"uid":"`)+7:][:32]
	p, err := a.cfg.DB.PageByUID(t.Context(), a.domain.ID, uid)
	if err != nil {
		t.Fatal(err)
	}
	said := form.Validation{Verdict: form.NotValid, Message: "합계가 다릅니다"}
	if err := a.cfg.DB.SaveValidation(t.Context(), p.ID, p.Run, said); err != nil {
		t.Fatal(err)
	}
	a.addUser("admin")
	a.logIn("admin", testPassword)
	a.get(fmt.Sprintf("/pages/%d", p.ID)).status(http.StatusOK).says("#review-head", "외부 검증 불합격").says("#review-head", "합계가 다릅니다")
	result := a.get(strings.TrimSuffix(a.domain.InvokePath(), "infer")+"results/"+uid, "X-OCR-SECRET", a.secret)
	if want := `"validationResult":{"result":"INVALID","message":"합계가 다릅니다"}`; !strings.Contains(string(result.body), want) {
		t.Errorf("result %s has no %s", result.body, want)
	}
}
