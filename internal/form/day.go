package form

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// A Day is a day of the calendar as it is written, also one that there is not.
type Day struct {
	Year       int // of the common era; 0 where none is written
	Month, Day int
}

func dayOf(t time.Time) Day { return Day{t.Year(), int(t.Month()), t.Day()} }

// Exists reports whether there is such a day; in some year, where it has none.
func (d Day) Exists() bool {
	year := d.Year
	if year == 0 {
		year = 2000 // a leap year
	}
	t := time.Date(year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC)
	return d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && t.Month() == time.Month(d.Month) && year >= 1 && year <= 9999
}

func (d Day) before(other Day) bool {
	return slices.Compare([]int{d.Year, d.Month, d.Day}, []int{other.Year, other.Month, other.Day}) < 0
}

// String writes d as 2020-01-31.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// An era counts years from its own first one.
type era struct {
	before int // the year before its first
	years  int // it has; 0 where it goes on
}

var eras = map[string]era{
	"令和": {2018, 0}, "平成": {1988, 31}, "昭和": {1925, 64}, "大正": {1911, 15}, "明治": {1867, 45},
	"R": {2018, 0}, "H": {1988, 31}, "S": {1925, 64}, "T": {1911, 15}, "M": {1867, 45},
	"中華民國": {1911, 0}, "中華民国": {1911, 0}, "民國": {1911, 0}, "民国": {1911, 0},
	"西暦": {}, "西元": {}, "서기": {}, "단기": {before: -2333},
}

