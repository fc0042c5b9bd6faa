// Package net is a small convolutional network for pictures of single
// characters: three convolutions with rectifiers, the first two followed by a
// maximum over 2x2, then two full layers, in plain Go. Package learn teaches it.
package net

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

// Side is the width and height of the picture that a Net looks at, in pixels.
const Side = 28

// Hidden is the width of the first full layer.
const Hidden = 128

// A Conv slides a kernel over a picture of In channels and Size x Size
// pixels; its output has Out channels and is Size-Kernel+1 on a side, then the
// maximum over Pool x Pool of that.
type Conv struct {
	In, Out, Size, Kernel, Pool int
	Weights, Bias               []float32 // weights: Out rows of In*Kernel*Kernel
}

// Wide returns the side of the output of c before the maximum is taken.
func (c *Conv) Wide() int { return c.Size - c.Kernel + 1 }

func (c *Conv) pooled() int { return c.Wide() / c.Pool }

// Patch returns how many values the kernel sees at one place.
func (c *Conv) Patch() int { return c.In * c.Kernel * c.Kernel }

// A Full layer joins every input with every output.
type Full struct {
	In, Out       int
	Weights, Bias []float32 // weights: Out rows of In
}

// A Net tells which of its classes a picture shows.
type Net struct {
	Convs [3]Conv
	Fulls [2]Full
	// Temperature divides the scores before they become probabilities; it
	// makes them as sure as they are right.
	Temperature float32
}

// New returns a net for the given number of classes that has learnt nothing:
// all its weights are 0.
func New(classes int) *Net {
	n := &Net{Temperature: 1}
	n.Convs = [3]Conv{
		{In: 1, Out: 10, Size: Side, Kernel: 5, Pool: 2},
		{In: 10, Out: 28, Size: 12, Kernel: 3, Pool: 2},
		{In: 28, Out: 64, Size: 5, Kernel: 3, Pool: 1},
	}
	flat := 0
	for i := range n.Convs {
		c := &n.Convs[i]
		c.Weights, c.Bias = make([]float32, c.Out*c.Patch()), make([]float32, c.Out)
		flat = c.Out * c.pooled() * c.pooled()
	}
	n.Fulls = [2]Full{{In: flat, Out: Hidden}, {In: Hidden, Out: classes}}
	for i := range n.Fulls {
		f := &n.Fulls[i]
		f.Weights, f.Bias = make([]float32, f.Out*f.In), make([]float32, f.Out)
	}
	return n
}

// Classes returns how many classes n tells apart.
func (n *Net) Classes() int { return n.Fulls[1].Out }

// A Tensor is the weights or the bias of a layer.
type Tensor struct {
	Values []float32
	Rows   int // 0 for a bias
}

// Tensors returns the weights and the bias of each layer, in order. They are
// those of n, not copies.
func (n *Net) Tensors() []Tensor {
	var ts []Tensor
	for i := range n.Convs {
		c := &n.Convs[i]
		ts = append(ts, Tensor{c.Weights, c.Out}, Tensor{c.Bias, 0})
	}
	for i := range n.Fulls {
		f := &n.Fulls[i]
		ts = append(ts, Tensor{f.Weights, f.Out}, Tensor{f.Bias, 0})
	}
	return ts
}

// A State is what a picture is in each layer.
type State struct {
	Patches [3][]float32 // one row a place of the kernel
	Wide    [3][]float32 // channel by channel
	Pooled  [3][]float32
	Best    [3][]int32 // where in Wide each pooled value is from
	Hidden  []float32
	Scores  []float32 // one a class
}

// NewState returns the memory that n needs for a picture.
func (n *Net) NewState() *State {
	s := &State{Hidden: make([]float32, Hidden), Scores: make([]float32, n.Classes())}
	for i := range n.Convs {
		c := &n.Convs[i]
		s.Patches[i] = make([]float32, c.Wide()*c.Wide()*c.Patch())
		s.Wide[i] = make([]float32, c.Out*c.Wide()*c.Wide())
		s.Pooled[i] = make([]float32, c.Out*c.pooled()*c.pooled())
		s.Best[i] = make([]int32, len(s.Pooled[i]))
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
	s := n.NewState()
	n.Features(s, picture)
	n.Classify(s)
	return s.Scores
}

// Features sets all of s but the scores to what picture is in it.
func (n *Net) Features(s *State, picture []float32) {
	in := picture
	for i := range n.Convs {
		n.Convs[i].forward(s, i, in)
		in = s.Pooled[i]
	}
	n.Fulls[0].forward(s.Hidden, in)
	for i, v := range s.Hidden {
		s.Hidden[i] = max(0, v)
	}
}

// Classify sets the scores of s from its hidden values.
func (n *Net) Classify(s *State) { n.Fulls[1].forward(s.Scores, s.Hidden) }

func (f *Full) forward(out, in []float32) {
	copy(out, f.Bias)
	mulT(out, f.Weights, in, f.Out, 1, f.In)
}

func (c *Conv) forward(s *State, layer int, in []float32) {
	wide, k := c.Wide(), c.Kernel
	patches := s.Patches[layer]
	at := 0
	for y := range wide {
		for x := range wide {
			for ch := range c.In {
				for ky := range k {
					from := ch*c.Size*c.Size + (y+ky)*c.Size + x
					copy(patches[at:at+k], in[from:from+k])
					at += k
				}
			}
		}
	}
	out := s.Wide[layer]
	for ch, b := range c.Bias {
		row := out[ch*wide*wide : (ch+1)*wide*wide]
		for i := range row {
			row[i] = b
		}
	}
	mulT(out, c.Weights, patches, c.Out, wide*wide, c.Patch())
	c.rectify(out, s.Pooled[layer], s.Best[layer])
}

// rectify takes the maximum over pool x pool and 0.
func (c *Conv) rectify(wide, pooled []float32, best []int32) {
	w, p := c.Wide(), c.pooled()
	for ch := range c.Out {
		for y := range p {
			for x := range p {
				top := ch*w*w + c.Pool*(y*w+x)
				for dy := range c.Pool {
					for dx := range c.Pool {
						if at := ch*w*w + (c.Pool*y+dy)*w + c.Pool*x + dx; wide[at] > wide[top] {
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
	for _, t := range n.Tensors() {
		if t.Rows == 0 {
			for _, v := range t.Values {
				put(v)
			}
			continue
		}
		width := len(t.Values) / t.Rows
		for r := range t.Rows {
			row := t.Values[r*width : (r+1)*width]
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
	n := New(int(classes))
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
	for _, t := range n.Tensors() {
		if t.Rows == 0 {
			for i := range t.Values {
				t.Values[i] = take()
			}
			continue
		}
		width := len(t.Values) / t.Rows
		for r := range t.Rows {
			scale := take()
			for i := range width {
				t.Values[r*width+i] = float32(float32(int8(file[i])) * scale)
			}
			file = file[width:]
		}
	}
	return n, nil
}

// size returns the length of the file of n after its first words.
func (n *Net) size() int {
	size := 8
	for _, t := range n.Tensors() {
		if t.Rows == 0 {
			size += 4 * len(t.Values)
		} else {
			size += 4*t.Rows + len(t.Values)
		}
	}
	return size
}
