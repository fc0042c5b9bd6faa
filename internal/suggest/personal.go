package suggest

import (
	"regexp"

	"github.com/seosik/seosik/internal/form"
)

// personals lists what labels ask for that is personal data, by class. The first
// one that fits counts.
var personals = []struct {
	labels *regexp.Regexp // as of a meaning
	not    *regexp.Regexp // nil for none
	class  form.Personal
}{
	{labels: of(`외국인등록번호|외국인번호|在留カード|居留證|alienreg|^a-?number$`), class: form.PersonalAlien},
	{labels: of(`주민(등록)?번호|주민번호|個人番号|マイナンバー|身分證|socialsecurity|^ssn|taxpayeridentification`), not: of(`employer`), class: form.PersonalResident},
	{labels: of(`여권|旅券|パスポート|護照|passport`), not: of(`종류|발급(일|기관)|만료`), class: form.PersonalPassport},
	{labels: of(`운전면허|면허번호|運転免許|免許(証|番号)|駕照|駕駛執照|driver'?s?licen[cs]e|licen[cs]eno`), class: form.PersonalLicence},
	{labels: of(`카드번호|カード番号|信用卡(卡)?號|creditcardn|cardnumber`), class: form.PersonalCard},
	{labels: of(`계좌(번호)?(\(.*\))?$|계좌번호|口座番号|帳號|帳戶號|accountn|routingn|^iban`), class: form.PersonalAccount},
	{labels: of(`진단|병명|상병|질병|질환|병력|증상|증세|장애(유형|등급|정도)|알레르기|복용(약|중)|혈액형|傷病|病名|診断|症状|持病|既往|アレルギー|血液型|診斷|疾病|病史|症狀|過敏|血型|diagnos|illness|disease|disability|symptom|allerg|medication|bloodtype`), not: of(`서$|서\(`), class: form.PersonalHealth},
	{labels: of(`연락처|전화|휴대폰|핸드폰|팩스|이메일|전자우편|주소|거주지|h\.?p\.?$|電話|携帯|手機|傳真|ファックス|住所|メール|連絡先|地址|電子郵件|電郵|信箱|^tel|^fax|phone|mobile|e-?mail|address|^(city|state|zip(code)?)$|postalcode|우편번호|郵便番号|郵遞區號`), not: of(`동의|여부|방법|회사|사업장|기관|会社|公司|business|company`), class: form.PersonalContact},
	{labels: of(`성명|이름|예금주|대표자(명)?$|보호자(명)?$|^(신청|신고|청구|위임|대리|수임|계약|가입|피보험|수익|환|수령)[인자](명)?$|^환자?명$|^(신청|청구|위임|대리|수임|계약|가입|피보험|수령)명$|세대주(명)?$|氏名|名前|フリガナ|ふりがな|口座名義|姓名|戶名|^name$|(first|last|full|middle|your|applicant'?s?|patient'?s?|employee'?s?|child'?s?|student'?s?)name|surname`), not: of(`회사|상호|품|은행|기관|부서|제품|公司|会社|company`), class: form.PersonalName},
}

// personal returns the class of personal data that a label asks for, or "".
func personal(label string) form.Personal {
	key := keyOf(label)
	for _, p := range personals {
		if p.labels.MatchString(key) && (p.not == nil || !p.not.MatchString(key)) {
			return p.class
		}
	}
	return ""
}
