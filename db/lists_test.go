package db

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seosik/seosik/internal/form"
)

func parseList(t testing.TB, name, text string) *form.List {
	t.Helper()
	l, err := form.ParseList(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLists(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	revision := func() int64 {
		r, err := o.CatalogRevision(ctx, o.domain)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	ruled := newTemplate(o.domain, "ruled")
	ruled.Fields[0].Rules.In.Ref = "list:banks"
	ruled.Fields[1].Rules.In.Ref = "list:none"
	o.save(t, ruled)

	before := revision()
	id, err := o.SaveList(ctx, form.Command, o.domain, parseList(t, "banks", "국민은행\n신한은행"))
	if err != nil || revision() == before {
		t.Fatalf("SaveList: %v, revision %d after %d", err, revision(), before)
	}
	before = revision()
	again, err := o.SaveList(ctx, form.Command, o.domain, parseList(t, "banks", "국민은행\n신한은행\n농협"))
	if err != nil || again != id || revision() == before {
		t.Fatalf("SaveList again: %d, %v, want the same list %d", again, err, id)
	}
	if _, err := o.SaveList(ctx, form.Command, o.domain, parseList(t, "areas", "서울")); err != nil {
		t.Fatal(err)
	}
	lists, err := o.Lists(ctx, o.domain)
	if err != nil || len(lists) != 2 || lists[0].Name != "areas" || lists[1].ID != id || lists[1].Values != 3 || lists[1].UpdatedAt.IsZero() {
		t.Errorf("Lists = %+v, %v", lists, err)
	}
	for what, get := range map[string]func() (*form.List, error){
		"List":      func() (*form.List, error) { return o.List(ctx, o.domain, id) },
		"ListNamed": func() (*form.List, error) { return o.ListNamed(ctx, o.domain, "banks") },
	} {
		l, err := get()
		if err != nil || l.Name != "banks" || l.ID != id || !cmp.Equal(l.Values, []string{"국민은행", "신한은행", "농협"}) {
			t.Errorf("%s = %+v, %v", what, l, err)
		}
	}

	catalog, err := o.Catalog(ctx, o.domain)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range catalog.Service {
		if f.Name != "ruled" {
			continue
		}
		places := f.Places()
		if l := places[0].List; l == nil || !l.Has("농협") || places[1].List != nil || len(f.Lists) != 1 {
			t.Errorf("the catalog has lists %v", f.Lists)
		}
	}

	before = revision()
	if err := o.RemoveList(ctx, form.Command, o.domain, id); err != nil || revision() == before {
		t.Errorf("RemoveList: %v, revision %d after %d", err, revision(), before)
	}
	bad := &form.List{Name: "bad", Values: []string{"a\u202eb"}}
	if _, err := o.SaveList(ctx, form.Command, o.domain, bad); err == nil {
		t.Error("a list that cannot be read back is saved")
	}
	for what, err := range map[string]error{
		"List":       second(o.List(ctx, o.domain, id)),
		"ListNamed":  second(o.ListNamed(ctx, o.domain, "banks")),
		"RemoveList": o.RemoveList(ctx, form.Command, o.domain, id),
		"elsewhere":  o.RemoveList(ctx, form.Command, 99, lists[0].ID),
		"SaveList":   second(o.SaveList(ctx, form.Command, 99, parseList(t, "a", "b"))),
	} {
		if !errors.Is(err, form.ErrNotFound) {
			t.Errorf("%s of none: %v, want ErrNotFound", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestListsAreBounded(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	for i := range form.MaxLists {
		if _, err := o.SaveList(ctx, form.Command, o.domain, parseList(t, fmt.Sprint(i), "a")); err != nil {
			t.Fatal(err)
		}
	}
	_, err := o.SaveList(ctx, form.Command, o.domain, parseList(t, "one more", "a"))
	if _, ok := errors.AsType[*form.InvalidError](err); !ok {
		t.Errorf("one list too many: %v", err)
	}
	if _, err := o.SaveList(ctx, form.Command, o.domain, parseList(t, "7", "b")); err != nil {
		t.Errorf("a list in the place of another: %v", err)
	}
}
