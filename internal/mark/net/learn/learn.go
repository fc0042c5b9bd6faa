// Package learn teaches a net of package net. The program does not contain it.
package learn

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/seosik/seosik/internal/mark/net"
)

// A Sample is a picture and its class.
type Sample struct {
	Picture []float32 // net.Side*net.Side values from 0, paper, to 1, ink
	Class   int
}

// A Learner changes a net so that it tells samples apart, by gradient descent
// with moments (Kingma and Ba, Adam, 2015).
type Learner struct {
	net     *net.Net
	halves  [2]*gradient
	first   [][]float32
	second  [][]float32
	steps   int
	random  *rand.Rand
	keep    float64 // the share of the hidden values that are seen at each step
	smooth  float32 // probability that is given to all classes together
	weights [][]float32
}

// Random sets the weights of n, which has learnt nothing, to random ones, and
// returns it.
func Random(n *net.Net, r *rand.Rand) *net.Net {
	for _, w := range n.Tensors() {
		if w.Rows == 0 {
			continue // a bias starts at 0
		}
		spread := math.Sqrt(2 / float64(len(w.Values)/w.Rows))
		for i := range w.Values {
			w.Values[i] = float32(r.NormFloat64() * spread)
		}
	}
	return n
}

// New returns a learner for n.
func New(n *net.Net, r *rand.Rand) *Learner {
	l := &Learner{net: n, random: r, keep: .7, smooth: .02}
	l.halves[0], l.halves[1] = newGradient(n), newGradient(n)
	for _, t := range n.Tensors() {
		l.weights = append(l.weights, t.Values)
		l.first = append(l.first, make([]float32, len(t.Values)))
		l.second = append(l.second, make([]float32, len(t.Values)))
	}
	return l
}

// Step learns from a batch of samples, at the given rate, and returns the
// mean loss. The two halves of the batch are worked on side by side and
// summed in their order, so that the outcome is the same each time.
func (l *Learner) Step(batch []Sample, rate float64) float64 {
	masks := make([][]float32, len(batch))
	for i := range masks {
		masks[i] = make([]float32, net.Hidden)
		for j := range masks[i] {
			if l.random.Float64() < l.keep {
				masks[i][j] = float32(1 / l.keep)
			}
		}
	}
	var wait sync.WaitGroup
	middle := len(batch) / 2
	for h, part := range [2][2]int{{0, middle}, {middle, len(batch)}} {
		wait.Add(1)
		go func() {
			defer wait.Done()
			g := l.halves[h]
			g.clear()
			for i := part[0]; i < part[1]; i++ {
				g.add(l.net, batch[i], masks[i], l.smooth)
			}
		}()
	}
	wait.Wait()
	l.steps++
	l.update(rate, len(batch))
	return (l.halves[0].loss + l.halves[1].loss) / float64(len(batch))
}

func (l *Learner) update(rate float64, batch int) {
	const b1, b2, decay = .9, .999, 1e-4
	step := float32(rate * math.Sqrt(1-math.Pow(b2, float64(l.steps))) / (1 - math.Pow(b1, float64(l.steps))))
	shrink := float32(1 - rate*decay)
	for t, w := range l.weights {
		g0, g1 := l.halves[0].values[t], l.halves[1].values[t]
		m, v := l.first[t], l.second[t]
		for i := range w {
			g := (g0[i] + g1[i]) / float32(batch)
			m[i] = float32(b1*m[i]) + float32((1-b1)*g)
			v[i] = float32(b2*v[i]) + float32((1-b2)*float32(g*g))
			w[i] = float32(w[i]*shrink) - float32(step*m[i])/(float32(math.Sqrt(float64(v[i])))+1e-8)
		}
	}
}

// A gradient is by how much the loss grows with each weight.
type gradient struct {
	loss    float64
	values  [][]float32 // as net.Net.Tensors
	state   *net.State
	pooled  [3][]float32
	wide    [3][]float32
	patches [3][]float32
	hidden  []float32
}

