package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/mark/draw"
	"github.com/seosik/seosik/internal/mark/net"
	"github.com/seosik/seosik/internal/mark/net/learn"
)

// A kind is where a character is from.
type kind int

const (
	realDigit kind = iota
	handDigit
	printDigit
	handLetter
	printLetter
	otherThing
	kinds
)

var kindNames = [kinds]string{"real", "hand", "print", "hand letters", "letters", "others"}

// A source holds glyphs: by kind, then by class, then many of them.
type source struct {
	glyphs [kinds][][]draw.Glyph
}

func (s source) String() string {
	n := 0
	for _, classes := range s.glyphs {
		for _, glyphs := range classes {
			n += len(glyphs)
		}
	}
	return fmt.Sprint(n, " glyphs")
}

// others are characters that are none of mark.Alphabet and do not look like
// one of it in any font.
const others = "adefhkmnrt#%&*+=?@~-.,★※◎가나다라마바사아자차카타파하김박최정강조윤장임한서울년월일원표수인남녀" +
	"あうえかきけさすせそたちなぬねのはまむもやよらるれわをんアウオカキクケサシスセソタチツテナヌネハホマミムメモヤユラルレワン" +
	"年月日東京大男女氏名金番号中市区町村縣路街巷弄樓國民身份證"

// sources returns what to learn from and what to check with. Of the real
// digits the first 72 of a hundred are learnt and the next 8 kept; the last
// 20 are never read.
func sources(mnist, fonts string) (learnt, kept *source, err error) {
	learnt, kept = new(source), new(source)
	for d := range 10 {
		data, err := os.ReadFile(filepath.Join(mnist, fmt.Sprint(d, ".json")))
		if err != nil {
			return nil, nil, err
		}
		var file struct{ Data []float64 }
		if err := json.Unmarshal(data, &file); err != nil {
			return nil, nil, fmt.Errorf("digits of %d: %w", d, err)
		}
		const size = net.Side * net.Side
		count := len(file.Data) / size
		for i := range count * 80 / 100 {
			pix := make([]uint8, size)
			for j, v := range file.Data[i*size : (i+1)*size] {
				pix[j] = uint8(255 * v)
			}
			to := learnt
			if i >= count*72/100 {
				to = kept
			}
			to.put(realDigit, d, draw.Tight(pix, net.Side))
		}
	}
	for _, f := range []struct {
		to           *source
		names        string
		digit, upper kind
	}{
		{learnt, printFonts, printDigit, printLetter},
		{learnt, handFonts, handDigit, handLetter},
		{kept, keptPrintFonts, printDigit, printLetter},
		{kept, keptHandFonts, handDigit, handLetter},
	} {
		opened, err := openFonts(fonts, f.names)
		if err != nil {
			return nil, nil, err
		}
		for _, font := range opened {
			f.to.putFont(font, f.digit, f.upper)
		}
	}
	return learnt, kept, nil
}

func (s *source) put(k kind, class int, g draw.Glyph) {
	if s.glyphs[k] == nil {
		s.glyphs[k] = make([][]draw.Glyph, len(mark.Symbol{}))
	}
	if g.Width > 0 {
		s.glyphs[k][class] = append(s.glyphs[k][class], g)
	}
}

// fullWidth is by how much the full-width forms of ASCII are above it.
const fullWidth = 0xFF01 - '!'

func (s *source) putFont(f draw.Font, digit, upper kind) {
	for i, c := range mark.Alphabet {
		k := upper
		if i < len(mark.Digits) {
			k = digit
		}
		if g, ok := f.Glyph(c); ok {
			s.put(k, i, g)
		}
		if g, ok := f.Glyph(c + fullWidth); ok {
			s.put(k, i, g)
		}
	}
	for _, c := range others {
		if g, ok := f.Glyph(c); ok {
			s.put(otherThing, len(mark.Alphabet), g)
		}
	}
}

// A sample is a character as mark found it in a drawn row.
type sample struct {
	picture []uint8
	class   int
	kind    kind
}

// plain returns s as it is.
func (s sample) plain() learn.Sample {
	p := make([]float32, len(s.picture))
	for i, v := range s.picture {
		p[i] = float32(v) / 255
	}
	return learn.Sample{Picture: p, Class: s.class}
}

