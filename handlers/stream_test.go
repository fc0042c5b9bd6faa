package handlers

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/seosik/seosik/internal/clova"
	"github.com/seosik/seosik/internal/form"
)

// zeros yields n bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// allocates returns how many bytes f takes from the heap, all in all.
func allocates(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestALargeUploadTakesLittleMemory(t *testing.T) {
	site := newSite(t)
	s, err := newServer(site.cfg)
	if err != nil {
		t.Fatal(err)
	}
	const size = 40 << 20
	took := allocates(func() {
		f, err := s.readFile(zeros(size), size)
		if err != nil || f.Size != size || f.Draft == nil {
			t.Errorf("file %v, %v", f, err)
		}
		f.Draft.Discard()
	})
	if took > 4<<20 {
		t.Errorf("a file of 40 MB took %d MB", took>>20)
	}
}

func TestALargeCallTakesLittleMemory(t *testing.T) {
	site := newSite(t)
	const size = 40 << 20
	for name, body := range map[string]io.Reader{
		"json": io.MultiReader(strings.NewReader(`{"version":"V2","images":[{"format":"png","data":"`), zeros4(size), strings.NewReader(`"}]}`)),
		"multipart": io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n"+
			`{"version":"V2","images":[{"format":"png"}]}`+"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"), zeros(size), strings.NewReader("\r\n--b--\r\n")),
	} {
		t.Run(name, func(t *testing.T) {
			took := allocates(func() {
				r, err := clova.ReadRequest("", body, site.cfg.Blobs, clova.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				if r.Image.File.Size() != size {
					t.Errorf("%d bytes", r.Image.File.Size())
				}
				r.Image.File.Discard()
			})
			if took > 4<<20 {
				t.Errorf("a file of 40 MB took %d MB", took>>20)
			}
		})
	}
}

// zeros4 yields n zeros in base64.
func zeros4(n int64) io.Reader {
	return io.MultiReader(io.LimitReader(letterA{}, (n/3)*4), strings.NewReader([]string{"", "AA==", "AAA="}[n%3]))
}

type letterA struct{}

func (letterA) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'A'
	}
	return len(p), nil
}

// stored returns how many files are below the folder of the blobs.
func (s *site) stored() (n int) {
	s.Helper()
	err := filepath.WalkDir(s.blobs, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	return n
}

func TestWhatIsNotTakenInLeavesNothing(t *testing.T) {
	a := newAPI(t)
	a.cfg.General = sheets{}
	a.start()
	s := a.site
	s.addUser("admin")
	s.logIn("admin", testPassword)
	before := s.stored()
	domain := strconv.Itoa(int(a.domain.ID))
	t.Run("cut off", func(t *testing.T) {
		body, kind := parts(t, "domain", domain, "file:a.jpg", "first", "file:b.jpg", strings.Repeat("second", 10_000))
		body.Truncate(body.Len() - 20_000)
		s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(http.StatusBadRequest)
	})
	t.Run("no such template", func(t *testing.T) {
		body, kind := parts(t, "domain", domain, "template", "99", "file:a.jpg", "third")
		s.do(http.MethodPost, "/submissions", body, "Content-Type", kind).status(http.StatusNotFound)
	})
	t.Run("general", func(t *testing.T) {
		a.call(a.general(), strings.NewReader(`{"version":"V2","images":[{"format":"png","data":"cGFnZQ=="}]}`)).status(http.StatusOK)
	})
	t.Run("refused call", func(t *testing.T) {
		a.call(a.domain.InvokePath(), strings.NewReader(fmt.Sprintf(`{"version":"V2","images":[{"format":"png","data":"aGVsbG8=","templateIds":[%d]}]}`, a.draft.ID))).
			refused(clova.ErrDeploy, "")
	})
	if now := s.stored(); now != before {
		t.Errorf("%d files are stored, and before there were %d", now, before)
	}
}

func TestDecodedBytes(t *testing.T) {
	const w, h = 30, 20
	jpegOf := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, nil); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	pngOf := func(img image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	r := image.Rect(0, 0, w, h)
	for _, tt := range []struct {
		name string
		file []byte
		want int64
	}{
		{"gray JPEG", jpegOf(image.NewGray(r)), w * h},
		{"JPEG", jpegOf(image.NewRGBA(r)), 3 * w * h},
		{"gray PNG", pngOf(image.NewGray(r)), w * h},
		{"PNG of 16 bit grays", pngOf(image.NewGray16(r)), 2 * w * h},
		{"PNG", pngOf(image.NewNRGBA(r)), 4 * w * h},
		{"PNG of 16 bits", pngOf(image.NewNRGBA64(r)), 8 * w * h},
		{"PNG with a palette", pngOf(image.NewPaletted(r, color.Palette{color.White, color.Black})), w * h},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config, _, err := image.DecodeConfig(bytes.NewReader(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := decodedBytes(config); got != tt.want {
				t.Errorf("decodedBytes = %d, want %d", got, tt.want)
			}
		})
	}
}

// A picture is sent from its file, and in parts to who asks for them.
func TestAPictureIsSentFromItsFile(t *testing.T) {
	s := openSite(t)
	domain := strconv.Itoa(int(s.addDomain("총무과", "출장 신청서")))
	s.read()
	s.wait(s.handIn("domain", domain, "file:a.png", "unmatched"))
	list, err := s.cfg.DB.Pages(t.Context(), form.Everything, pagesIn(""))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	path := fmt.Sprintf("/pages/%d/picture", list[0].ID)
	a := s.get(path).status(http.StatusOK)
	if !bytes.Equal(a.body, page) || a.Header.Get("Content-Type") != "image/png" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d bytes of %s, %s", len(a.body), a.Header.Get("Content-Type"), a.Header.Get("Cache-Control"))
	}
	if a := s.get(path, "Range", "bytes=0-7").status(http.StatusPartialContent); string(a.body) != string(page[:8]) {
		t.Errorf("its first bytes are %q", a.body)
	}
}
