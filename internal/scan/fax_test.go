package scan

import (
	"bytes"
	"errors"
	"image"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/ccitt"
)

// faxRows returns rows that have runs of all lengths, empty and full rows, and
// rows that are nearly as the one above.
func faxRows(width, height int, seed uint64) [][]bool {
	random := rand.New(rand.NewPCG(seed, 2))
	rows := make([][]bool, height)
	for y := range rows {
		row := make([]bool, width)
		rows[y] = row
		switch random.IntN(8) {
		case 0:
			continue
		case 1:
			for x := range row {
				row[x] = true
			}
			continue
		case 2, 3, 4:
			if y > 0 {
				shift := random.IntN(7) - 3
				for x := range row {
					row[x] = rows[y-1][min(max(x+shift, 0), width-1)] != (random.IntN(60) == 0)
				}
				continue
			}
		}
		black := random.IntN(2) == 0
		for x := 0; x < width; black = !black {
			n := 1 + random.IntN(1<<(1+random.IntN(12)))
			for ; n > 0 && x < width; n, x = n-1, x+1 {
				row[x] = black
			}
		}
	}
	return rows
}

var faxKinds = []struct {
	name  string
	kind  faxKind
	plane bool
}{
	{"T.4 in one dimension", faxG3, false},
	{"T.4 in two dimensions", faxG3, true},
	{"T.6", faxG4, false},
	{"rows of whole bytes", faxAligned, false},
}

func TestFax(t *testing.T) {
	for _, tt := range faxKinds {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(60) {
				width := []int{1, 7, 8, 31, 64, 65, 1728, 2623, 2624, 5200}[seed%10]
				rows := faxRows(width, 25, seed)
				in := encodeFax(rows, tt.kind, tt.plane)
				r := newFaxReader(in, tt.kind, tt.plane, width, len(rows))
				checkRows(t, r, rows)
			}
		})
	}
}

func checkRows(t *testing.T, r *faxReader, rows [][]bool) {
	t.Helper()
	packed := make([]byte, (len(rows[0])+7)/8)
	for y, row := range rows {
		if err := r.readRow(packed); err != nil {
			t.Fatalf("row %d of %d pixels: %v", y, len(row), err)
		}
		for x, black := range row {
			if got := packed[x/8]>>(7-x%8)&1 == 1; got != black {
				t.Fatalf("row %d of %d pixels, pixel %d: black is %v, want %v", y, len(row), x, got, black)
			}
		}
	}
}

// The decoder of golang.org/x/image reads T.6 too.
func TestFaxAsXImage(t *testing.T) {
	rows := faxRows(700, 200, 9)
	in := encodeFax(rows, faxG4, false)
	want := image.NewGray(image.Rect(0, 0, 700, 200))
	if err := ccitt.DecodeIntoGray(want, bytes.NewReader(in), ccitt.MSB, ccitt.Group4, nil); err != nil {
		t.Fatal(err)
	}
	r := newFaxReader(in, faxG4, false, 700, 200)
	packed := make([]byte, 88)
	for y := range 200 {
		if err := r.readRow(packed); err != nil {
			t.Fatal(err)
		}
		for x := range 700 {
			if black := packed[x/8]>>(7-x%8)&1 == 1; black != (want.GrayAt(x, y).Y == 0) {
				t.Fatalf("pixel (%d, %d): black is %v", x, y, black)
			}
		}
	}
}

// A disturbed row of a fax repeats the one above; the others are read.
func TestFaxDisturbedRow(t *testing.T) {
	width := 100
	row := make([]bool, width)
	for x := 20; x < 50; x++ {
		row[x] = true
	}
	w := newFaxWriter(width)
	for y := range 10 {
		w.write(eol)
		if y == 4 {
			w.write("110111" + "11111111") // runs that end nowhere
			continue
		}
		w.runs(row)
	}
	r := newFaxReader(w.out, faxG3, false, width, 10)
	checkRows(t, r, [][]bool{row, row, row, row, row, row, row, row, row, row})
	if r.bad != 1 {
		t.Errorf("%d bad rows, want 1", r.bad)
	}
}

func TestFaxEndsEarly(t *testing.T) {
	rows := faxRows(300, 8, 1)
	white := make([]bool, 300)
	want := append(append([][]bool{}, rows...), white, white)
	for _, tt := range faxKinds[:3] {
		in := encodeFax(rows, tt.kind, tt.plane)
		checkRows(t, newFaxReader(in, tt.kind, tt.plane, 300, 10), want)
	}
}

func TestFaxCutOff(t *testing.T) {
	for _, tt := range faxKinds {
		in := encodeFax(faxRows(300, 40, 3), tt.kind, tt.plane)
		r := newFaxReader(in[:len(in)/2], tt.kind, tt.plane, 300, 40)
		packed := make([]byte, 38)
		var err error
		for y := 0; y < 40 && err == nil; y++ {
			err = r.readRow(packed)
		}
		if !errors.Is(err, errFax) {
			t.Errorf("%s cut in half: error %v, want %v", tt.name, err, errFax)
		}
	}
}
