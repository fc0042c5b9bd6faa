// Package net is a small convolutional network for pictures of single
// characters: three convolutions with rectifiers, the first two followed by a
// maximum over 2x2, then two full layers. It runs and learns in plain Go.
package net

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
)

// Side is the width and height of the picture that a Net looks at, in pixels.
const Side = 28

// hidden is the width of the first full layer.
const hidden = 128

// A conv slides a kernel over a picture of in channels and size x size
// pixels; its output is size-kernel+1 on a side, then the maximum over
// pool x pool of that.
type conv struct {
	in, out, size, kernel, pool int
	weights, bias               []float32 // weights: out rows of in*kernel*kernel
}

func (c *conv) wide() int   { return c.size - c.kernel + 1 }
func (c *conv) pooled() int { return c.wide() / c.pool }
func (c *conv) patch() int  { return c.in * c.kernel * c.kernel }

// A full layer joins every input with every output.
type full struct {
	in, out       int
	weights, bias []float32 // weights: out rows of in
}

// A Net tells which of its classes a picture shows.
type Net struct {
	convs [3]conv
	fulls [2]full
	// Temperature divides the scores before they become probabilities; it
	// makes them as sure as they are right.
	Temperature float32
}

// New returns a net for the given number of classes with random weights.
func New(classes int, r *rand.Rand) *Net {
	n := shape(classes)
	for _, w := range n.tensors() {
		if w.rows == 0 {
			continue // a bias starts at 0
		}
		spread := math.Sqrt(2 / float64(len(w.values)/w.rows))
		for i := range w.values {
			w.values[i] = float32(r.NormFloat64() * spread)
		}
	}
	return n
}

func shape(classes int) *Net {
	n := &Net{Temperature: 1}
	n.convs = [3]conv{
		{in: 1, out: 10, size: Side, kernel: 5, pool: 2},
		{in: 10, out: 28, size: 12, kernel: 3, pool: 2},
		{in: 28, out: 64, size: 5, kernel: 3, pool: 1},
	}
	flat := 0
	for i := range n.convs {
		c := &n.convs[i]
		c.weights, c.bias = make([]float32, c.out*c.patch()), make([]float32, c.out)
		flat = c.out * c.pooled() * c.pooled()
	}
	n.fulls = [2]full{{in: flat, out: hidden}, {in: hidden, out: classes}}
	for i := range n.fulls {
		f := &n.fulls[i]
		f.weights, f.bias = make([]float32, f.out*f.in), make([]float32, f.out)
	}
	return n
}

// Classes returns how many classes n tells apart.
func (n *Net) Classes() int { return n.fulls[1].out }

// A tensor is the weights or the bias of a layer. A bias has no rows.
type tensor struct {
	values []float32
	rows   int
}

func (n *Net) tensors() []tensor {
	var ts []tensor
	for i := range n.convs {
		c := &n.convs[i]
		ts = append(ts, tensor{c.weights, c.out}, tensor{c.bias, 0})
	}
	for i := range n.fulls {
		f := &n.fulls[i]
		ts = append(ts, tensor{f.weights, f.out}, tensor{f.bias, 0})
	}
	return ts
}

// A state is what a picture is in each layer.
type state struct {
	patches [3][]float32 // one row a place of the kernel
	wide    [3][]float32 // channel by channel
	pooled  [3][]float32
	best    [3][]int32 // where in wide each pooled value is from
	hidden  []float32
	scores  []float32
}

func (n *Net) newState() *state {
	s := &state{hidden: make([]float32, hidden), scores: make([]float32, n.Classes())}
	for i := range n.convs {
		c := &n.convs[i]
		s.patches[i] = make([]float32, c.wide()*c.wide()*c.patch())
		s.wide[i] = make([]float32, c.out*c.wide()*c.wide())
		s.pooled[i] = make([]float32, c.out*c.pooled()*c.pooled())
		s.best[i] = make([]int32, len(s.pooled[i]))
	}
	return s
}

// Probabilities returns the probability of each class for a picture of Side
// rows of Side pixels, each from 0, paper, to 1, ink.
func (n *Net) Probabilities(picture []float32) []float32 {
	return Softmax(n.Scores(picture), n.Temperature)
}

// Scores returns what Probabilities are made of.
func (n *Net) Scores(picture []float32) []float32 {
	s := n.newState()
	n.features(s, picture)
	n.classify(s)
	return s.scores
}

func (n *Net) features(s *state, picture []float32) {
	in := picture
	for i := range n.convs {
		n.convs[i].forward(s, i, in)
		in = s.pooled[i]
	}
	n.fulls[0].forward(s.hidden, in)
	for i, v := range s.hidden {
		s.hidden[i] = max(0, v)
	}
}

