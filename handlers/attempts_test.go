package handlers

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

func TestWrongSecretsAreLimited(t *testing.T) {
	a := newAPI(t)
	now := &clock{time.Now()}
	a.cfg.Now, a.cfg.Proxies = now.now, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	a.start()
	other, otherSecret, err := a.cfg.DB.AddDomain(t.Context(), form.Command, "other", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	call := func(path, from, secret string) *answer {
		t.Helper()
		return a.call(path, asks("V2", "blank", ""), "X-OCR-SECRET", secret, "X-Forwarded-For", from)
	}
	const stranger, office = "203.0.113.9", "203.0.113.10"
	tooOften := clova.ErrRate.Because("the secret key was wrong too often").Message

	call("", office, a.secret).status(http.StatusOK)
	for range 10 {
		call("", stranger, "wrong").status(http.StatusUnauthorized)
		call("", office, "wrong").status(http.StatusUnauthorized)
	}
	refused := func(x *answer) {
		t.Helper()
		x.status(http.StatusBadRequest)
		got := parsed(t, x.body).(map[string]any)
		if got["code"] != "0025" || got["message"] != tooOften || x.Header.Get("Retry-After") != "60" {
			t.Errorf("answered %v with Retry-After %q", got, x.Header.Get("Retry-After"))
		}
	}
	refused(call("", stranger, "wrong"))
	refused(call("", stranger, a.secret)) // never right from there before
	refused(call(other.InvokePath(), stranger, otherSecret))
	call("", "203.0.113.11", a.secret).status(http.StatusOK)

	refused(call("", office, "wrong"))
	call("", office, a.secret).status(http.StatusOK) // another program at the same address
	call("", office, "wrong").status(http.StatusUnauthorized)

	now.Time = now.Add(time.Minute)
	call("", stranger, a.secret).status(http.StatusOK)
}
