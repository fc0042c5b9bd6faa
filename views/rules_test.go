package views

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestSentences(t *testing.T) {
	parts := []string{"공급가액", "세액"}
	for _, tt := range []struct {
		problem form.Problem
		en, ko  string
	}{
		{form.Problem{Reason: form.ReasonRequired}, "must not be empty", "비어 있으면 안 되는 칸입니다"},
		{form.Problem{Reason: form.ReasonPattern}, "not in the expected form", "정해진 형식과 다릅니다"},
		{form.Problem{Reason: form.ReasonNotNumeric}, "has more than digits", "숫자 칸에 다른 글자가 있습니다"},
		{form.Problem{Reason: form.ReasonNotInList, Want: "banks"}, "is not in the list “banks”", "‘banks’ 목록에 없는 값입니다"},
		{form.Problem{Reason: form.ReasonNotInList, Names: []string{"남", "여"}}, "should be one of these: 남, 여", "다음 중 하나여야 합니다: 남, 여"},
		{form.Problem{Reason: form.ReasonNotInList}, "is none of the values that are allowed", "정해진 값 가운데 하나가 아닙니다"},
		{form.Problem{Reason: form.ReasonNotAmount}, "is no amount such as 1,234,000", "1,234,000 같은 금액이나 수가 아닙니다"},
		{form.Problem{Reason: form.ReasonTooSmall, Want: "1,000"}, "should be at least 1,000", "1,000 이상이어야 합니다"},
		{form.Problem{Reason: form.ReasonTooLarge, Want: "1,000"}, "should be at most 1,000", "1,000 이하여야 합니다"},
		{form.Problem{Reason: form.ReasonNotDate}, "is no date that can be understood", "날짜로 읽을 수 없습니다"},
		{form.Problem{Reason: form.ReasonNoSuchDay, Day: form.Day{Year: 2023, Month: 2, Day: 30}}, "30 February does not exist", "2월 30일은 없는 날짜입니다"},
		{form.Problem{Reason: form.ReasonNoSuchDay, Day: form.Day{Year: 2023, Month: 2, Day: 29}}, "29 February 2023 does not exist", "2023년 2월 29일은 없는 날짜입니다"},
		{form.Problem{Reason: form.ReasonNoSuchDay, Day: form.Day{Month: 13, Day: 1}}, "there is no month 13", "13월은 없습니다"},
		{form.Problem{Reason: form.ReasonNoSuchDay, Day: form.Day{Year: 2099, Month: 1, Day: 2}}, "the birthday, 2099-01-02, has not come yet", "생년월일이 아직 오지 않은 날입니다: 2099-01-02"},
		{form.Problem{Reason: form.ReasonTooEarly, Want: "2020-01-01"}, "should be 2020-01-01 or later", "2020-01-01 또는 그 뒤의 날짜여야 합니다"},
		{form.Problem{Reason: form.ReasonTooLate, Want: "2020-01-01"}, "should be 2020-01-01 or earlier", "2020-01-01 또는 그 앞의 날짜여야 합니다"},
		{form.Problem{Reason: form.ReasonCheckLength, Check: form.KRBusiness, Want: "10"}, "business registration number: should have 10 characters", "사업자등록번호: 10자리여야 합니다"},
		{form.Problem{Reason: form.ReasonCheckDigit, Check: form.Card}, "card number: the check digit does not fit, so a digit is wrong", "카드번호: 검증 숫자가 맞지 않습니다. 틀린 숫자가 있습니다"},
		{form.Problem{Reason: form.ReasonCheckDigit, Check: form.KRResident}, "resident registration number: the check digit does not fit, so a digit is wrong (very new numbers may have none)", "주민등록번호: 검증 숫자가 맞지 않습니다. 틀린 숫자가 있습니다(새로 받은 번호에는 검증 숫자가 없을 수 있습니다)"},
		{form.Problem{Reason: form.ReasonSum, Want: "1,320", Names: parts}, "should be 1,320, the sum of 공급가액, 세액", "공급가액, 세액의 합은 1,320입니다"},
		{form.Problem{Reason: form.ReasonSum, Want: "1,320", Got: "1,330", Names: []string{"합계"}}, "합계 says 1,330, but its parts add up to 1,320", "더하면 1,320인데 합계 칸의 값은 1,330입니다"},
		{form.Problem{Reason: form.ReasonGroupMany, Names: parts}, "only one may be marked, and these are: 공급가액, 세액", "하나만 표시해야 하는데 여러 개에 표시가 있습니다: 공급가액, 세액"},
		{form.Problem{Reason: form.ReasonGroupNone}, "one of this group must be marked, and none is", "이 묶음에서 하나는 표시해야 하는데 표시가 없습니다"},
	} {
		if got := sentence(WithLanguage(t.Context(), "en"), tt.problem); got != tt.en {
			t.Errorf("%+v: %q, want %q", tt.problem, got, tt.en)
		}
		if got := sentence(WithLanguage(t.Context(), "ko"), tt.problem); got != tt.ko {
			t.Errorf("%+v: %q, want %q", tt.problem, got, tt.ko)
		}
	}
}

