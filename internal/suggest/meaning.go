package suggest

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"github.com/seosik/seosik/internal/form"
)

// A meaning is what a field holds, as its label says.
type meaning struct {
	labels *regexp.Regexp // of a label without spaces, in lower case
	not    *regexp.Regexp // nil for none
	value  form.ValueType
	rules  form.Rules
	boxes  []int // a row of boxes has so many, or the rules are not for it; nil for any
}

var zero = 0.

// meanings lists what labels of forms in Korea, Japan, Taiwan and the United
// States ask for. The first one that fits counts.
var meanings = []meaning{
	{labels: of(`주민(등록)?번호|외국인등록번호`), not: of(`앞|뒤|생년월일`), value: form.Numeric, rules: form.Rules{Check: form.KRResident}, boxes: []int{13}},
	{labels: of(`사업자(등록)?번호`), value: form.Numeric, rules: form.Rules{Check: form.KRBusiness}, boxes: []int{10}},
	{labels: of(`법인(등록)?번호`), value: form.Numeric, rules: form.Rules{Check: form.KRCorporate}, boxes: []int{13}},
	{labels: of(`카드번호|カード番号|信用卡(卡)?號|creditcardn|cardnumber`), value: form.Numeric, rules: form.Rules{Check: form.Card}, boxes: []int{16}},
	{labels: of(`個人番号|マイナンバー`), value: form.Numeric, rules: form.Rules{Check: form.JPIndividual}, boxes: []int{12}},
	{labels: of(`法人番号`), value: form.Numeric, rules: form.Rules{Check: form.JPCorporate}, boxes: []int{13}},
	{labels: of(`身分證(統一)?(編號|字號|號碼)|居留證`), value: form.All, rules: form.Rules{Check: form.TWID}, boxes: []int{10}},
	{labels: of(`統一編號|統編`), not: of(`身分`), value: form.Numeric, rules: form.Rules{Check: form.TWBusiness}, boxes: []int{8}},
	{labels: of(`socialsecurity|^ssn|employeridentification|^ein$|taxpayeridentification`), value: form.Numeric},
	{labels: of(`e-?mail|이메일|전자우편|메일|メール|電子郵件|電郵|信箱`), not: of(`통지|수신동의`), value: form.All, rules: form.Rules{Pattern: `\S+@\S+\.\S+`}},
	{labels: of(`연락처|전화|휴대폰|핸드폰|팩스|h\.?p\.?$|^tel|電話|携帯|手機|傳真|ファックス|^fax|phone|mobile|^연락|連絡先`), not: of(`동의|여부|방법|住所|주소`), value: form.Numeric, rules: form.Rules{Pattern: `[+\d][\d\s().+~-]{6,24}|\([\d\s().+~-]{7,24}`}},
	{labels: of(`우편번호|郵便番号|郵遞區號|zipcode|^zip$|postalcode|postcode`), value: form.Numeric},
	{labels: of(`기간|期間|起訖|period`), value: form.All},
	{labels: of(`년월일|연월일|생일|출생일|일자$|(신청|작성|접수|발급|계약|입사|퇴사|시작|종료|만료|사용|전입|발생|사고|지급|납부|제출|등록|변경|희망|방문|출발|도착|거래|청구|결제|입금|이체|개시|해지|승인|발행|생산|완료|확인|수령|취득|상실|입원|퇴원|진료)(예정|희망)?일$|^날짜|월일$`), not: of(`일수|요일`), value: form.All, rules: form.Rules{Date: true}},
	{labels: of(`年月日|月日$|生日$|出生日|誕生日|日付|(申請|依頼|利用|開始|終了|契約|入社|退社|届出|記入|提出|発行|支払|受付|希望|作成|申込|簽約|到職|填表|使用|結束|出生|受理|申報)日(期)?$|^日期|^日$|日期$`), value: form.All, rules: form.Rules{Date: true}},
	{labels: of(`^date|date$|birthday|^dob$|dateof|submittedon|datesigned`), not: of(`datesof`), value: form.All, rules: form.Rules{Date: true}},
	{labels: of(`금액|총액|합계|잔액|단가|공급가|세액|부가세|급여|월급|연봉|보증금|임대료|수수료|이용료|납부액|지급액|청구액|신청액|가격|비용|미수금|공급대가`), value: form.All, rules: form.Rules{Min: &zero}},
	{labels: of(`金額|合計|単価|單價|小計|税額|稅額|総額|總額|月額|申請額|利用料|費用|料金|月薪|手数料|總計`), value: form.All, rules: form.Rules{Min: &zero}},
	{labels: of(`amount|^total|subtotal|^tax$|salary|price|^fee|monthlypay|deposit$|totalcost|^cost`), not: of(`directdeposit`), value: form.All, rules: form.Rules{Min: &zero}},
	{labels: of(`수량|인원|부수|일수|매수|개수|횟수|나이|연령|순번|人数|数量|日数|部数|枚数|年齢|人數|數量|天數|份數|年齡|^qty|quantity|^days$|copies|attendees|^age$|numberof`), value: form.Numeric},
	{labels: of(`계좌(번호)?$|학번|사번|口座番号|帳號|帳戶|accountn`), value: form.Numeric},
	{labels: of(`번호(\(.*\))?$|番号$|編號$|號碼$|^no\.?$|(member|case|employee|student|id)(no\.?|number)$|employeeid$|studentid$`), not: of(`차량|문서|모델|여권|면허|車|文書|旅券|證照`), value: form.Numeric},
}

