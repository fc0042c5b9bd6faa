package sample

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// value invents what a person writes where c is asked for. Boxes is how many
// boxes there are for it, or 0 for a line.
func (v *vocabulary) value(r *rand.Rand, c Content, boxes int) string {
	switch c {
	case Name:
		return v.person(r)
	case Phonetic:
		return pick(r, v.phonetic)
	case Phone:
		return v.phone(r)
	case Email:
		return v.email(r)
	case Address:
		return v.address(r)
	case Postcode:
		return v.postcode(r, boxes)
	case Date:
		return v.date(r, day(r))
	case Birth:
		return birth(r, boxes)
	case Period:
		from := day(r)
		return v.date(r, from) + " ~ " + v.date(r, from.AddDate(0, 0, 1+r.IntN(90)))
	case Amount:
		return v.amount(r)
	case Count:
		return strconv.Itoa(1 + r.IntN(pick(r, []int{9, 30, 300})))
	case Digits:
		if boxes == 0 {
			return digits(r, 5+r.IntN(6))
		}
		return digits(r, boxes)
	case Account:
		if boxes == 0 {
			return digits(r, 3) + "-" + digits(r, 2+r.IntN(5)) + "-" + digits(r, 3+r.IntN(5))
		}
		return digits(r, boxes-r.IntN(1+boxes/4))
	case Code:
		return code(r, boxes)
	case Bank:
		return pick(r, v.banks)
	case Company:
		return pick(r, v.companies)
	case Department:
		return pick(r, v.departments)
	case Position:
		return pick(r, v.positions)
	case Place:
		return v.place(r)
	case Item:
		return pick(r, v.items)
	case Relation:
		return pick(r, v.relations)
	case Reason:
		return pick(r, v.reasons)
	default:
		return pick(r, pick(r, [][]string{v.phrases, v.phrases, v.items, v.reasons}))
	}
}

func (v *vocabulary) person(r *rand.Rand) string {
	family, given := pick(r, v.family), pick(r, v.given)
	if v.firstNameFirst {
		if chance(r, .25) {
			given += " " + string(rune('A'+r.IntN(26))) + "."
		}
		return given + v.nameSpace + family
	}
	if v.code == "ja" && chance(r, .5) {
		return family + " " + given
	}
	return family + v.nameSpace + given
}

func (v *vocabulary) phone(r *rand.Rand) string {
	switch v.code {
	case "ko":
		return pick(r, []string{"010", "010", "010", "02", "031", "051", "070"}) + "-" + digit1(r) + digits(r, 2+r.IntN(2)) + "-" + digits(r, 4)
	case "ja":
		return pick(r, []string{"090", "080", "070", "03", "06", "045"}) + "-" + digits(r, 4) + "-" + digits(r, 4)
	case "zh-TW":
		if chance(r, .6) {
			return "09" + digits(r, 2) + "-" + digits(r, 3) + "-" + digits(r, 3)
		}
		return pick(r, []string{"(02)", "(04)", "(07)", "02-"}) + digit1(r) + digits(r, 3) + "-" + digits(r, 4)
	default:
		area, rest := digit1(r)+digits(r, 2), digit1(r)+digits(r, 2)+"-"+digits(r, 4)
		return pick(r, []string{"(" + area + ") ", area + "-"}) + rest
	}
}

func (v *vocabulary) email(r *rand.Rand) string {
	name := pick(r, v.mailNames)
	switch r.IntN(3) {
	case 0:
		name += digits(r, 1+r.IntN(3))
	case 1:
		name += pick(r, []string{"_", ".", "-"}) + pick(r, v.mailNames)
	}
	return name + "@" + pick(r, v.mailHosts)
}

func (v *vocabulary) address(r *rand.Rand) string {
	n := func(max int) string { return strconv.Itoa(1 + r.IntN(max)) }
	town, street, extra := pick(r, v.towns), pick(r, v.streets), pick(r, v.buildings)
	more := chance(r, .45)
	switch v.code {
	case "ko":
		s := town + " " + street + " " + n(320)
		if more {
			s += " " + extra + " " + n(120) + "동 " + n(20) + "0" + n(6) + "호"
		}
		return s
	case "ja":
		s := town + street + n(30) + "-" + n(20)
		if more {
			s += " " + extra + n(9) + "0" + n(9) + "号"
		}
		return s
	case "zh-TW":
		s := town + street + n(400) + "號"
		if more {
			s += extra
		}
		return s
	default:
		s := n(9800) + " " + street
		if more {
			s += ", " + extra
		}
		return s + ", " + town
	}
}

