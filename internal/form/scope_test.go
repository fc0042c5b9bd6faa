package form

import (
	"slices"
	"testing"
)

func TestScope(t *testing.T) {
	for _, tt := range []struct {
		name   string
		in     Scope
		asked  DomainID
		has    bool
		narrow Scope
	}{
		{"everything of one", Everything, 2, true, Within(2)},
		{"everything of all", Everything, 0, true, Everything},
		{"within, of its own", Within(2), 2, true, Within(2)},
		{"within, of another", Within(2), 3, false, Scope{}},
		{"within, of all", Within(2), 0, false, Within(2)},
		{"within two, of one", Within(4, 2, 4), 4, true, Within(4)},
		{"within two, of all", Within(4, 2, 4), 0, false, Within(2, 4)},
		{"nothing of one", Scope{}, 2, false, Scope{}},
		{"nothing of all", Scope{}, 0, false, Scope{}},
		{"the domain that is none", Within(0), 0, false, Scope{}},
	} {
		narrow := tt.in.Narrow(tt.asked)
		got, all := narrow.Domains()
		want, wantAll := tt.narrow.Domains()
		if has := tt.in.Has(tt.asked); has != tt.has || all != wantAll || !slices.Equal(got, want) {
			t.Errorf("%s: Has = %t, Narrow = %v, want %t, %v", tt.name, has, narrow, tt.has, tt.narrow)
		}
		if narrow.Empty() != (len(want) == 0 && !wantAll) {
			t.Errorf("%s: Empty = %t", tt.name, narrow.Empty())
		}
	}
}