// shown returns s a little moved, turned and scaled.
func (s sample) shown(r *rand.Rand) learn.Sample {
	const side = net.Side
	angle, scale := .08*(2*r.Float64()-1), 1+.08*(2*r.Float64()-1)
	sin, cos := math.Sincos(angle)
	sin, cos = sin*scale, cos*scale
	dx, dy := side/2+1.2*(2*r.Float64()-1), side/2+1.2*(2*r.Float64()-1)
	p := make([]float32, side*side)
	for y := range side {
		for x := range side {
			u, v := float64(x)+.5-side/2, float64(y)+.5-side/2
			p[y*side+x] = s.at(cos*u+sin*v+dx-.5, cos*v-sin*u+dy-.5)
		}
	}
	return learn.Sample{Picture: p, Class: s.class}
}

func (s sample) at(x, y float64) float32 {
	const side = net.Side
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	if x0 < 0 || y0 < 0 || x0+1 >= side || y0+1 >= side {
		return 0
	}
	fx, fy := x-float64(x0), y-float64(y0)
	row := s.picture[y0*side+x0:]
	a, b, c, d := float64(row[0]), float64(row[1]), float64(row[side]), float64(row[side+1])
	top := a + fx*(b-a)
	return float32((top + fy*(c+fx*(d-c)-top)) / 255)
}

// drawn returns about n samples from drawn rows.
func drawn(from *source, n int, seed uint64) []sample {
	const width, workers = 6, 2
	rows := make([][]sample, n/width)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := w; i < len(rows); i += workers {
				rows[i] = from.row(rand.New(rand.NewPCG(seed, uint64(i))), width)
			}
		}()
	}
	wait.Wait()
	var all []sample
	for _, row := range rows {
		all = append(all, row...)
	}
	return all
}

// row draws a row and returns its characters as they are found.
func (s *source) row(r *rand.Rand, width int) []sample {
	characters := make([]draw.Character, width)
	truth := make([]sample, width)
	for i := range characters {
		if r.IntN(15) == 0 {
			continue // an empty box
		}
		characters[i], truth[i] = s.choose(r)
	}
	row := draw.NewRow(r, characters)
	var out []sample
	for i, cell := range mark.Row(row.Filled, row.Blank, row.Boxes) {
		if cell.Blank || characters[i].Glyph.Width == 0 {
			continue
		}
		t := truth[i]
		t.picture = make([]uint8, net.Side*net.Side)
		for j, v := range mark.Normalize(cell.Glyph) {
			t.picture[j] = uint8(255*v + .5)
		}
		out = append(out, t)
	}
	return out
}

// choose returns something to write.
func (s *source) choose(r *rand.Rand) (draw.Character, sample) {
	share := [kinds]float64{.42, .17, .11, .07, .06, .17}
	p, k := r.Float64(), kind(0)
	for k < kinds-1 && p >= share[k] {
		p -= share[k]
		k++
	}
	class := len(mark.Alphabet)
	switch k {
	case realDigit, handDigit, printDigit:
		class = r.IntN(len(mark.Digits))
	case handLetter, printLetter:
		class = len(mark.Digits) + r.IntN(len(mark.Alphabet)-len(mark.Digits))
	case otherThing:
		if r.IntN(3) == 0 {
			return draw.Character{Glyph: s.nonsense(r), Loose: 1}, sample{class: class, kind: k}
		}
	}
	of := s.glyphs[k][class]
	loose := 1.0
	switch k {
	case printDigit, printLetter:
		loose = .3
	case handDigit, handLetter:
		loose = 1.2
	}
	return draw.Character{Glyph: of[r.IntN(len(of))], Loose: loose}, sample{class: class, kind: k}
}

// nonsense returns two characters in one box or a scribble.
func (s *source) nonsense(r *rand.Rand) draw.Glyph {
	if r.IntN(2) == 0 {
		return draw.Scribble(r)
	}
	pick := func() draw.Glyph {
		of := s.glyphs[realDigit][r.IntN(len(mark.Digits))]
		return of[r.IntN(len(of))]
	}
	return draw.Pair(pick(), pick())
}
