package handlers

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// A page says that its person is there, and when nobody is any more.
func TestWhoIsThereStaysLoggedIn(t *testing.T) {
	s := newSite(t)
	now := &clock{time.Now().Truncate(time.Second)}
	s.cfg.Now = now.now
	s.start()
	id := s.addUser("admin")
	s.logIn("admin", testPassword)
	start := now.Time
	for range 3 {
		now.Time = now.Add(29 * time.Minute)
		a := s.post("/account/here", nil, "X-Person", "1").status(http.StatusOK)
		var said struct{ Life int64 }
		if err := json.Unmarshal(a.body, &said); err != nil || said.Life != (12*time.Hour-now.Sub(start)).Milliseconds() {
			t.Errorf("the session lives %d ms, %v", said.Life, err)
		}
	}
	p := s.get("/account").one("#idle")
	if attr(p, "data-idle") != "1800000" || attr(p, "data-since") != "0" || attr(p, "data-life") != "37980000" {
		t.Errorf("the page knows %v", p.Attr)
	}
	s.post("/account/here", nil, "X-Person", "2").status(http.StatusUnauthorized)
	s.post("/account/leave", nil, "X-Person", "2").status(http.StatusUnauthorized)
	s.post("/account/leave", nil, "X-Person", "1").status(http.StatusNoContent)
	if list, err := s.cfg.DB.Sessions(t.Context(), id); err != nil || len(list) != 0 {
		t.Errorf("sessions %+v, %v", list, err)
	}
	s.post("/account/here", nil, "X-Person", "1").status(http.StatusUnauthorized)
}
