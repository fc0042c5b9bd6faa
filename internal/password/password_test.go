package password

import (
	"errors"
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	hash := Hash("열려라 참깨 12")
	tests := []struct {
		name, password string
		want           bool
	}{
		{"same", "열려라 참깨 12", true},
		{"decomposed Hangul", "\u110b\u1167\u11af\u1105\u1167\u1105\u1161 참깨 12", true},
		{"another", "열려라 참깨 13", false},
		{"empty", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Matches(hash, tt.password)
			if err != nil || got != tt.want {
				t.Errorf("Matches(%q) = %v, %v, want %v", tt.password, got, err, tt.want)
			}
		})
	}
	if again := Hash("열려라 참깨 12"); again == hash {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
}

func TestMatchesRefusesBadHashes(t *testing.T) {
	good := Hash("0123456789")
	for _, hash := range []string{
		"",
		"0123456789",
		"$2a$10$abcdefghijklmnopqrstuv",
		strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "m=19456", "m=0", 1),
		strings.Replace(good, "m=19456", "m=4000000000", 1),
		strings.Replace(good, "t=2", "t=100000", 1),
		strings.Replace(good, "p=1", "p=0", 1),
		good[:len(good)-30],
		good + "$",
	} {
		if ok, err := Matches(hash, "0123456789"); ok || !errors.Is(err, ErrHash) {
			t.Errorf("Matches(%q) = %v, %v, want ErrHash", hash, ok, err)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		password string
		want     error
	}{
		{"password1234", ErrCommon},
		{"P@ssw0rd2026", ErrCommon},
		{"qwertyuiop[]", ErrCommon},
		{"1q2w3e4r5t6y", ErrCommon},
		{"01012345678", ErrCommon},
		{"19900101kim", ErrCommon},
		{"aaaaaaaaaaaaaaaa", ErrCommon},
		{"비밀번호123456", ErrCommon},
		{"qlalfqjsgh1234", ErrCommon}, // the same with the keyboard in English
		{"dkssudgktpdy!", ErrCommon},
		{"hongkildong2026!", ErrCommon},
		{"HongKilDongSeosik", ErrCommon},
		{"홍길동홍길동홍길동홍길동12", ErrCommon},
		{"correct horse battery staple", nil},
		{"sK9#mmw2Lq", nil},
		{"점심은 김치찌개 두 그릇", nil},
		{"hongkildong likes tall trees", nil},
		{"아홉 글자 입니다", ErrShort},
		{"열 글자가 됩니다요", nil},
		{strings.Repeat("x", MaxBytes+1), ErrLong},
		{strings.Repeat("xy가", 200), nil}, // long ones take no longer
	}
	for _, tt := range tests {
		if err := Check(tt.password, "hongkildong", "seosik", "홍길동", "김"); !errors.Is(err, tt.want) {
			t.Errorf("Check(%q) = %v, want %v", tt.password, err, tt.want)
		}
	}
}
