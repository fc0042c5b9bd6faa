package scan

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seosik/seosik/internal/beside"
)

// restarts returns testdata/restart.jpg, 160 x 120 pixels with a restart marker
// after each row of 10 MCUs of 16 x 16, and where its markers are.
func restarts(t *testing.T) (file []byte, markers []int) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", "restart.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for i := bytes.Index(file, []byte{0xFF, markSOS}); i+1 < len(file); i++ {
		if file[i] == 0xFF && markRST0 <= file[i+1] && file[i+1] < markSOI {
			markers = append(markers, i)
		}
	}
	if len(markers) != 7 {
		t.Fatalf("%d markers", len(markers))
	}
	return file, markers
}

func TestMendedJPEG(t *testing.T) {
	file, at := restarts(t)
	plain := onePage(t, file)
	damaged := func(from, to int) []byte {
		out := bytes.Clone(file)
		for i := from; i < to; i++ {
			out[i] = 0xFE // a code of ones, which there is not
		}
		return out
	}
	row := func(from, to int) []image.Rectangle {
		return []image.Rectangle{image.Rect(0, 16*from, 160, min(120, 16*to))}
	}
	renumbered := bytes.Clone(file)
	for _, i := range at {
		renumbered[i+1] = markRST0
	}
	for _, tt := range []struct {
		name   string
		file   []byte
		unseen []image.Rectangle
	}{
		{"filling before markers", slices.Concat(file[:at[0]], []byte{0xFF, 0xFF}, file[at[0]:at[4]], []byte{0xFF}, file[at[4]:]), nil},
		{"no end marker", file[:len(file)-2], nil},
		{"markers with one number", renumbered, nil},
		{"a marker lacks", slices.Concat(file[:at[2]], file[at[2]+2:]), nil},
		{"a marker lacks, others with one number", slices.Concat(renumbered[:at[2]], renumbered[at[2]+2:]), nil},
		{"more bytes than blocks before a marker", slices.Concat(file[:at[2]], []byte{1, 2, 3, 4, 5}, file[at[2]:]), row(2, 3)},
		{"a row lacks with its marker", slices.Concat(file[:at[2]], file[at[3]:]), row(3, 4)},
		{"two rows lack with their markers", slices.Concat(file[:at[2]], file[at[4]:]), row(3, 5)},
		{"a row is damaged", damaged(at[3]+2, at[4]), row(4, 5)},
		{"the last row is cut off", file[:at[6]], row(7, 8)},
		{"two rows are cut off", file[:at[5]], row(6, 8)},
		{"zeros where a transfer broke off", append(bytes.Clone(file[:at[6]+2]), make([]byte, 2000)...), row(7, 8)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			page := onePage(t, tt.file)
			if !slices.Equal(page.Unseen, tt.unseen) {
				t.Fatalf("unseen %v, want %v", page.Unseen, tt.unseen)
			}
			if tt.unseen != nil && page.Shown != nil {
				t.Error("shown as it is")
			}
			for y := range 120 {
				for x := range 160 {
					want := plain.Gray.GrayAt(x, y).Y
					for _, r := range tt.unseen {
						if (image.Point{x, y}).In(r) {
							want = 128
						}
					}
					if got := page.Gray.GrayAt(x, y).Y; got != want {
						t.Fatalf("pixel %d, %d is %d, want %d", x, y, got, want)
					}
				}
			}
		})
	}
}

func TestJPEGThatLacksTooMuch(t *testing.T) {
	file, at := restarts(t)
	for _, n := range []int{at[2], at[3]} {
		pages, errs := allPages(t.Context(), file[:n], Limits{})
		if len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
			t.Errorf("cut off after %d bytes: %d pages, errors %v", n, len(pages), errs)
		}
	}
}

// Of a picture without restart markers nobody knows where what follows a loss
// belongs.
func TestJPEGThatLostItsMiddle(t *testing.T) {
	file := encodeJPEG(t, drawPage(400, 640, 5))
	middle := len(file) / 2
	hollow := bytes.Clone(file)
	clear(hollow[middle : middle+600])
	for name, file := range map[string][]byte{
		"bytes lack":     slices.Concat(file[:middle], file[middle+600:]),
		"bytes are zero": hollow,
		"others stand":   slices.Concat(file[:middle], file[middle-900:middle-300], file[middle+600:]),
	} {
		pages, errs := allPages(t.Context(), file, Limits{})
		if len(pages) != 0 || len(errs) != 1 || !errors.Is(errs[0], ErrDamaged) {
			t.Errorf("%s: %d pages, errors %v", name, len(pages), errs)
		}
	}
}

// A blank page is stored in few codes, which may be zeros: it is not
// damaged, nor cut off.
func TestABlankJPEGIsNotDamaged(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "blank-optimized.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(file, make([]byte, 512)) {
		t.Fatal("it has no zeros")
	}
	for _, file := range [][]byte{file, file[:len(file)-2]} {
		if page := onePage(t, file); page.Unseen != nil || page.Gray.Pix[0] < 250 {
			t.Errorf("unseen %v, white %d", page.Unseen, page.Gray.Pix[0])
		}
	}
}

// Where a picture is cut off between markers, what was read before stands.
func TestJPEGCutOffWithinARow(t *testing.T) {
	file := encodeJPEG(t, drawPage(400, 640, 5))
	plain := onePage(t, file)
	page := onePage(t, file[:len(file)*9/10])
	if len(page.Unseen) == 0 || page.Unseen[0].Min.Y < 450 {
		t.Fatalf("unseen %v", page.Unseen)
	}
	last := page.Unseen[len(page.Unseen)-1]
	if last.Max != image.Pt(400, 640) || last.Min.X != 0 {
		t.Errorf("unseen %v, not to the end", page.Unseen)
	}
	for y := range page.Unseen[0].Min.Y {
		for x := range 400 {
			if page.Gray.GrayAt(x, y) != plain.Gray.GrayAt(x, y) {
				t.Fatalf("pixel %d, %d differs", x, y)
			}
		}
	}
}

func TestUnseenIsTurned(t *testing.T) {
	file, at := restarts(t)
	for o := orientation(1); o <= 8; o++ {
		page := onePage(t, withEXIF(file[:at[6]], tiffOrders[0], o))
		if len(page.Unseen) != 1 {
			t.Fatalf("orientation %d: unseen %v", o, page.Unseen)
		}
		size := page.Gray.Rect.Size()
		for y := range size.Y {
			for x := range size.X {
				_, stored := storedPlace(o, x, y, 160, 120)
				if in := (image.Point{x, y}).In(page.Unseen[0]); in != (stored >= 112) {
					t.Fatalf("orientation %d: pixel %d, %d is unseen: %v", o, x, y, in)
				}
			}
		}
	}
}

func TestProgressiveJPEGWithoutEnd(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("testdata", "progressive.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	page := onePage(t, file[:len(file)-2])
	if d := farthest(t, page.Color, onePage(t, file).Color); d != 0 || page.Unseen != nil {
		t.Errorf("differs by %d, unseen %v", d, page.Unseen)
	}
}

// faultyFile returns a file of the bench's faults.
func faultyFile(t *testing.T, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(beside.Bench(t, "faults"), name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFaultyJPEGs(t *testing.T) {
	for _, name := range []string{"jpeg-fill-before-restart.jpg", "jpeg-without-end-marker.jpg"} {
		if page := onePage(t, faultyFile(t, name)); page.Unseen != nil {
			t.Errorf("%s: unseen %v", name, page.Unseen)
		}
	}
}