func (n *Net) classify(s *state) { n.fulls[1].forward(s.scores, s.hidden) }

func (f *full) forward(out, in []float32) {
	copy(out, f.bias)
	mulT(out, f.weights, in, f.out, 1, f.in)
}

func (c *conv) forward(s *state, layer int, in []float32) {
	wide, k := c.wide(), c.kernel
	patches := s.patches[layer]
	at := 0
	for y := range wide {
		for x := range wide {
			for ch := range c.in {
				for ky := range k {
					from := ch*c.size*c.size + (y+ky)*c.size + x
					copy(patches[at:at+k], in[from:from+k])
					at += k
				}
			}
		}
	}
	out := s.wide[layer]
	for ch, b := range c.bias {
		row := out[ch*wide*wide : (ch+1)*wide*wide]
		for i := range row {
			row[i] = b
		}
	}
	mulT(out, c.weights, patches, c.out, wide*wide, c.patch())
	c.rectify(out, s.pooled[layer], s.best[layer])
}

// rectify takes the maximum over pool x pool and 0.
func (c *conv) rectify(wide, pooled []float32, best []int32) {
	w, p := c.wide(), c.pooled()
	for ch := range c.out {
		for y := range p {
			for x := range p {
				top := ch*w*w + c.pool*(y*w+x)
				for dy := range c.pool {
					for dx := range c.pool {
						if at := ch*w*w + (c.pool*y+dy)*w + c.pool*x + dx; wide[at] > wide[top] {
							top = at
						}
					}
				}
				i := ch*p*p + y*p + x
				pooled[i], best[i] = max(0, wide[top]), int32(top)
			}
		}
	}
}

// Softmax returns the probabilities that scores stand for at a temperature.
func Softmax(scores []float32, temperature float32) []float32 {
	top := scores[0]
	for _, v := range scores {
		top = max(top, v)
	}
	p := make([]float32, len(scores))
	sum := 0.0
	for i, v := range scores {
		e := math.Exp(float64((v - top) / temperature))
		p[i] = float32(e)
		sum += e
	}
	for i := range p {
		p[i] = float32(float64(p[i]) / sum)
	}
	return p
}

var errWeights = errors.New("net: not a file of weights")

const magic = "seosik-net-1"

// Encode returns n as a file: its weights as whole numbers from -127 to 127
// times a factor for each row, its biases as they are.
func (n *Net) Encode() []byte {
	var b bytes.Buffer
	b.WriteString(magic)
	put := func(v float32) { b.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))) }
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(n.Classes())))
	put(n.Temperature)
	for _, t := range n.tensors() {
		if t.rows == 0 {
			for _, v := range t.values {
				put(v)
			}
			continue
		}
		width := len(t.values) / t.rows
		for r := range t.rows {
			row := t.values[r*width : (r+1)*width]
			top := float32(1e-12)
			for _, v := range row {
				top = max(top, v, -v)
			}
			put(top / 127)
			for _, v := range row {
				b.WriteByte(byte(int8(math.Round(float64(v / top * 127)))))
			}
		}
	}
	return b.Bytes()
}

// Decode returns the net that Encode wrote.
func Decode(file []byte) (*Net, error) {
	if !bytes.HasPrefix(file, []byte(magic)) || len(file) < len(magic)+8 {
		return nil, errWeights
	}
	file = file[len(magic):]
	classes := binary.LittleEndian.Uint32(file)
	if classes == 0 || classes > 1000 {
		return nil, errWeights
	}
	n := shape(int(classes))
	if len(file) != n.size() {
		return nil, errWeights
	}
	file = file[4:]
	take := func() float32 {
		v := math.Float32frombits(binary.LittleEndian.Uint32(file))
		file = file[4:]
		return v
	}
	n.Temperature = take()
	for _, t := range n.tensors() {
		if t.rows == 0 {
			for i := range t.values {
				t.values[i] = take()
			}
			continue
		}
		width := len(t.values) / t.rows
		for r := range t.rows {
			scale := take()
			for i := range width {
				t.values[r*width+i] = float32(float32(int8(file[i])) * scale)
			}
			file = file[width:]
		}
	}
	return n, nil
}

// size returns the length of the file of n after its first words.
func (n *Net) size() int {
	size := 8
	for _, t := range n.tensors() {
		if t.rows == 0 {
			size += 4 * len(t.values)
		} else {
			size += 4*t.rows + len(t.values)
		}
	}
	return size
}
