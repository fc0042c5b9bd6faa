package form

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// What stands around the digits of an amount. Longer ones come first, where
// one begins with another.
var (
	beforeAmount = []string{"NT$", "US$", "KRW", "JPY", "TWD", "USD", "EUR", "일금", "금", "新臺幣", "新台幣", "金", "₩", "¥", "$", "€", "£"}
	afterAmount  = []string{"원정", "원", "円也", "円", "圓整", "元整", "圓", "元", "整", "정", "也", "KRW", "JPY", "TWD", "USD", "EUR", "€"}
)

// Digits, in groups of three or not, and decimals. A group of another size is
// no amount: a digit of it was missed, or a point was taken for a comma.
var (
	amountText = regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,6})?$`)
	maxAmount  = 30 // characters: nobody writes a longer one
)

// ParseAmount returns the number that text stands for: digits, with or without
// commas, decimals and a currency, as in "1,234,000원", "¥7,000-", "$1,234.50"
// and "△5,000", which is less than nothing.
func ParseAmount(text string) (*big.Rat, bool) {
	s := strings.NewReplacer("￦", "₩", "￥", "¥", `\`, "¥").Replace(Plain(text))
	if len([]rune(s)) > maxAmount {
		return nil, false
	}
	negative := false
	if inner, ok := strings.CutPrefix(s, "("); ok {
		s, negative = strings.TrimSuffix(inner, ")"), true
	}
	// A sign may stand before the currency or behind it.
	for range 2 {
		s = cutAny(s, strings.CutPrefix, beforeAmount)
		for _, sign := range []string{"-", "−", "△", "▲"} {
			if rest, ok := strings.CutPrefix(s, sign); ok && !negative {
				s, negative = rest, true
				break
			}
		}
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "-"), ".") // ¥7,000-
	s = cutAny(s, strings.CutSuffix, afterAmount)
	if !amountText.MatchString(s) {
		return nil, false
	}
	amount, ok := new(big.Rat).SetString(strings.ReplaceAll(s, ",", ""))
	if ok && negative {
		amount.Neg(amount)
	}
	return amount, ok
}

// cutAny cuts the first of affixes that s has.
func cutAny(s string, cut func(s, affix string) (string, bool), affixes []string) string {
	for _, affix := range affixes {
		if rest, ok := cut(s, affix); ok {
			return rest
		}
	}
	return s
}

// FormatAmount writes an amount with commas, and with decimals where it has
// any.
func FormatAmount(amount *big.Rat) string {
	s := amount.FloatString(6)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	s, negative := strings.CutPrefix(s, "-")
	whole, decimals, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals != "" {
		whole += "." + decimals
	}
	if negative {
		return "-" + whole
	}
	return whole
}

func formatFloat(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
