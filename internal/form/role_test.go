package form

import "testing"

func TestPermissions(t *testing.T) {
	for _, tt := range []struct {
		name   string
		grants []Grant
		what   Right
		domain DomainID
		want   bool
	}{
		{"nothing at all", nil, MayEnter, 0, false},
		{"a reader sees", []Grant{{2, Reader}}, MaySee, 2, true},
		{"not elsewhere", []Grant{{2, Reader}}, MaySee, 3, false},
		{"somewhere", []Grant{{2, Reader}}, MaySee, 0, true},
		{"nor corrects", []Grant{{2, Reader}}, MayReview, 2, false},
		{"a reader here, a reviewer there", []Grant{{2, Reader}, {3, Reviewer}}, MayReview, 2, false},
		{"and there", []Grant{{2, Reader}, {3, Reviewer}}, MayReview, 3, true},
		{"everywhere", []Grant{{0, Exporter}}, MayExport, 9, true},
		{"the second sees no page", []Grant{{0, SecondReviewer}}, MaySee, 0, false},
		{"and keys", []Grant{{0, SecondReviewer}}, MayKey, 2, true},
		{"either of two", []Grant{{0, SecondReviewer}}, MaySee | MayKey, 2, true},
		{"an administrator of a domain manages nobody", []Grant{{2, Administrator}}, MayManage, 2, false},
		{"nor in any", []Grant{{2, Administrator}}, MayManage, 0, false},
		{"one of all does", []Grant{{0, Administrator}}, MayManage, 0, true},
		{"no such role", []Grant{{0, "king"}}, MayEnter, 0, false},
	} {
		if got := PermissionsOf(tt.grants).May(tt.what, tt.domain); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}
