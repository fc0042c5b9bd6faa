package scan

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	xtiff "golang.org/x/image/tiff"
)

// A page keeps its room until the one who asked for it goes on to the next.
func TestPagesInHandKeepTheirRoom(t *testing.T) {
	const side = 100
	img := image.NewGray(image.Rect(0, 0, side, side))
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"PNG":  func(b *bytes.Buffer) error { return png.Encode(b, img) },
		"JPEG": func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) },
		"TIFF": func(b *bytes.Buffer) error { return xtiff.Encode(b, img, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := encode(&b); err != nil {
				t.Fatal(err)
			}
			limits := Limits{Room: NewRoom(pixelBytes * side * side)}
			for _, err := range Pages(t.Context(), b.Bytes(), limits) {
				if err != nil {
					t.Fatal(err)
				}
				full, cancel := context.WithCancel(t.Context())
				cancel() // it would wait
				for _, err := range Pages(full, b.Bytes(), limits) {
					if !errors.Is(err, context.Canceled) {
						t.Errorf("another page while there is no room: %v", err)
					}
				}
				if limits.Room.free.TryAcquire(1) {
					t.Error("there is room")
				}
			}
			if !limits.Room.free.TryAcquire(limits.Room.most) {
				t.Error("the room was not given back")
			}
		})
	}
}

func TestAPageLargerThanTheRoomIsAlone(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 100, 100))); err != nil {
		t.Fatal(err)
	}
	for page, err := range Pages(t.Context(), b.Bytes(), Limits{Room: NewRoom(1)}) {
		if err != nil || page.Gray == nil {
			t.Errorf("page %v, %v", page, err)
		}
	}
}
