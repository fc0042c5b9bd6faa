// Command load has a server sat at by thousands of connections that ask for nothing,
// corrects pages while it reads as fast as it can, sends it many large files at once,
// and says how it took that: the memory of the server and of the processes it
// started, how long people waited meanwhile, and what the senders were told. It starts the server
// itself, on a folder of its own, and exits with 1 where a bar is missed.
//
//	go run ./internal/load -server bin/seosik
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

// The bars.
const (
	maxPeak = 1536 << 20             // bytes of the server, without its children
	maxList = 200 * time.Millisecond // of the 95th percentile of lists
)

func main() {
	server := flag.String("server", "bin/seosik", "`program` to be tried")
	n := flag.Int("n", 200, "files sent at once; 0 for none")
	size := flag.Int("mb", 20, "size of a file, in `MB`")
	within := flag.Duration("within", 10*time.Minute, "time for each of the two parts")
	flag.Parse()
	met, err := run(*server, *n, *size<<20, *within)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
	}
	if err != nil || !met {
		os.Exit(1)
	}
}

// run reports whether all bars were met.
func run(program string, n, size int, within time.Duration) (met bool, err error) {
	scan, err := newPicture(size)
	if err != nil {
		return false, err
	}
	s, err := start(program)
	if err != nil {
		return false, err
	}
	defer s.stop()
	office, err := s.logIn()
	if err != nil {
		return false, err
	}
	met = s.idle(office)
	met = office.underReview() && met
	if n == 0 {
		return met, nil
	}
	fmt.Printf("\n%d files of %.1f MB at once\n", n, float64(scan.size())/(1<<20))
	for _, part := range []struct {
		name string
		send func(context.Context, *picture, int) error
	}{
		{"uploads", office.upload},
		{"API calls", s.call},
	} {
		t := newTally()
		ctx, cancel := context.WithTimeout(context.Background(), within)
		lists := office.lists(ctx, func() { t.run(ctx, n, func(i int) error { return part.send(ctx, scan, i) }) })
		cancel()
		fmt.Printf("\n%s\n", part.name)
		met = s.print(lists, t) && met
	}
	return met, nil
}

// percentile returns what says below what so much of took lies.
func percentile(took []time.Duration) func(share float64) time.Duration {
	slices.Sort(took)
	return func(share float64) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[int(share*float64(len(took)-1))].Round(time.Millisecond)
	}
}

// print says what came of a part, beside the bars, and reports whether all were met.
func (s *server) print(lists []time.Duration, t *tally) bool {
	at := percentile(lists)
	own, children := s.memory.peak()
	fmt.Printf("  answered                %d in %s, %d times told to wait, %d still waiting\n", t.done, t.took.Round(time.Second), t.waits, t.late)
	fmt.Printf("  failed                  %d %v (bar 0)\n", t.failed(), t.failures)
	fmt.Printf("  peak of the server      %d MB (bar %d MB)\n", own>>20, int64(maxPeak)>>20)
	fmt.Printf("  peak of its children    %d MB\n", children>>20)
	fmt.Printf("  lists                   50th %s, 95th %s (bar %s), 99th %s, longest %s, of %d\n",
		at(.5), at(.95), maxList, at(.99), at(1), len(lists))
	return t.failed() == 0 && own <= maxPeak && len(lists) > 0 && at(.95) <= maxList
}
