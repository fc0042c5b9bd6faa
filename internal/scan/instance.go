package scan

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// What an instance may take. A page of A4 takes 60 MB in colour at 200 dpi, one
// of the largest 0.6 GB.
const (
	instanceBytes = 1 << 30          // of memory
	smallBytes    = 192 << 20        // of memory, before it is the one that may be large
	instanceCPU   = 20 * time.Second // of a processor: the largest pages take 8
	instanceTime  = 5 * time.Minute  // where others have the processors
)

// An instanceMemory is the memory of one instance. Its addresses are taken at
// once, memory only as it grows, and is given back at once when it is freed: the
// garbage collector has nothing to do with it. So it must outlive its instance.
type instanceMemory struct {
	bytes   []byte
	used    int
	ctx     context.Context
	large   chan struct{} // of all instances
	isLarge bool
	refused error // what the machine did not have
}

func newInstanceMemory(ctx context.Context, large chan struct{}) (*instanceMemory, error) {
	bytes, err := unix.Mmap(-1, 0, instanceBytes, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("addresses for %d MiB: %w", instanceBytes>>20, err)
	}
	return &instanceMemory{bytes: bytes, ctx: ctx, large: large}, nil
}

// Allocate returns m, which is the memory of one instance.
func (m *instanceMemory) Allocate(uint64, uint64) experimental.LinearMemory { return m }

// Reallocate returns the first size bytes, or nil where there are no more.
func (m *instanceMemory) Reallocate(size uint64) []byte {
	if size > instanceBytes || size > smallBytes && !m.waitToBeLarge() {
		return nil
	}
	if n := int(size); n > m.used {
		if err := unix.Mprotect(m.bytes[m.used:n], unix.PROT_READ|unix.PROT_WRITE); err != nil {
			m.refused = fmt.Errorf("%d MiB of memory: %w", n>>20, err)
			return nil
		}
		m.used = n
	}
	return m.bytes[:size:size]
}

// waitToBeLarge waits until no other instance is large, and reports whether this
// one may be.
func (m *instanceMemory) waitToBeLarge() bool {
	if m.isLarge {
		return true
	}
	select {
	case m.large <- struct{}{}:
		m.isLarge = true
	case <-m.ctx.Done():
	}
	return m.isLarge
}

// Free does nothing: it is called while the instance may still look at its memory.
func (m *instanceMemory) Free() {}

// free gives the memory back. Nothing may look at it any more.
func (m *instanceMemory) free() {
	_ = unix.Munmap(m.bytes) // as it was mapped
	if m.isLarge {
		<-m.large
	}
}

// limitTime calls end once this goroutine has taken so much time of a processor,
// which is the fault of the file, or so much in all, which is not: there was no
// processor to be had. It does until stop is called.
func limitTime(end context.CancelCauseFunc, ofProcessor, inAll time.Duration) (stop func()) {
	runtime.LockOSThread()
	taken, begun, done := threadClock(), time.Now(), make(chan struct{})
	before := taken()
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
			switch {
			case taken()-before > ofProcessor:
				end(fmt.Errorf("%w: it takes more than %v to draw", ErrDamaged, ofProcessor))
				return
			case time.Since(begun) > inAll:
				end(fmt.Errorf("%w: there was no processor for it", ErrRenderer))
				return
			}
		}
	}()
	return func() {
		close(done)
		runtime.UnlockOSThread()
	}
}
