package db

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func TestRolesAreGivenAndTaken(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	admin, err := db.AddFirstUser(ctx, form.System, "admin", "hash")
	if err != nil {
		t.Fatal(err)
	}
	by := form.Person(admin.ID)
	d, _, err := db.AddDomain(ctx, by, "office", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	lee, err := db.AddUser(ctx, by, "lee", "hash", form.Grant{Domain: d.ID, Role: form.Reviewer})
	if err != nil || !lee.Temporary {
		t.Fatalf("AddUser = %+v, %v", lee, err)
	}
	begin := func(secret string) {
		t.Helper()
		if _, err := db.BeginSession(ctx, form.Session{User: lee.ID, BeganAt: db.now()}, secret); err != nil {
			t.Fatal(err)
		}
	}
	begin("secret")
	for range 2 { // the second time nothing changes
		if err := db.SetRoles(ctx, by, lee.ID, []form.Grant{{Domain: d.ID, Role: form.Exporter}, {Role: form.Reader}}); err != nil {
			t.Fatal(err)
		}
	}
	v, err := db.Visit(ctx, "secret", db.now())
	if err != nil || !v.Session.Stale || v.User.ID != lee.ID {
		t.Errorf("Visit = %+v, %v", v, err)
	}
	if diff := cmp.Diff([]form.Grant{{Role: form.Reader}, {Domain: d.ID, Role: form.Exporter}}, v.Grants); diff != "" {
		t.Error(diff)
	}
	changes, err := db.GrantChanges(ctx, lee.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range changes {
		got = append(got, strings.TrimSpace(strings.Join([]string{string(g.Role), map[bool]string{true: "given", false: "taken"}[g.Given], g.ByName}, " ")))
	}
	if diff := cmp.Diff([]string{"reader given admin", "exporter given admin", "reviewer taken admin", "reviewer given admin"}, got); diff != "" {
		t.Error(diff)
	}
	for name, err := range map[string]error{
		"no such role":   db.SetRoles(ctx, by, lee.ID, []form.Grant{{Role: "king"}}),
		"no such domain": db.SetRoles(ctx, by, lee.ID, []form.Grant{{Domain: 99, Role: form.Reader}}),
		"no such user":   db.SetRoles(ctx, by, 99, nil),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for statement, want := range map[string]string{
		`UPDATE grants SET given = 0`: "never changed",
		`DELETE FROM grants`:          "kept for three years",
	} {
		if _, err := db.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
	}
	who, err := db.PeopleWho(ctx, d.ID, form.MayExport)
	if err != nil || len(who) != 2 {
		t.Errorf("PeopleWho = %+v, %v", who, err)
	}
	if err := db.DisableUser(ctx, by, lee.ID); err != nil {
		t.Fatal(err)
	}
	if who, err = db.PeopleWho(ctx, d.ID, form.MayExport); err != nil || len(who) != 1 {
		t.Errorf("PeopleWho = %+v, %v", who, err)
	}
}

func TestSomebodyAdministers(t *testing.T) {
	db, ctx := openTest(t), t.Context()
	admin, err := db.AddFirstUser(ctx, form.System, "admin", "hash")
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := db.AddDomain(ctx, form.Command, "office", []string{"ko"})
	if err != nil {
		t.Fatal(err)
	}
	lee, err := db.AddUser(ctx, form.Command, "lee", "hash", form.Grant{Domain: d.ID, Role: form.Administrator})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.DisableUser(ctx, form.Command, admin.ID); !errors.Is(err, form.ErrLastAdministrator) {
		t.Errorf("disabled: %v", err)
	}
	if err := db.SetRoles(ctx, form.Command, admin.ID, []form.Grant{{Role: form.Reviewer}}); !errors.Is(err, form.ErrLastAdministrator) {
		t.Errorf("a reviewer from now on: %v", err)
	}
	if p, err := db.Person(ctx, admin.ID); err != nil || p.Disabled() || len(p.Grants) != 1 {
		t.Errorf("Person = %+v, %v", p, err)
	}
	if err := db.SetRoles(ctx, form.Command, lee.ID, []form.Grant{{Role: form.Administrator}}); err != nil {
		t.Fatal(err)
	}
	if err := db.DisableUser(ctx, form.Command, admin.ID); err != nil {
		t.Error(err)
	}
	if err := db.DisableUser(ctx, form.Command, lee.ID); !errors.Is(err, form.ErrLastAdministrator) {
		t.Errorf("the other one: %v", err)
	}
	if err := db.EnableUser(ctx, form.Command, admin.ID); err != nil {
		t.Error(err)
	}
}

// Whoever could log in could do everything, and still can.
func TestRolesOfBefore(t *testing.T) {
	path, pool := openAt(t, 26)
	if _, err := pool.ExecContext(t.Context(), `
		INSERT INTO users (id, name, password_hash, created_at, outbox_key) VALUES (1, 'kim', 'hash', 1, x'00'), (2, 'lee', 'hash', 1, x'00')`); err != nil {
		t.Fatal(err)
	}
	pool.Close()
	db := openFile(t, path)
	people, err := db.People(t.Context())
	if err != nil || len(people) != 2 {
		t.Fatalf("People = %+v, %v", people, err)
	}
	for _, p := range people {
		if diff := cmp.Diff([]form.Grant{{Role: form.Administrator}}, p.Grants); diff != "" || p.Disabled() || p.Temporary {
			t.Errorf("%s: %+v\n%s", p.Name, p.User, diff)
		}
		if changes, err := db.GrantChanges(t.Context(), p.ID); err != nil || len(changes) != 1 || changes[0].By.Kind != form.BySystem {
			t.Errorf("%s: %+v, %v", p.Name, changes, err)
		}
	}
	a, err := db.Admission(t.Context())
	if want := (form.Admission{Idle: 30 * time.Minute, Life: 12 * time.Hour}); err != nil || cmp.Diff(want, a) != "" {
		t.Errorf("Admission = %+v, %v", a, err)
	}
}
