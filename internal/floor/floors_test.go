package floor

import (
	"fmt"
	"math"
)

// shippedDoubt is the confidence from which the program shows a reading to
// nobody, unless it is told otherwise: the default of serve --doubt.
const shippedDoubt = .95

// A limits says what a score must keep.
type limits struct {
	auroc, ece     float64
	coverage       float64 // at 0.5 % wrong
	strictCoverage float64 // at 0.14 %
	silent         int     // wrong, and called certain
	groups         []groupFloor
}

// A groupFloor is how many fields of a group there are, all of which must be
// answered, and which share of them must be right.
type groupFloor struct {
	name  string
	total int
	right float64
}

// floors are a little under what the pages of testdata gave when they were set,
// which stands beside them: one field in a hundred of a group, or one, may be
// wrong that was not. They only rise.
var floors = limits{
	auroc:          .965, // 0.9730
	ece:            .035, // 0.0292; at most
	coverage:       .91,  // 0.9266
	strictCoverage: .84,  // 0.8657
	silent:         3,    // 2; at most
	groups: []groupFloor{
		{"classify", 84, 1},                // 1.0000
		{"classify en", 14, 1},             // 1.0000
		{"classify ja", 14, 1},             // 1.0000
		{"classify ko", 42, 1},             // 1.0000
		{"classify zh-TW", 14, 1},          // 1.0000
		{"text-typed", 505, .964},          // 0.9762
		{"text-typed en", 70, .857},        // 0.8714
		{"text-typed ja", 72, .986},        // 1.0000
		{"text-typed ko", 282, .978},       // 0.9894
		{"text-typed zh-TW", 81, .987},     // 1.0000
		{"text-hand", 378, .867},           // 0.8783
		{"text-hand en", 70, .814},         // 0.8286
		{"text-hand ja", 54, .981},         // 1.0000
		{"text-hand ko", 209, .861},        // 0.8756
		{"text-hand zh-TW", 45, .8},        // 0.8222
		{"text-blank", 13, 1},              // 1.0000
		{"text-blank ko", 13, 1},           // 1.0000
		{"multibox-typed", 35, .971},       // 1.0000
		{"multibox-typed en", 4, 1},        // 1.0000
		{"multibox-typed ja", 6, 1},        // 1.0000
		{"multibox-typed ko", 20, .95},     // 1.0000
		{"multibox-typed zh-TW", 5, 1},     // 1.0000
		{"multibox-hand", 30, .966},        // 1.0000
		{"multibox-hand en", 16, 1},        // 1.0000
		{"multibox-hand ja", 8, 1},         // 1.0000
		{"multibox-hand ko", 4, 1},         // 1.0000
		{"multibox-hand zh-TW", 2, 1},      // 1.0000
		{"multibox-digits", 89, .966},      // 0.9775
		{"multibox-digits en", 36, .972},   // 1.0000
		{"multibox-digits ja", 14, 1},      // 1.0000
		{"multibox-digits ko", 32, .937},   // 0.9688
		{"multibox-digits zh-TW", 7, .714}, // 0.8571
		{"box-typed", 247, .987},           // 1.0000
		{"box-typed en", 17, 1},            // 1.0000
		{"box-typed ja", 45, .977},         // 1.0000
		{"box-typed ko", 135, .985},        // 1.0000
		{"box-typed zh-TW", 50, .98},       // 1.0000
		{"box-hand", 175, .988},            // 1.0000
		{"box-hand en", 68, .985},          // 1.0000
		{"box-hand ja", 60, .983},          // 1.0000
		{"box-hand ko", 27, .962},          // 1.0000
		{"box-hand zh-TW", 20, .95},        // 1.0000
		{"box-digits", 544, .981},          // 0.9926
		{"box-digits en", 153, .986},       // 1.0000
		{"box-digits ja", 105, .98},        // 1.0000
		{"box-digits ko", 216, .981},       // 0.9954
		{"box-digits zh-TW", 70, .942},     // 0.9571
		{"checkbox", 476, .987},            // 0.9979
		{"checkbox en", 98, .989},          // 1.0000
		{"checkbox ja", 70, .971},          // 0.9857
		{"checkbox ko", 266, .988},         // 1.0000
		{"checkbox zh-TW", 42, .976},       // 1.0000
		{"cell-typed", 450, .953},          // 0.9644
		{"cell-typed en", 42, .857},        // 0.8810
		{"cell-typed ko", 408, .96},        // 0.9730
		{"cell-hand", 348, .839},           // 0.8506
		{"cell-hand en", 42, .738},         // 0.7619
		{"cell-hand ko", 306, .849},        // 0.8627
		{"cell-blank", 560, .989},          // 1.0000
		{"cell-blank en", 84, .988},        // 1.0000
		{"cell-blank ko", 476, .989},       // 1.0000
	},
}

// check returns in which way s is worse than f allows. A figure that is no
// number is.
func (f *limits) check(s *score) (off []string) {
	complain := func(format string, args ...any) { off = append(off, fmt.Sprintf(format, args...)) }
	least := func(name string, got, want float64) {
		if !(got >= want) {
			complain("%s is %.4f, want at least %.4f", name, got, want)
		}
	}
	least("AUROC", auroc(s.text), f.auroc)
	least("coverage at 0.5 % wrong", coverage(s.every, .005), f.coverage)
	least("coverage at 0.14 % wrong", coverage(s.every, .0014), f.strictCoverage)
	if got := ece(s.text); math.IsNaN(got) || got > f.ece {
		complain("the calibration error is %.4f, want at most %.4f", got, f.ece)
	}
	if n := len(s.silent); n > f.silent {
		complain("%d fields are wrong and as sure as %.2f, want at most %d: %q", n, s.threshold, f.silent, s.silent)
	}
	for _, g := range f.groups {
		t := s.groups[g.name]
		if t == nil {
			t = new(tally)
		}
		if t.total != g.total || t.answered != g.total {
			complain("%s: %d answered of %d fields, want %d", g.name, t.answered, t.total, g.total)
		}
		least(g.name, s.share(g.name), g.right)
	}
	return off
}