func newGradient(n *net.Net) *gradient {
	g := &gradient{state: n.NewState(), hidden: make([]float32, net.Hidden)}
	for _, t := range n.Tensors() {
		g.values = append(g.values, make([]float32, len(t.Values)))
	}
	for i := range n.Convs {
		g.pooled[i] = make([]float32, len(g.state.Pooled[i]))
		g.wide[i] = make([]float32, len(g.state.Wide[i]))
		g.patches[i] = make([]float32, len(g.state.Patches[i]))
	}
	return g
}

func (g *gradient) clear() {
	g.loss = 0
	for _, v := range g.values {
		clear(v)
	}
}

// add adds the gradient of one sample. Mask says which hidden values are
// seen, and by how much they are multiplied.
func (g *gradient) add(n *net.Net, sample Sample, mask []float32, smooth float32) {
	s := g.state
	n.Features(s, sample.Picture)
	for i := range s.Hidden {
		s.Hidden[i] *= mask[i]
	}
	n.Classify(s)
	p := net.Softmax(s.Scores, 1)
	g.loss -= math.Log(float64(max(p[sample.Class], 1e-9)))
	floor := smooth / float32(len(p))
	for i := range p {
		p[i] -= floor
	}
	p[sample.Class] -= 1 - smooth

	clear(g.hidden)
	backward(&n.Fulls[1], g.values[8], g.values[9], g.hidden, s.Hidden, p)
	for i, v := range s.Hidden {
		if v <= 0 {
			g.hidden[i] = 0
		} else {
			g.hidden[i] *= mask[i]
		}
	}
	clear(g.pooled[2])
	backward(&n.Fulls[0], g.values[6], g.values[7], g.pooled[2], s.Pooled[2], g.hidden)
	for i := 2; i >= 0; i-- {
		below := []float32(nil)
		if i > 0 {
			below = g.pooled[i-1]
		}
		g.convolve(&n.Convs[i], i, below)
	}
}

// backward carries the gradient back through f, from above to below.
func backward(f *net.Full, weights, bias, below, in, above []float32) {
	for o, d := range above {
		bias[o] += d
		axpy(weights[o*f.In:(o+1)*f.In], d, in)
		axpy(below, d, f.Weights[o*f.In:(o+1)*f.In])
	}
}

// convolve carries the gradient back through layer i, to below where that is
// not nil.
func (g *gradient) convolve(c *net.Conv, i int, below []float32) {
	s := g.state
	wide := g.wide[i]
	clear(wide)
	for j, d := range g.pooled[i] {
		if s.Pooled[i][j] > 0 {
			wide[s.Best[i][j]] = d
		}
	}
	places, size := c.Wide()*c.Wide(), c.Patch()
	weights, bias := g.values[2*i], g.values[2*i+1]
	patches := g.patches[i]
	if below != nil {
		clear(patches)
	}
	for o := range c.Out {
		row := weights[o*size : (o+1)*size]
		for p, d := range wide[o*places : (o+1)*places] {
			if d == 0 {
				continue
			}
			bias[o] += d
			axpy(row, d, s.Patches[i][p*size:(p+1)*size])
			if below != nil {
				axpy(patches[p*size:(p+1)*size], d, c.Weights[o*size:(o+1)*size])
			}
		}
	}
	if below != nil {
		scatter(c, below, patches)
	}
}

// scatter adds up, for every pixel of the layer below, the patches it is in.
func scatter(c *net.Conv, below, patches []float32) {
	clear(below)
	at := 0
	for y := range c.Wide() {
		for x := range c.Wide() {
			for ch := range c.In {
				for ky := range c.Kernel {
					to := below[ch*c.Size*c.Size+(y+ky)*c.Size+x:]
					for kx := range c.Kernel {
						to[kx] += patches[at]
						at++
					}
				}
			}
		}
	}
}

// axpy adds f times x to y.
func axpy(y []float32, f float32, x []float32) {
	if f == 0 {
		return
	}
	x = x[:len(y)]
	for i, v := range x {
		y[i] += float32(f * v)
	}
}
