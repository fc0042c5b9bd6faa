package form

import (
	"regexp"
	"regexp/syntax"
	"sync"
)

// Limits of patterns, in steps of the program that a pattern becomes. A short
// pattern can become a very long one: \pL{999} has 999 steps.
const (
	maxPattern  = 2_000  // one pattern
	maxPatterns = 50_000 // all patterns of a template
)

// checkPatterns notes where a pattern cannot be understood, or the patterns ask
// for too much work.
func checkPatterns(all []ruled) {
	sum := 0
	for _, r := range all {
		at := r.at.in("pattern")
		if len(r.rules.Pattern) > maxText {
			at.add("", DefectLongBytes, maxText)
			continue
		}
		n, err := patternSize(r.rules.Pattern)
		if err != nil {
			at.add("", DefectPattern, err)
			continue
		}
		if n > maxPattern {
			at.add("", DefectPatternSteps, n, maxPattern)
			continue
		}
		if sum += n; sum > maxPatterns {
			at.add("", DefectPatternsSteps, maxPatterns)
			return
		}
	}
}

// patternSize returns about how many steps pattern has when its repetitions
// are written out, and at least its length: reading it is work too, where a
// class names many sets.
func patternSize(pattern string) (int, error) {
	if pattern == "" {
		return 0, nil
	}
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, err
	}
	return max(len(pattern), steps(re)), nil
}

// steps counts re with its repetitions written out. The syntax allows no more
// than 1000 of these, nested ones included.
func steps(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += steps(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1) // Max is -1 where there is none
	}
	return n
}

// compiled are the patterns in use, shared by all templates: many fields of a
// template, and all versions of it, have the same ones.
var compiled patterns

// patterns keeps compiled patterns. It is emptied when it holds those of two
// of the largest templates, so that it stays small without keeping accounts.
type patterns struct {
	mu    sync.Mutex
	byKey map[string]*regexp.Regexp
	size  int // steps held
}

// get returns pattern compiled so that it matches whole texts, or nil where
// that cannot be done.
func (p *patterns) get(pattern string) *regexp.Regexp {
	p.mu.Lock()
	re, ok := p.byKey[pattern]
	p.mu.Unlock()
	if ok {
		return re
	}
	n, err := patternSize(pattern)
	if err == nil {
		re, _ = regexp.Compile(`^(?:` + pattern + `)$`)
	}
	n = max(n, len(pattern)) // also where it is broken
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byKey == nil || p.size+n > 2*maxPatterns {
		p.byKey, p.size = make(map[string]*regexp.Regexp), 0
	}
	p.byKey[pattern] = re
	p.size += n
	return re
}
