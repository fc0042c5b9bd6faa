package cli

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/password"
	"github.com/seosik/seosik/static"
)

// openDraft logs a user in and opens the draft of template 1, as the builder's
// script does; what it tells about refusals is kept.
func (t tab) openDraft(site, user string) {
	t.Helper()
	t.do("log in",
		chromedp.Navigate(site),
		chromedp.SendKeys("#user", user),
		chromedp.SendKeys("#password", "열려라 참깨 123"+kb.Enter),
		chromedp.WaitVisible("#upload"),
		chromedp.Navigate(site+"/templates"),
	)
	t.run(`new Promise((done, failed) => {
		const script = document.head.appendChild(document.createElement("script"));
		Object.assign(script, {src: ` + fmt.Sprintf("%q", static.URL("draft.js")) + `, onload: done, onerror: failed});
	}).then(() => {
		globalThis.told = [];
		globalThis.held = null; // what requests wait for
		globalThis.draft = new Draft({fetch: async (...request) => {
			await held;
			return fetch(...request);
		}});
		draft.addEventListener("refused", e => told.push(...e.detail));
		globalThis.rename = (id, name) => draft.change("name", d => { d.fields.find(f => f.id === id).name = name; });
		return draft.load("/templates/1/draft");
	})`)
}

// run runs a script until what it promises is there.
func (t tab) run(script string) {
	t.Helper()
	t.do(script, chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise))
}

// Two browsers in one draft: each sees what the other does and has selected;
// what both change at once is told to the second, and nothing is overwritten.
func TestTwoEditOneDraft(t *testing.T) {
	t.Setenv("SEOSIK_ADMIN_PASSWORD", "열려라 참깨 123")
	data := t.TempDir()
	site, kim, lee := serve(t, data), openTab(t), openTab(t)
	database, err := db.Open(t.Context(), filepath.Join(data, "seosik.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if _, err := database.AddUser(t.Context(), form.Command, "lee", password.Hash("열려라 참깨 123"), form.Grant{Role: form.Administrator}); err != nil {
		t.Fatal(err)
	}
	draft, err := database.StartDraft(t.Context(), form.Command, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	a, b := fmt.Sprintf("%q", draft.Fields[0].ID), fmt.Sprintf("%q", draft.Fields[1].ID)
	kim.openDraft(site, "admin")
	lee.openDraft(site, "lee")

	kim.run(`draft.select([` + a + `])`)
	lee.until(`draft.people.some(p => p.name === "admin" && !p.self && p.at[0] === ` + a + `)`)
	kim.until(`draft.people.some(p => p.name === "lee" && !p.self)`)

	// Different properties of one field, and another field.
	kim.run(`rename(` + a + `, "이름")`)
	lee.run(`draft.change("move", d => { d.fields[0].box = [11, 12, 130, 14]; }); rename(` + b + `, "다른 칸")`)
	for _, tab := range []tab{kim, lee} {
		tab.until(`draft.state === "saved" && draft.field(` + a + `).name === "이름" && draft.field(` + a + `).box[2] === 130 &&
			draft.field(` + b + `).name === "다른 칸"`)
		tab.until(`told.length === 0`)
	}

	// The same property: what lee does comes to the server as the second.
	lee.run(`held = new Promise(done => { globalThis.release = done; }); rename(` + a + `, "나중")`)
	kim.run(`rename(` + a + `, "먼저")`)
	kim.until(`draft.state === "saved"`)
	lee.run(`release()`)
	lee.until(`draft.state === "saved" && draft.field(` + a + `).name === "먼저"`)
	lee.until(`told.length === 1 && told[0].property === "name" && told[0].by === "admin"`)

	// Undo leaves what the other did since.
	lee.run(`draft.undo()`)
	kim.until(`draft.field(` + b + `).name !== "다른 칸"`)
	kim.until(`draft.field(` + a + `).name === "먼저" && draft.field(` + a + `).box[2] === 130`)

	// What is changed in the moment in which the page is left is kept.
	lee.do("leave", chromedp.Evaluate[chromedp.Void](`rename(`+b+`, "떠나며"); location.href = "/templates"`))
	kim.until(`draft.field(` + b + `).name === "떠나며"`)
	kim.until(`draft.people.every(p => p.self)`)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		kept, err := database.Draft(t.Context(), form.Everything, 1)
		if err != nil {
			t.Fatal(err)
		}
		if kept.Fields[1].Name == "떠나며" && kept.Fields[0].Name == "먼저" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("kept are %q and %q", kept.Fields[0].Name, kept.Fields[1].Name)
		}
	}
}