func (v *vocabulary) place(r *rand.Rand) string {
	town := pick(r, v.towns)
	if v.code == "ko" {
		if chance(r, .5) {
			return town
		}
		return strings.Fields(town)[0]
	}
	name, _, _ := strings.Cut(town, ",")
	return name
}

func (v *vocabulary) postcode(r *rand.Rand, boxes int) string {
	if v.code == "ja" && boxes == 0 {
		return digits(r, 3) + "-" + digits(r, 4)
	}
	if boxes == 0 {
		boxes = 5
	}
	return digits(r, boxes)
}

// day returns a day that a form of these years may name.
func day(r *rand.Rand) time.Time {
	return time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(9*365))
}

func (v *vocabulary) date(r *rand.Rand, t time.Time) string {
	y, m, d := t.Year(), int(t.Month()), t.Day()
	switch v.code {
	case "ko":
		return pick(r, []string{
			fmt.Sprintf("%d년 %d월 %d일", y, m, d), fmt.Sprintf("%d. %d. %d.", y, m, d), fmt.Sprintf("%d-%02d-%02d", y, m, d), fmt.Sprintf("%d.%02d.%02d", y, m, d), fmt.Sprintf("%02d.%d.%d", y%100, m, d),
		})
	case "ja":
		return pick(r, []string{
			fmt.Sprintf("%d年%d月%d日", y, m, d), fmt.Sprintf("令和%d年%d月%d日", y-2018, m, d), fmt.Sprintf("%d/%d/%d", y, m, d), fmt.Sprintf("%d.%d.%d", y, m, d),
		})
	case "zh-TW":
		return pick(r, []string{
			fmt.Sprintf("%d年%d月%d日", y-1911, m, d), fmt.Sprintf("民國%d年%d月%d日", y-1911, m, d), fmt.Sprintf("%d/%02d/%02d", y, m, d), fmt.Sprintf("%d.%d.%d", y-1911, m, d),
		})
	default:
		return pick(r, []string{
			fmt.Sprintf("%02d/%02d/%d", m, d, y), fmt.Sprintf("%d/%d/%02d", m, d, y%100), t.Format("January 2, 2006"), t.Format("Jan 2, 2006"), t.Format("2006-01-02"),
		})
	}
}

// birth returns a date of birth of 6 or 8 digits, and then digits to fill the boxes.
func birth(r *rand.Rand, boxes int) string {
	t := time.Date(1945, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(62*365))
	if boxes == 6 || boxes == 7 {
		return t.Format("060102") + digits(r, boxes-6)
	}
	return t.Format("20060102") + digits(r, max(boxes-8, 0))
}

func (v *vocabulary) amount(r *rand.Rand) string {
	if v.code == "en" {
		n := 5 + r.IntN(pick(r, []int{95, 2000, 60000}))
		s := thousands(n)
		if chance(r, .7) {
			s += "." + digits(r, 2)
		}
		return pick(r, []string{"$", "", "$"}) + s
	}
	n := (1 + r.IntN(pick(r, []int{99, 999, 9999}))) * pick(r, []int{10, 100, 500, 1000})
	s := thousands(n)
	switch v.code {
	case "ko":
		return pick(r, []string{"", "", "₩"}) + s + pick(r, []string{"", "", "원"})
	case "ja":
		return pick(r, []string{"", "", "¥"}) + s + pick(r, []string{"", "円"})
	default:
		return pick(r, []string{"", "", "NT$"}) + s + pick(r, []string{"", "元"})
	}
}

// thousands writes n with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// code returns letters and digits, as many as there are boxes.
func code(r *rand.Rand, boxes int) string {
	letter := func() string { return string("ABCDEFGHJKLMNPRSTUVWXYZ"[r.IntN(23)]) }
	if boxes > 0 {
		return letter() + digits(r, boxes-1)
	}
	return pick(r, []string{letter() + letter() + "-", letter() + "-", letter()}) + digits(r, 3+r.IntN(4))
}

func digits(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(r.IntN(10))
	}
	return string(b)
}

// digit1 returns a digit from 2 to 9, for the head of a number.
func digit1(r *rand.Rand) string { return strconv.Itoa(2 + r.IntN(8)) }
