package download

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/seosik/seosik/db"
	"github.com/seosik/seosik/internal/form"
)

var millionFolder = flag.String("million", "", "folder of the database with a million pages, as db builds it")

const memoryBar = 64.0 // MB

// BenchmarkLarge writes files of more than 100,000 pages and prints by how much the
// memory of the process grows meanwhile: all of it, as the database takes its own
// beside the heap. It is no test: the figures are the machine's too.
func BenchmarkLarge(b *testing.B) {
	if *millionFolder == "" {
		b.Skip("no -million")
	}
	database, err := db.Open(b.Context(), filepath.Join(*millionFolder, "seosik.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer database.Close()
	m := New(Config{DB: database, Data: b.TempDir()})
	fmt.Printf("\n%-8s %10s %10s %12s %10s\n", "", "pages", "MB", "pages/s", "MB more")
	for _, format := range form.ExportFormats {
		begin, start := memory(b), time.Now()
		w := &watched{begin: begin, b: b}
		stop := w.watch()
		f, err := m.WriteTo(b.Context(), w, form.Command, db.NewExport{Export: form.Export{Template: 1, Format: format, Language: "ko"}})
		stop()
		if err != nil {
			b.Fatal(err)
		}
		over := ""
		if w.most > memoryBar {
			over = "  over"
		}
		fmt.Printf("%-8s %10d %10.1f %12.0f %10.1f%s\n", format, f.Pages, float64(w.n)/1e6, float64(f.Pages)/time.Since(start).Seconds(), w.most, over)
	}
}

// A watched counts what is written, and looks at the memory meanwhile.
type watched struct {
	b     *testing.B
	begin float64
	n     int
	most  float64 // MB more than at the beginning
}

func (w *watched) Write(p []byte) (int, error) {
	w.n += len(p)
	return io.Discard.Write(p)
}

// watch looks at the memory until it is told to stop: a workbook is written when all
// of it is made.
func (w *watched) watch() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			w.most = max(w.most, memory(w.b)-w.begin)
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// memory returns how many MB of memory the process has.
func memory(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip(err)
	}
	kB, err := strconv.Atoi(resident.FindStringSubmatch(string(status))[1])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kB) * 1024 / 1e6
}
