package fit

import (
	"math"
	"math/rand/v2"

	"github.com/seosik/seosik/internal/confidence"
)

// How a network is fitted. Chosen for how well it does on drawn forms that it
// was not fitted on.
const (
	networks   = 3    // fitted from different starts; their log-odds are averaged
	hidden     = 8    // units of one
	epochs     = 60   // times that all samples are seen
	batch      = 1024 // samples a step
	rate       = .01  // of learning, and a fifth of it at the end
	decay      = 1e-3 // of the square of each weight, of features scaled to a deviation of 1
	slowFrom   = .7   // of the epochs
	slowFactor = .2
)

// Network returns weights with units under which the samples are likely:
// networks of one hidden layer, beside a weighted sum, fitted together by
// Adam (Kingma and Ba, ICLR 2015) and averaged. The same samples in the same
// order give the same weights. It needs thousands of samples.
func Network(samples []Sample) (confidence.Weights, error) {
	right := count(samples)
	if right == 0 || right == len(samples) {
		return confidence.Weights{}, ErrSamples
	}
	names := features(samples)
	data := scaled(samples, names)
	out := confidence.Weights{Names: names, Linear: make([]float64, len(names))}
	for seed := range uint64(networks) {
		n := newNetwork(len(names), seed)
		n.learn(data, rand.New(rand.NewPCG(seed, 2)))
		data.add(n, &out)
	}
	return out, nil
}

// A dataset is samples with features of mean 0 and deviation 1.
type dataset struct {
	x               [][]float64
	right           []float64 // 1 or 0
	mean, deviation []float64
}

func scaled(samples []Sample, names []string) *dataset {
	d := &dataset{mean: make([]float64, len(names)), deviation: make([]float64, len(names))}
	n := float64(len(samples))
	for _, s := range samples {
		x := values(s, names)
		d.x = append(d.x, x)
		y := 0.0
		if s.Right {
			y = 1
		}
		d.right = append(d.right, y)
		for i, v := range x {
			d.mean[i] += v / n
			d.deviation[i] += v * v / n
		}
	}
	for i := range d.mean {
		// A feature that is always the same says nothing.
		d.deviation[i] = math.Sqrt(max(d.deviation[i]-d.mean[i]*d.mean[i], 1e-12))
	}
	for _, x := range d.x {
		for i := range x {
			x[i] = (x[i] - d.mean[i]) / d.deviation[i]
		}
	}
	return d
}

// add adds the share of a network in the average to w, for features that are
// not scaled.
func (d *dataset) add(n *network, w *confidence.Weights) {
	unscaled := func(weights []float64, bias float64) ([]float64, float64) {
		in := make([]float64, len(weights))
		for i, v := range weights {
			in[i] = v / d.deviation[i]
			bias -= in[i] * d.mean[i]
		}
		return in, bias
	}
	linear, bias := unscaled(n.row(hidden), n.p[n.bias(hidden)])
	for i, v := range linear {
		w.Linear[i] += v / networks
	}
	w.Bias += (bias + n.p[n.last()]) / networks
	for u := range hidden {
		in, bias := unscaled(n.row(u), n.p[n.bias(u)])
		w.Units = append(w.Units, confidence.Unit{Bias: bias, In: in, Out: n.p[n.out(u)] / networks})
	}
}

// A network holds its parameters in one list: for each unit and, last, for the
// weighted sum, the weights of the features and the bias; then what the units
// count for, and a bias.
type network struct {
	inputs int
	p      []float64
}

func newNetwork(inputs int, seed uint64) *network {
	n := &network{inputs: inputs}
	n.p = make([]float64, (hidden+1)*(inputs+1)+hidden+1)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range n.p {
		fan := inputs
		if i >= n.out(0) {
			fan = hidden
		}
		n.p[i] = (2*r.Float64() - 1) / math.Sqrt(float64(fan))
	}
	return n
}

func (n *network) row(u int) []float64 { return n.p[u*(n.inputs+1):][:n.inputs] }
func (n *network) bias(u int) int      { return u*(n.inputs+1) + n.inputs }
func (n *network) out(u int) int       { return (hidden+1)*(n.inputs+1) + u }
func (n *network) last() int           { return len(n.p) - 1 }

// learn fits n to data.
func (n *network) learn(data *dataset, r *rand.Rand) {
	const beta1, beta2, tiny = .9, .999, 1e-8
	first, second, gradient := make([]float64, len(n.p)), make([]float64, len(n.p)), make([]float64, len(n.p))
	step := 0
	for epoch := range epochs {
		speed := rate
		if float64(epoch) > slowFrom*epochs {
			speed *= slowFactor
		}
		order := r.Perm(len(data.x))
		for from := 0; from < len(order); from += batch {
			some := order[from:min(from+batch, len(order))]
			for i, v := range n.p {
				gradient[i] = 2 * decay * v
			}
			for _, k := range some {
				n.addGradient(gradient, data.x[k], data.right[k], 1/float64(len(some)))
			}
			step++
			for i, g := range gradient {
				first[i] = beta1*first[i] + (1-beta1)*g
				second[i] = beta2*second[i] + (1-beta2)*g*g
				mean, spread := first[i]/(1-math.Pow(beta1, float64(step))), second[i]/(1-math.Pow(beta2, float64(step)))
				n.p[i] -= speed * mean / (math.Sqrt(spread) + tiny)
			}
		}
	}
}

// addGradient adds share of the gradient of the loss, which is cross entropy,
// at a sample.
func (n *network) addGradient(gradient, x []float64, right, share float64) {
	var active [hidden]float64
	odds := n.p[n.last()] + n.p[n.bias(hidden)] + dot(n.row(hidden), x)
	for u := range hidden {
		active[u] = math.Tanh(n.p[n.bias(u)] + dot(n.row(u), x))
		odds += n.p[n.out(u)] * active[u]
	}
	off := (logistic(odds) - right) * share
	add := func(u int, by float64) {
		row := gradient[u*(n.inputs+1):][:n.inputs]
		for i, v := range x {
			row[i] += by * v
		}
		gradient[n.bias(u)] += by
	}
	for u := range hidden {
		gradient[n.out(u)] += off * active[u]
		add(u, off*n.p[n.out(u)]*(1-active[u]*active[u]))
	}
	add(hidden, off)
	gradient[n.last()] += off
}