func of(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

// meant returns the value type and rules of a field with a label; boxes is how
// many a row has, or 0.
func meant(label string, boxes int) (form.ValueType, form.Rules) {
	key := keyOf(label)
	for _, m := range meanings {
		if !m.labels.MatchString(key) || m.not != nil && m.not.MatchString(key) {
			continue
		}
		switch {
		case boxes == 0, m.boxes != nil && slices.Contains(m.boxes, boxes):
			return m.value, m.rules
		case m.rules.Date:
			if boxes == 8 {
				return form.Numeric, m.rules
			}
			return form.Numeric, form.Rules{}
		case m.boxes == nil && m.rules.Min != nil:
			return form.Numeric, form.Rules{} // amounts in boxes are often filled up with others
		}
		return m.value, form.Rules{}
	}
	return form.All, form.Rules{}
}

// known reports whether a label asks for something that is known here.
func known(label string) bool {
	key := keyOf(label)
	return slices.ContainsFunc(meanings, func(m meaning) bool { return m.labels.MatchString(key) }) || common.MatchString(key)
}

// common are labels that ask for no special kind of text.
var common = of(`^(성명|이름|주소|신청인|대표자|상호|소속|직위|직업|비고|사유|부서|관계|서명|氏名|住所|署名|備考|職業|姓名|地址|簽名|簽章|name|address|signature|signed|title|city|state|company|department|applicant)`)

func keyOf(label string) string {
	return strings.ToLower(strings.Join(strings.Fields(width.Fold.String(label)), ""))
}

// Texts that are no label of a field but stand in one, for whoever fills it in.
var (
	dateHint = of(`^[\s\d.]*(년|年|/)\s*(월|月|/)\s*(일|日)?$`)
	unitHint = of(`^[()（）\s]*(원|명|개|세|회|일|월|년|시|분|호|인|매|부|%|㎡|円|元|人|名|枚|個|台|年|月|日|歳|시간|kg|cm|\$|￦|₩|@|서명|서명또는인|서명또는날인|날인|印|㊞|簽章|簽名|~)[()（）\s]*$`)
	sealed   = of(`^(인|印|検印|確認印|押印|捺印|蓋章|핵인|검인|날인|도장|직인|承認印|係印)$`) // places for seals, which are not read
)

// isHint reports whether text stands in a field, such as a unit.
func isHint(text string) bool {
	key := keyOf(text)
	return dateHint.MatchString(key) || unitHint.MatchString(key)
}

// chooses returns how many of the checkboxes with these texts are marked; "any"
// where that is not plain.
func chooses(texts []string) form.Choose {
	if len(texts) != 2 {
		return form.ChooseAny
	}
	a, b := keyOf(texts[0]), keyOf(texts[1])
	for _, pair := range opposites {
		if pair[0] == a && pair[1] == b || pair[0] == b && pair[1] == a {
			return form.ChooseAtMostOne
		}
	}
	return form.ChooseAny
}

var opposites = [][2]string{
	{"남", "여"},
	{"남자", "여자"},
	{"예", "아니오"},
	{"예", "아니요"},
	{"유", "무"},
	{"있음", "없음"},
	{"동의", "미동의"},
	{"동의", "비동의"},
	{"동의함", "동의하지않음"},
	{"동의합니다", "동의하지않습니다"},
	{"신청", "미신청"},
	{"찬성", "반대"},
	{"가", "부"},
	{"양력", "음력"},
	{"기혼", "미혼"},
	{"내국인", "외국인"},
	{"男", "女"},
	{"有", "無"},
	{"はい", "いいえ"},
	{"同意する", "同意しない"},
	{"是", "否"},
	{"同意", "不同意"},
	{"yes", "no"},
	{"male", "female"},
	{"m", "f"},
	{"agree", "disagree"},
}
