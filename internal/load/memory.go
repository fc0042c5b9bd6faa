package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// memory watches what a process and all that it started have in memory.
type memory struct {
	pid  int
	done chan struct{}

	mu            sync.Mutex
	own, children int64 // most at once, bytes
}

func watch(pid int) *memory {
	m := &memory{pid: pid, done: make(chan struct{})}
	go func() {
		for {
			select {
			case <-m.done:
				return
			case <-time.After(50 * time.Millisecond):
				m.look()
			}
		}
	}()
	return m
}

func (m *memory) stop() { close(m.done) }

// peak returns the most that the process itself, and its children together,
// have had, in bytes.
func (m *memory) peak() (own, children int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.own, m.children
}

// now returns what the process has at this moment, in bytes.
func (m *memory) now() int64 { return inMemory(m.pid, "VmRSS") }

func (m *memory) look() {
	own := inMemory(m.pid, "VmHWM") // the system's own peak
	var children int64
	for _, child := range descendants(m.pid) {
		children += inMemory(child, "VmRSS")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own, m.children = max(m.own, own), max(m.children, children)
}

// inMemory returns a figure of /proc/PID/status in bytes, or 0 for a process
// that has ended.
func inMemory(pid int, name string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == name+":" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// processor returns how long a process has been on a processor.
func processor(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts in hundredths of a second
}

// descendants returns the processes that pid has started, and those have.
func descendants(pid int) (found []int) {
	parents := make(map[int][]int)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		// After the name in parentheses: the state, and the parent.
		f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parent, _ := strconv.Atoi(f[1])
		parents[parent] = append(parents[parent], child)
	}
	for next := parents[pid]; len(next) > 0; next = next[1:] {
		found = append(found, next[0])
		next = append(next, parents[next[0]]...)
	}
	return found
}
