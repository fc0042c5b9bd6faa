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
	s.get("/dashboard").status(http.StatusOK).says("dd", "아직 잰 것이 없습니다")
	s.read()
	s.wait(s.handIn("domain", domain, "file:가.jpg", "done 성명=홍길동 번호=0123", "file:나.jpg", "review 성명=김철수?"))
	a := s.get(fmt.Sprint("/dashboard?template=", s.template.ID)).status(http.StatusOK)
	a.says("dd", "91.7 % (64.6 % ~ 98.5 %, 95 % 신뢰) · 12개 가운데 11개")
	if plot := a.one("svg.plot"); attr(plot, "role") != "img" || !strings.Contains(text(a.one("desc")), "확률 0.95 이상") {
		t.Errorf("the plot says %q", text(a.one("desc")))
	}
	a.says("td", "성명")
	s.get("/dashboard?template=99").status(http.StatusNotFound)
	s.get("/dashboard?template=x").status(http.StatusBadRequest)
}
