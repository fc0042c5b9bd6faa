package disk

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseShare(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int64 // of 100 GB; 0 for none
	}{
		{"2GiB", 2 << 30},
		{"0.5GiB", 1 << 29},
		{"500MB", 5e8},
		{"5%", 5e9},
		{"0.5%", 5e8},
		{"", 0},
		{"5", 0},
		{"-1GiB", 0},
		{"0%", 0},
		{"51%", 0},
		{"NaN%", 0},
		{"NaNGiB", 0},
		{"9999999GiB", 0},
		{"GiB", 0},
	} {
		s, err := ParseShare(tt.text)
		if got := s.Of(100e9); (err == nil) != (tt.want > 0) || got != tt.want {
			t.Errorf("ParseShare(%q) = %v, %v, want %v of 100 GB", tt.text, got, err, tt.want)
		}
	}
}

func TestUsual(t *testing.T) {
	for total, want := range map[int64]int64{1 << 40: 2 << 30, 20 << 30: 1 << 30, 0: 0} {
		if got := Usual(total); got != want {
			t.Errorf("Usual(%d) = %d, want %d", total, got, want)
		}
	}
}

func TestRoomAt(t *testing.T) {
	r, err := RoomAt(t.TempDir())
	if err != nil || r.Free <= 0 || r.Total < r.Free {
		t.Errorf("RoomAt = %+v, %v", r, err)
	}
	if _, err := RoomAt("/no/such"); err == nil {
		t.Error("there is room where nothing is")
	}
}

func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var room Room
		var fails error
		g := NewGuard("/data", &Share{Bytes: 100}, func(string) (Room, error) { return room, fails })
		for _, tt := range []struct {
			name      string
			free      int64
			fails     error
			low, dire bool
		}{
			{"room", 1000, nil, false, false},
			{"as much as there should be", 100, nil, false, false},
			{"less", 99, nil, true, false},
			{"hardly any", 49, nil, true, true},
			{"a little more than enough", 109, nil, true, false},
			{"enough", 110, nil, false, false},
			{"nobody knows", 0, errors.New("gone"), false, false},
		} {
			room, fails = Room{Free: tt.free, Total: 1000}, tt.fails
			time.Sleep(2 * freshFor)
			if s := g.State(); s.Low != tt.low || s.Dire != tt.dire {
				t.Errorf("%s: %+v", tt.name, s)
			}
		}
	})
	if (*Guard)(nil).State().Low {
		t.Error("no guard finds a disk low")
	}
}
