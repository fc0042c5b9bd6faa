package cli

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// The time from the last Enter on a page to the next page's first field with the
// focus, and to its picture on the screen, of a person who looks at each value.
// `make bench-review` prints it.
func BenchmarkNextPage(b *testing.B) {
	const pages = 24
	d := openDesk(b, pages)
	d.eval(`(() => {
		let pressed = 0;
		window.took = [];
		document.addEventListener("keydown", event => { if (event.key === "Enter") pressed = event.timeStamp; }, true);
		document.addEventListener("review:open", () => {
			const from = pressed, focused = performance.now() - from;
			const sent = performance.getEntriesByType("resource").filter(e => e.name.endsWith("/corrections")).at(-1);
			requestAnimationFrame(() => requestAnimationFrame(() => took.push([focused, performance.now() - from, sent.duration, sent.startTime - from])));
		});
		return true;
	})()`)
	for b.Loop() {
		for n := range pages - 1 {
			for range 2 {
				d.do("accept", chromedp.Func(pressEnter))
			}
			d.idle()
			d.until(fmt.Sprintf(`workstation.ready("/pages/%d")`, d.pages[n+1]))
			d.do("accept the last", chromedp.Func(pressEnter))
			d.until(fmt.Sprintf(`took.length === %d`, n+1))
		}
	}
	took, err := chromedp.Run(d.ctx, chromedp.Evaluate[[][]float64](`took`))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	for i, what := range []string{"focus", "picture", "answer", "sending"} {
		var ms []float64
		for _, t := range took {
			ms = append(ms, t[i])
		}
		slices.Sort(ms)
		b.ReportMetric(ms[len(ms)/2], what+"-ms")
		b.ReportMetric(ms[len(ms)*9/10], what+"-p90-ms")
	}
}
