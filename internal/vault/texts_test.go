package vault_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/vault"
)

func TestTexts(t *testing.T) {
	h := newHouse(t)
	of := func(name string) *vault.Texts {
		t.Helper()
		texts, err := h.vault.Texts(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return texts
	}
	one, other := of("page 1"), of("page 2")
	for _, text := range []string{"", "1", "주민등록번호", strings.Repeat("x", 1000), "\x01"} {
		sealed := one.Seal(text)
		if !vault.IsSealed(sealed) || text != "" && text != "1" && text != "\x01" && strings.Contains(sealed, text) {
			t.Errorf("Seal(%q) = %q", text, sealed)
		}
		if got, err := of("page 1").Open(sealed); got != text || err != nil {
			t.Errorf("Open(Seal(%q)) = %q, %v", text, got, err)
		}
		if again := one.Seal(text); again != sealed {
			t.Errorf("%q is encrypted as another the second time", text)
		}
		if _, err := other.Open(sealed); !errors.Is(err, vault.ErrAltered) {
			t.Errorf("that of another thing opens %q: %v", text, err)
		}
		if other.Seal(text)[30:] == sealed[30:] {
			t.Errorf("two things have the same of %q", text)
		}
		for _, at := range []int{1, 25, 40, len(sealed) - 2} {
			if _, err := one.Open(string(altered([]byte(sealed), at))); !errors.Is(err, vault.ErrAltered) {
				t.Errorf("altered at %d, %q is opened: %v", at, text, err)
			}
		}
	}
	sealed := one.Seal("a")
	if err := h.vault.DestroyTexts(t.Context(), []string{"page 1", "page 3"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.vault.TextsOf(t.Context(), sealed); !errors.Is(err, vault.ErrDestroyed) {
		t.Errorf("the key is still there: %v", err)
	}
	// Who writes of that thing again, as where a backup was restored, has another key, and
	// what was destroyed stays so.
	again := of("page 1")
	if got, err := again.Open(again.Seal("a")); got != "a" || err != nil {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := h.vault.TextsOf(t.Context(), sealed); !errors.Is(err, vault.ErrDestroyed) {
		t.Errorf("after another was made: %v", err)
	}
	if err := h.vault.DestroyTexts(t.Context(), []string{"page 1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.vault.TextsOf(t.Context(), again.Seal("a")); !errors.Is(err, vault.ErrDestroyed) {
		t.Errorf("the second key is still there: %v", err)
	}
	if _, err := newHouse(t).vault.TextsOf(t.Context(), sealed); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of another keyring: %v", err)
	}
	if texts, err := h.vault.TextsOf(t.Context(), other.Seal("b")); err != nil || texts.Seal("b") != other.Seal("b") {
		t.Errorf("the other one: %v", err)
	}
}

// A change of the master key keeps texts and tokens.
func TestTextsAndTokensOutliveTheMasterKey(t *testing.T) {
	h := newHouse(t)
	tokens, err := h.vault.Tokener(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := h.vault.Texts(t.Context(), "page 1")
	if err != nil {
		t.Fatal(err)
	}
	sealed, token := texts.Seal("a"), tokens.Token("a")
	if err := source(h.dir).Change(t.Context(), h.vault); err != nil {
		t.Fatal(err)
	}
	h.keys(t) // opens it anew
	if texts, err = h.vault.TextsOf(t.Context(), sealed); err != nil {
		t.Fatal(err)
	}
	if got, err := texts.Open(sealed); got != "a" || err != nil {
		t.Errorf("Open = %q, %v", got, err)
	}
	if tokens, err = h.vault.Tokener(t.Context()); err != nil || tokens.Token("a") != token || tokens.Token("b") == token {
		t.Errorf("tokens are others: %v", err)
	}
}

// What is looked for is folded, and has no character of a token then.
func TestTokensAreWithoutWhatIsLookedFor(t *testing.T) {
	h := newHouse(t)
	tokens, err := h.vault.Tokener(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for n := range 1000 {
		token := tokens.Token(strings.Repeat("1", n))
		if len(token) != 32 || form.Folded(token) != "" || known[token] {
			t.Errorf("Token = %q, folded %q", token, form.Folded(token))
		}
		known[token] = true
	}
}

func FuzzOpenText(f *testing.F) {
	h := newHouse(f)
	texts, err := h.vault.Texts(f.Context(), "page 1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(texts.Seal("a"))
	f.Add("\x01")
	f.Fuzz(func(t *testing.T, text string) {
		if plain, err := texts.Open(text); err == nil && texts.Seal(plain) != text {
			t.Errorf("%q is opened, and is not what was encrypted", text)
		}
	})
}
