package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/audit"
)

// What was restored has the log of when the backup was made, and goes on from there,
// with the key of before or another.
func TestTheAccessLogAfterARestore(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	act := func(data, name string) { run(t, "domain", "add", "--data", data, "--name", name, "--lang", "ko") }
	// sign does what a server does at its start and end, and returns its public key.
	sign := func(data string) string {
		t.Helper()
		f := dataFlag{Data: data}
		database, _, err := f.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer database.Close()
		keeper, err := f.logKeeper(database)
		if err != nil {
			t.Fatal(err)
		}
		if err := keeper.Sign(t.Context()); err != nil {
			t.Fatal(err)
		}
		key, err := audit.PublicKey(data)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", []byte(key))
	}
	verify := func(want, data string, more ...string) {
		t.Helper()
		var out, errs strings.Builder
		Main(t.Context(), append([]string{"audit", "verify", "--data", data}, more...), &out, &errs)
		if !strings.Contains(out.String()+errs.String(), want) {
			t.Errorf("verify %s %v says\n%s%s\nwant %s", filepath.Base(data), more, out.String(), errs.String(), want)
		}
	}
	act(data, "A")
	key := sign(data)
	act(data, "B") // which no head speaks of yet
	for _, b := range []struct {
		name, says string
		flags      []string
	}{
		{"with", "audit.key, 65 bytes", []string{"--keys"}},
		{"without", "WITHOUT audit.key", nil},
	} {
		run(t, append([]string{"backup", "--data", data, filepath.Join(dir, b.name+".tar")}, b.flags...)...)
		restore := []string{"restore", "--data", filepath.Join(dir, b.name), filepath.Join(dir, b.name+".tar")}
		if b.flags == nil {
			restore = append(restore, "--key-file", filepath.Join(data, "vault.key"))
		}
		if out := run(t, restore...); !strings.Contains(out, b.says) {
			t.Errorf("restore says %s\nwant %s", out, b.says)
		}
	}
	// Whoever takes no keys along has the master key elsewhere.
	if err := os.Link(filepath.Join(data, "vault.key"), filepath.Join(dir, "without", "vault.key")); err != nil {
		t.Fatal(err)
	}
	act(data, "C")
	sign(data)
	verify("ok: ", data)
	late := filepath.Join(data, audit.HeadsFile)

	with := filepath.Join(dir, "with")
	verify("1 signatures fit", with)
	verify("was signed", with, "--heads", late) // what was done since the backup is gone
	act(with, "D")
	if again := sign(with); again != key {
		t.Errorf("it signs with %s, and did with %s", again, key)
	}
	verify("2 by "+key+"\n", with)

	without := filepath.Join(dir, "without")
	act(without, "D")
	other := sign(without)
	verify("its signature is by another key, "+key, without)
	verify("1 by "+key+", which is not the key of this data folder\n1 by "+other+"\n", without, "--key", key+","+other)
	verify("its signature is by another key, "+other, without, "--key", key)
}
