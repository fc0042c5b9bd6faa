package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestDashboard(t *testing.T) {
	s := openSite(t)
	s.get("/dashboard").status(http.StatusOK).says(".nothing", "아직 템플릿이 없습니다.")
	domain := fmt.Sprint(s.addDomain("총무과", "출장 신청서"))
	s.get("/dashboard").status(http.StatusOK).says("td", "출장 신청서")
	s.get(fmt.Sprint("/dashboard?from=2020-01-01&template=", s.template.ID)).status(http.StatusOK).says("dd", "아직 잰 것이 없습니다")
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동 번호=0123", "file:나.jpg", "review 성명=김철수?"))
	a := s.get(fmt.Sprint("/dashboard?template=", s.template.ID)).status(http.StatusOK)
	a.says("dd", "91.7 % (64.6 % ~ 98.5 %, 95 % 신뢰) · 12개 가운데 11개")
	if plot := a.one("svg.plot"); attr(plot, "role") != "img" || !strings.Contains(text(a.one("desc")), "확률 0.95 이상") {
		t.Errorf("the plot says %q", text(a.one("desc")))
	}
	a.says("td", "성명")
	all := s.get("/dashboard?to=2099-01-01").status(http.StatusOK)
	all.says("td", "2").says("td", "91.7 %")
	if link := fmt.Sprint(`href="/dashboard?template=`, s.template.ID, `&amp;to=2099-01-01"`); !strings.Contains(string(all.body), link) {
		t.Errorf("no line leads to %s", link)
	}
	s.get("/dashboard?to=2001-01-01").status(http.StatusOK).says("td", "–")
	s.get("/dashboard?from=x").status(http.StatusBadRequest)
	s.get("/dashboard?template=99").status(http.StatusNotFound)
	s.get("/dashboard?template=x").status(http.StatusBadRequest)
}