var (
	eraDay   = regexp.MustCompile(`^(令和|平成|昭和|大正|明治|[RHSTM]|中華民[國国]|民[國国]|西暦|西元|서기|단기)(\d{1,4}|元)(?:年|년|[-./])(\d{1,2})(?:月|월|[-./])(\d{1,2})(?:日|일|\.)?$`)
	wordDay  = regexp.MustCompile(`^['’]?(\d{1,4})(?:年|년)(\d{1,2})(?:月|월)(\d{1,2})(?:日|일)?$`)
	signDay  = regexp.MustCompile(`^['’]?(\d{1,4})([-./])(\d{1,2})([-./])(\d{1,4})\.?$`)
	shortDay = regexp.MustCompile(`^(\d{1,2})(?:月|월|[-./])(\d{1,2})(?:日|일|\.)?$`)
	// Where 년, 월 and 일 are printed, only the numbers are written; and the
	// points between numbers are easily lost.
	apartDay   = regexp.MustCompile(`^\s*(?:(\d{1,4})\.?\s+)?(\d{1,2})\.?\s+(\d{1,4})\.?\s*$`)
	digitDay   = regexp.MustCompile(`^\d{6,8}$`)
	weekday    = regexp.MustCompile(`[(\[][^()\[\]\d]{1,9}[)\]]$|[월화수목금토일月火水木金土日]曜日$|[월화수목금토일]요일$|(?:星期|週)[一二三四五六日]$`)
	namedFirst = regexp.MustCompile(`^([a-z]{3,9})\.?(\d{1,2})(?:st|nd|rd|th)?,?['’]?(\d{4}|\d{2})$`)
	// An hour behind the day, and what stands before it.
	hour = regexp.MustCompile(`([\s.,일日)])(?i:오전|오후|午前|午後|上午|下午|[ap]\.?m\.?)?\s*\d{1,2}\s*(?:[:：]\s*\d{2}){1,2}\s*(?i:[ap]\.?m\.?)?\s*$|` +
		`([\s.,일日)])(?:오전|오후|午前|午後|上午|下午)?\s*\d{1,2}\s*[시時點点]\s*(?:\d{1,2}\s*[분分]|반|半)?\s*(?:경|쯤|頃|ごろ)?\s*$`)
	namedLater = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?[-./]?([a-z]{3,9})[-.,/]{0,2}['’]?(\d{4}|\d{2})$`)
)

// maxDay is how many characters a day has at most, spaces left out.
const maxDay = 40

// ParseDay returns the day that text stands for as people write it in forms in
// a language: 2023년 6월 16일, 2023-06-16, 2023. 6. 16., 6/16, 20230616,
// 令和5年4月1日, R5.4.1, 中華民國114年4月18日, 114/4/18, 05/16/1957, Jan 2, 2006.
// The day may be one that there is not; an hour behind it does not matter.
//
// Only the language tells some of them apart: where three numbers begin with a
// short one, that is a year, of the Republic in zh-TW, but a month in English.
// A year of two digits is the last such one that is not far ahead.
func ParseDay(text, language string) (Day, bool) {
	text = hour.ReplaceAllString(text, "$1$2")
	s := weekday.ReplaceAllString(Plain(text), "")
	if len([]rune(s)) > maxDay {
		return Day{}, false
	}
	if m := apartDay.FindStringSubmatch(width.Fold.String(text)); m != nil {
		if m[1] == "" {
			if len(m[3]) > 2 {
				return Day{}, false
			}
			return Day{Month: number(m[2]), Day: number(m[3])}, true
		}
		return signed(m[1], m[2], m[3], language)
	}
	if m := eraDay.FindStringSubmatch(s); m != nil {
		return eras[m[1]].day(m[2:])
	}
	if m := wordDay.FindStringSubmatch(s); m != nil {
		return numbered(m[1:], language)
	}
	if m := signDay.FindStringSubmatch(s); m != nil {
		if m[2] != m[4] {
			return Day{}, false // 2023-06.16: a sign was misread, or a digit
		}
		return signed(m[1], m[3], m[5], language)
	}
	if m := shortDay.FindStringSubmatch(s); m != nil {
		return Day{Month: number(m[1]), Day: number(m[2])}, true
	}
	if digitDay.MatchString(s) {
		return packed(s, language)
	}
	return named(strings.ToLower(s))
}

// day returns the day of a year, month and day of e. A year that e has not is
// no day.
func (e era) day(m []string) (Day, bool) {
	year := 1
	if m[0] != "元" {
		year = number(m[0])
	}
	d := Day{Year: e.before + year, Month: number(m[1]), Day: number(m[2])}
	if year == 0 || e.years > 0 && year > e.years {
		return d, false
	}
	return d, true
}

// numbered returns the day of a year, month and day.
func numbered(m []string, language string) (Day, bool) {
	if len(m[0]) == 3 && language != "zh-TW" {
		return Day{}, false
	}
	return Day{yearOf(m[0], language), number(m[1]), number(m[2])}, true
}

// signed returns the day of three numbers.
func signed(a, b, c, language string) (Day, bool) {
	switch {
	case len(a) >= 3 && len(c) <= 2: // a year comes first
		return numbered([]string{a, b, c}, language)
	case len(a) <= 2 && len(c) == 4: // or last
		month, day := number(a), number(b)
		if language != "en" && month > 12 {
			month, day = day, month
		}
		return Day{number(c), month, day}, true
	case len(a) > 2 || len(c) > 2:
		return Day{}, false
	case language == "en":
		return Day{yearOf(c, language), number(a), number(b)}, true
	default:
		return Day{yearOf(a, language), number(b), number(c)}, true
	}
}

// packed returns the day of digits without signs: as long as is written in
// boxes.
func packed(s, language string) (Day, bool) {
	n := len(s)
	switch {
	case n == 8 && language == "en" && s[:2] != "19" && s[:2] != "20":
		return Day{number(s[4:]), number(s[:2]), number(s[2:4])}, true
	case n == 6 && language == "en":
		return Day{yearOf(s[4:], language), number(s[:2]), number(s[2:4])}, true
	case n == 7 && language != "zh-TW":
		return Day{}, false
	}
	return Day{yearOf(s[:n-4], language), number(s[n-4 : n-2]), number(s[n-2:])}, true
}

var months = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// named returns the day of an English text.
func named(s string) (Day, bool) {
	var month, day, year string
	if m := namedFirst.FindStringSubmatch(s); m != nil {
		month, day, year = m[1], m[2], m[3]
	} else if m := namedLater.FindStringSubmatch(s); m != nil {
		day, month, year = m[1], m[2], m[3]
	} else {
		return Day{}, false
	}
	i := slices.IndexFunc(months, func(name string) bool {
		return strings.HasPrefix(name, month) || month == "sept" && name == "september"
	})
	return Day{yearOf(year, "en"), i + 1, number(day)}, i >= 0
}

// ahead is how many years a year of two digits may lie ahead.
const ahead = 20

// yearOf returns the year that digits stand for.
func yearOf(digits, language string) int {
	year := number(digits)
	switch {
	case language == "zh-TW" && len(digits) <= 3:
		return year + 1911
	case len(digits) > 2:
		return year
	}
	now := time.Now().Year()
	year += now / 100 * 100
	if year > now+ahead {
		year -= 100
	}
	return year
}

// number returns the value of a few digits.
func number(digits string) int {
	n, _ := strconv.Atoi(digits) // they are digits, and few
	return n
}
