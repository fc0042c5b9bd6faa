package form

import "testing"

func TestScope(t *testing.T) {
	for _, tt := range []struct {
		name   string
		in     Scope
		asked  DomainID
		has    bool
		narrow DomainID
	}{
		{"everything of one", Everything, 2, true, 2},
		{"everything of all", Everything, 0, true, 0},
		{"within, of its own", Within(2), 2, true, 2},
		{"within, of another", Within(2), 3, false, -1},
		{"within, of all", Within(2), 0, false, 2},
		{"nothing of one", Scope{}, 2, false, -1},
		{"nothing of all", Scope{}, 0, false, -1},
	} {
		if has, narrow := tt.in.Has(tt.asked), tt.in.Narrow(tt.asked); has != tt.has || narrow != tt.narrow {
			t.Errorf("%s: Has = %t, Narrow = %d, want %t, %d", tt.name, has, narrow, tt.has, tt.narrow)
		}
	}
}
