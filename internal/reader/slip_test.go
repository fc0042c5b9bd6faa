package reader

import "testing"

func TestSlip(t *testing.T) {
	for text, want := range map[string]bool{
		"$49,214 76":           true,
		"5,1 52,600원":          true,
		"1994.12 02":           true,
		"Patricia williams":    true,
		"HO lee":               false, // l is no L
		"$49,214.76":           false,
		"1994 12 02":           false, // so people write it
		"삼호로 148 130동":         false,
		"010 1234 5678":        false,
		"Patricia Williams":    false,
		"vincent":              false,
		"Springfield, IL":      false,
		"Vincent de Witt":      false,
		"Republic of Korea":    false,
		"Ludwig van Beethoven": false,
		"2026-11-22 07:05":     false,
		"1,000 2,000":          false,
		"¥5,000 ¥1,200.50":     false,
		"5,1 52,600":           true,
		"":                     false,
	} {
		if got := slip(text); got != want {
			t.Errorf("slip(%q) = %v", text, got)
		}
	}
}
