package form

import (
	"strings"
	"time"
	"unicode"
)

// A Check says which kind of number a field holds, whose last digit, or first
// one, is made from the others.
type Check string

// The checks.
const (
	KRResident   Check = "kr-resident"   // 주민등록번호, 외국인등록번호
	KRBusiness   Check = "kr-business"   // 사업자등록번호
	KRCorporate  Check = "kr-corporate"  // 법인등록번호
	Card         Check = "card"          // of a bank
	JPIndividual Check = "jp-individual" // マイナンバー
	JPCorporate  Check = "jp-corporate"  // 法人番号
	TWID         Check = "tw-id"         // 國民身分證, 居留證
	TWBusiness   Check = "tw-business"   // 統一編號
)

// A checker is how a check is made.
type checker struct {
	least, most int // characters
	letters     int // that come first
	fits        func(digits []int) bool
}

var checkers = map[Check]checker{
	KRResident:   {13, 13, 0, krResident},
	KRBusiness:   {10, 10, 0, krBusiness},
	KRCorporate:  {13, 13, 0, krCorporate},
	Card:         {13, 19, 0, luhn},
	JPIndividual: {12, 12, 0, jpIndividual},
	JPCorporate:  {13, 13, 0, jpCorporate},
	TWID:         {10, 10, 1, twID},
	TWBusiness:   {8, 8, 0, twBusiness},
}

// Checks lists the checks.
var Checks = []Check{KRResident, KRBusiness, KRCorporate, Card, JPIndividual, JPCorporate, TWID, TWBusiness}

// explain says how text is not such a number. A part of it that is masked, as
// in 900101-1******, can be checked by nobody.
func (c Check) explain(text string, now time.Time) []Problem {
	k, known := checkers[c]
	if !known || strings.ContainsRune(text, '*') {
		return nil
	}
	digits, ok := checked(text, k.letters > 0)
	if !ok || len(digits) < k.least || len(digits) > k.most {
		return []Problem{{Reason: ReasonCheckLength, Check: c, Want: c.length()}}
	}
	var ps []Problem
	if c == KRResident {
		born := krBorn(digits)
		if !born.Exists() || dayOf(now).before(born) {
			ps = append(ps, Problem{Reason: ReasonNoSuchDay, Check: c, Day: born})
		} else if !born.before(uncheckedSince) {
			return nil
		}
	}
	if !k.fits(digits) {
		ps = append(ps, Problem{Reason: ReasonCheckDigit, Check: c})
	}
	return ps
}

// Fits reports whether text is such a number with a check digit that fits. Some
// numbers have none, and are then no more likely right than they look.
func (c Check) Fits(text string) bool {
	k := checkers[c]
	digits, ok := checked(text, k.letters > 0)
	if !ok || len(digits) < max(1, k.least) || len(digits) > k.most {
		return false
	}
	return (c != KRResident || krBorn(digits).before(uncheckedSince)) && k.fits(digits)
}

// uncheckedSince is since when resident registration numbers have no check
// digit: that of who was born later shows it.
var uncheckedSince = Day{Year: 2020, Month: 10, Day: 5}

// length says how many characters such a number has.
func (c Check) length() string {
	k := checkers[c]
	if k.least == k.most {
		return formatFloat(float64(k.least))
	}
	return formatFloat(float64(k.least)) + "–" + formatFloat(float64(k.most))
}

// checked returns the digits of a number, without what stands between them. A
// letter is 10 for A to 35 for Z. It reports whether there is nothing else.
func checked(text string, letters bool) (digits []int, ok bool) {
	for _, r := range Plain(text) {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, int(r-'0'))
		case letters && r < unicode.MaxASCII && unicode.IsLetter(r):
			digits = append(digits, int(unicode.ToUpper(r)-'A')+10)
		case strings.ContainsRune("-–—.·/", r):
		default:
			return nil, false
		}
	}
	return digits, true
}

// weigh returns the sum of digits, each times its weight.
func weigh(digits []int, weights ...int) (sum int) {
	for i, w := range weights {
		sum += digits[i] * w
	}
	return sum
}

// krBorn returns the birthday in a resident registration number: YYMMDD, and a
// digit that tells the century.
func krBorn(d []int) Day {
	century := 1900
	switch d[6] {
	case 9, 0:
		century = 1800
	case 3, 4, 7, 8:
		century = 2000
	}
	return Day{Year: century + 10*d[0] + d[1], Month: 10*d[2] + d[3], Day: 10*d[4] + d[5]}
}

// krResident checks the last digit of a resident registration number
// (주민등록법 시행규칙, before October 2020). Foreigners' have it two higher.
func krResident(d []int) bool {
	rest := 11 - weigh(d, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11
	if d[6] >= 5 && d[6] <= 8 {
		rest += 2
	}
	return rest%10 == d[12]
}

func krBusiness(d []int) bool {
	sum := weigh(d, 1, 3, 7, 1, 3, 7, 1, 3, 5) + d[8]*5/10
	return (10-sum%10)%10 == d[9]
}

// krCorporate checks the last digit as 법인의 등기사항에 관한 특례법 등록번호
// 규칙 has it: 1 and 2 in turn.
func krCorporate(d []int) bool {
	return (10-weigh(d, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2)%10)%10 == d[12]
}

// luhn checks the last digit as ISO/IEC 7812-1, annex B.
func luhn(d []int) bool {
	sum := 0
	for i := range d {
		v := d[len(d)-1-i]
		if i%2 == 1 {
			v = v*2/10 + v*2%10
		}
		sum += v
	}
	return sum%10 == 0
}

// jpIndividual checks the last digit as 総務省令 85 of 2014, article 5.
func jpIndividual(d []int) bool {
	rest := weigh(d, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	if rest <= 1 {
		return d[11] == 0
	}
	return d[11] == 11-rest
}

// jpCorporate checks the first digit as 財務省令 70 of 2014, article 2.
func jpCorporate(d []int) bool {
	return d[0] == 9-weigh(d[1:], 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)%9
}

// twLetters are the values of the letters A to Z in Taiwan's numbers: of the
// place of registration.
var twLetters = [26]int{10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33}

// twID checks the number of an identity card, or of a residence permit: 1 or 2
// for nationals, 8 or 9 for others since 2021, a letter A to D before that.
func twID(d []int) bool {
	if d[0] < 10 {
		return false
	}
	place := twLetters[d[0]-10]
	second := d[1]
	switch {
	case second >= 10 && second <= 13:
		second = twLetters[second-10] % 10
	case second != 1 && second != 2 && second != 8 && second != 9:
		return false
	}
	for _, v := range d[2:] {
		if v > 9 {
			return false
		}
	}
	return (place/10+place%10*9+second*8+weigh(d[2:], 7, 6, 5, 4, 3, 2, 1, 1))%10 == 0
}

// twBusiness checks a unified business number by the rule of 2023, which asks
// for a multiple of 5 where it was of 10. A 7 in the seventh place counts as 0
// or 1.
func twBusiness(d []int) bool {
	sum := 0
	for i, w := range []int{1, 2, 1, 2, 1, 2, 4, 1} {
		v := d[i] * w
		sum += v/10 + v%10
	}
	// 7 times 4 is 28, which becomes 10, which becomes 1 or 0.
	if d[6] == 7 {
		return (sum-10)%5 == 0 || (sum-9)%5 == 0
	}
	return sum%5 == 0
}
