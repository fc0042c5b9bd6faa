package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

// A value is judged by rules that are not saved, and is kept nowhere, the log included.
func TestTryRules(t *testing.T) {
	s := openSite(t)
	domain := s.addDomain("총무과", "출장 신청서")
	if _, err := s.cfg.DB.SaveList(t.Context(), form.Command, domain, &form.List{Name: "은행", Values: []string{"국민은행"}}); err != nil {
		t.Fatal(err)
	}
	path := templatePath(s.template.ID) + "/draft/try"
	ask := func(field, text string) *answer {
		body, err := json.Marshal(map[string]any{"field": json.RawMessage(field), "lang": "ko", "text": text})
		if err != nil {
			t.Fatal(err)
		}
		return s.do(http.MethodPost, path, strings.NewReader(string(body)), "Content-Type", "application/json")
	}
	const field = `{"name": "칸", "type": "NORMAL", "box": [0, 0, 1, 1], "rules": `
	for _, tt := range []struct {
		name, field, text string
		want              verdict
	}{
		{"no rules", `{"type": "NORMAL"}`, "아무거나", verdict{true, []string{}, []string{}}},
		{"kept", field + `{"required": true, "date": true}}`, "2023. 6. 16.", verdict{true, []string{}, []string{"필수", "날짜"}}},
		{"broken", field + `{"date": true, "notAfter": "2020-01-31"}}`, "2023년 6월 16일", verdict{
			false, []string{"2020-01-31 또는 그 앞의 날짜여야 합니다"}, []string{"날짜", "2020-01-31까지"},
		}},
		{"in the list", field + `{"in": "list:은행"}}`, "국민은행", verdict{true, []string{}, []string{"‘은행’ 목록의 값"}}},
		{"not in the list", field + `{"in": "list:은행"}}`, "한국은행", verdict{
			false, []string{"‘은행’ 목록에 없는 값입니다"}, []string{"‘은행’ 목록의 값"},
		}},
		{"no such list", field + `{"in": "list:지점"}}`, "종로", verdict{true, []string{}, []string{"‘지점’ 목록의 값(목록이 없습니다)"}}},
		{"a sum is an amount", field + `{"sum": ["가", "나"]}}`, "삼", verdict{
			false, []string{"1,234,000 같은 금액이나 수가 아닙니다"}, []string{"가, 나의 합"},
		}},
		{"a rule that cannot be", field + `{"pattern": "("}}`, "a", verdict{
			false, []string{"읽을 수 없는 정규식입니다(error parsing regexp: missing closing ): `(`)"}, []string{"형식: ("},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got verdict
			if err := json.Unmarshal(ask(tt.field, tt.text).status(http.StatusOK).body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, body := range []string{"", "{", `{"text": "a"}`, `{"field": {}, "text": "` + strings.Repeat("a", maxTried+1) + `"}`} {
		s.do(http.MethodPost, path, strings.NewReader(body)).status(http.StatusBadRequest)
	}
	s.do(http.MethodPost, "/templates/99/draft/try", strings.NewReader(`{"field": {}, "text": ""}`)).status(http.StatusNotFound)
	if strings.Contains(s.log.String(), "한국은행") || strings.Contains(s.log.String(), "2023년") {
		t.Error("the log has what was tried")
	}
}
