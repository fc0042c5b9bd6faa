package intake

import (
	"fmt"
	"testing"
	"time"

	"github.com/seosik/seosik/internal/blob"
	"github.com/seosik/seosik/internal/form"
)

// BenchmarkRecover shows how long it takes from the start until documents are
// read again, by how many wait, with their jobs and without, and that uploads
// do not wait for it.
func BenchmarkRecover(b *testing.B) {
	for _, docs := range []int{5_000, 20_000} {
		for _, lost := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d documents, jobs lost %v", docs, lost), func(b *testing.B) {
				h := openHouse(b, b.TempDir())
				h.furnish(b)
				in := h.intake(b, nil)
				list := make([]form.Document, docs)
				for i := range list {
					list[i] = form.Document{Name: "a.png", Blob: blob.KeyOf(nil), Size: 1}
				}
				if _, err := h.db.AddSubmission(b.Context(), form.Command, form.Submission{Domain: h.domain}, list, in.enqueue(b.Context(), uploads)); err != nil {
					b.Fatal(err)
				}
				var slowest time.Duration
				for b.Loop() {
					b.StopTimer()
					spoil := `UPDATE river_job SET state = 'running'`
					if lost {
						spoil = `DELETE FROM river_job`
					}
					if _, err := h.db.Pool().ExecContext(b.Context(), `UPDATE pages SET state = 'reading'; `+spoil); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					done := make(chan error)
					go func() {
						done <- h.db.Recover(b.Context(), in.enqueue(b.Context(), uploads))
					}()
					for busy := true; busy; {
						select {
						case err := <-done:
							if busy = false; err != nil {
								b.Fatal(err)
							}
						default:
							begin := time.Now()
							h.submit(b, in, 0, file{"b.png", []byte("b")})
							slowest = max(slowest, time.Since(begin))
						}
					}
				}
				b.ReportMetric(float64(slowest.Milliseconds()), "ms/slowest-upload")
			})
		}
	}
}
