// Gen draws the demo anew into a folder: the template, its picture and five
// scans with their truth. It needs the Nanum fonts. With the same fonts it
// writes the same bytes.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"

	"github.com/seosik/seosik/internal/form"
	"github.com/seosik/seosik/internal/geom"
	"github.com/seosik/seosik/internal/sample"
	"github.com/seosik/seosik/internal/sample/demo"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	blank, err := sample.DrawDemo()
	if err != nil {
		return err
	}
	if err := writeTemplate(dir, blank); err != nil {
		return err
	}
	return writeScans(dir, blank)
}

func writeTemplate(dir string, blank *sample.Blank) error {
	text, err := form.EncodeTemplate(blank.Template)
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&picture, blank.Image); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "template.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, blank.Template.ImageName), picture.Bytes(), 0o644)
}

// writeScans writes three JPEG files, a fax and a PDF of two pages.
func writeScans(dir string, blank *sample.Blank) error {
	var scans []demo.Scan
	var jpegs []picture
	for i := range claims {
		page, truth, err := claims[i].draw(blank)
		if err != nil {
			return err
		}
		if fax, ok := page.(*image.Gray); ok && claims[i].level == sample.Fax {
			scans = append(scans, scanOf(i, "tif", encodeFax(fax, 200), truth))
			continue
		}
		p, err := compress(page)
		if err != nil {
			return err
		}
		switch jpegs = append(jpegs, p); i {
		case len(claims) - 2: // the first page of the PDF
			scans = append(scans, scanOf(i, "pdf", nil, truth))
		case len(claims) - 1:
			last := &scans[len(scans)-1]
			last.Data = encodePDF(jpegs[len(jpegs)-2:])
			last.Pages = append(last.Pages, truth)
		default:
			scans = append(scans, scanOf(i, "jpg", p.data, truth))
		}
	}
	for _, s := range scans {
		if err := os.WriteFile(filepath.Join(dir, "scans", s.File), s.Data, 0o644); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(scans, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "scans.json"), append(text, '\n'), 0o644)
}

// scanOf returns a file of the demo with one page.
func scanOf(i int, ext string, data []byte, truth map[form.FieldID]demo.Truth) demo.Scan {
	number := fmt.Sprintf("%02d.%s", i+1, ext)
	return demo.Scan{Name: "신청서-" + number, File: number, Data: data, Pages: []map[form.FieldID]demo.Truth{truth}}
}

// draw fills in the form and sends it on its way to the office.
func (c *claim) draw(blank *sample.Blank) (image.Image, map[form.FieldID]demo.Truth, error) {
	values := c.values()
	filled, err := blank.Write(values, c.seed, c.style)
	if err != nil {
		return nil, nil, err
	}
	for id, v := range values {
		if !v.Checked && filled.Truth[id].Text != v.Text {
			return nil, nil, fmt.Errorf("%s does not fit in %s", v.Text, id)
		}
	}
	truth := map[form.FieldID]demo.Truth{}
	for id, t := range filled.Truth {
		truth[id] = demo.Truth{Text: t.Text, Checked: t.Checked}
	}
	name := []rune(c.text["성명"] + "인")
	at := geom.Point{X: 1474, Y: 1970}
	filled.Seal(c.seed, string(name), at, 34, true)
	for i, superior := range []string{"오세영인", "한기태인", "남명진인"}[:c.approved] {
		filled.Seal(c.seed+uint64(i)*7, superior, geom.Point{X: 1224 + 120*float64(i), Y: 351}, 28, true)
	}
	page, _ := sample.Degrade(filled.Image, c.level, c.seed)
	return page, truth, nil
}

// compress returns a page as a small JPEG file.
func compress(page image.Image) (picture, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, page, &jpeg.Options{Quality: 62})
	_, gray := page.(*image.Gray)
	return picture{b.Bytes(), page.Bounds().Dx(), page.Bounds().Dy(), gray}, err
}