func TestEveryRuleHasWords(t *testing.T) {
	words := wordsOf(t, "en")
	for _, c := range form.Checks {
		if _, ok := words["check."+string(c)]; !ok {
			t.Errorf("no words for check %q", c)
		}
	}
	for _, c := range form.Choices {
		if _, ok := words["group."+string(c)]; !ok {
			t.Errorf("no words for groups of which to choose %q", c)
		}
	}
	limit := 1000.5
	all := form.Rules{
		Required: true, In: form.In{Ref: "list:banks"}, Min: &limit, Max: &limit, Date: true, NotBefore: "2020-01-01", NotAfter: form.Today,
		Check: form.TWID, Sum: []string{"a", "b"}, Critical: true,
	}
	ctx := WithLanguage(t.Context(), "en")
	want := []string{
		"digits", "required", "in the list “banks”, which is not there", "at least 1000.5", "at most 1000.5", "a date", "2020-01-01 or later",
		"today or earlier", "identity number (Taiwan)", "sum of a, b", "critical",
	}
	if diff := cmp.Diff(want, RuleWords(ctx, form.Field{ValueType: form.Numeric, Rules: all}, []string{"banks"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	some := form.Rules{In: form.In{Texts: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}}}
	if diff := cmp.Diff([]string{"one of 1, 2, 3, 4, 5, 6, 7, 8, …"}, RuleWords(ctx, form.Field{Rules: some}, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is said of a value follows what is known of it now.
func TestWhy(t *testing.T) {
	ctx := WithLanguage(t.Context(), "en")
	sum := []form.Problem{{Reason: form.ReasonSum, Want: "5", Names: []string{"a"}}}
	value := func(corrected bool, ruled form.Reason, reasons ...form.Reason) form.Value {
		v := form.Value{Reading: form.Reading{Reasons: reasons, Ruled: ruled}}
		if corrected {
			v.Corrections = []form.Correction{{}}
		}
		return v
	}
	for _, tt := range []struct {
		name string
		row  ReviewRow
		want []string
	}{
		{"sure", ReviewRow{Value: value(false, "")}, nil},
		{"unsure", ReviewRow{Value: value(false, "", form.ReasonUnsure)}, []string{"may have been misread"}},
		{"a rule is broken", ReviewRow{Value: value(false, "", form.ReasonUnsure, form.ReasonSum), Problems: sum}, []string{"may have been misread", "should be 5, the sum of a"}},
		{"a rule was broken", ReviewRow{Value: value(false, "", form.ReasonSum)}, []string{"fits the rules now"}},
		{"a rule is broken by another value", ReviewRow{Value: value(false, ""), Problems: sum}, []string{"should be 5, the sum of a"}},
		{"corrected, and still broken", ReviewRow{Value: value(true, "", form.ReasonUnsure), Problems: sum}, []string{"should be 5, the sum of a"}},
		{"corrected", ReviewRow{Value: value(true, form.ReasonCheckDigit, form.ReasonUnsure)}, nil},
		{"chosen", ReviewRow{Value: value(false, form.ReasonCheckDigit)}, []string{"a rule chose among what was read: its check digit"}},
		{"chosen from a list", ReviewRow{Value: value(false, form.ReasonNotInList)}, []string{"a rule chose among what was read: its list"}},
		{"chosen by a date", ReviewRow{Value: value(false, form.ReasonNoSuchDay)}, []string{"a rule chose among what was read: a date"}},
		{"chosen by an amount", ReviewRow{Value: value(false, form.ReasonNotAmount)}, []string{"a rule chose among what was read: an amount"}},
		{"chosen by a pattern", ReviewRow{Value: value(false, form.ReasonPattern)}, []string{"a rule chose among what was read: its form"}},
	} {
		if diff := cmp.Diff(tt.want, tt.row.why(ctx)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
