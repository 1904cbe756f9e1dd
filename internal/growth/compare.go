package growth

import (
	"testing"
	"time"
)

// Compare runs a work of one large size in turn with several works of a small size, which are
// as large together, so that both meet the same load of the machine. The cost is the processor
// time, including that of the garbage collector. The metric "growth" is 1 if the cost is
// proportional to the size, and greater if it grows faster. The size many must be a multiple
// of few.
func Compare(b *testing.B, few, many int, work func(size int)) {
	var short, long time.Duration
	for b.Loop() {
		began := ProcessorTime()
		for range many / few {
			work(few)
		}
		middle := ProcessorTime()
		work(many)
		short, long = short+middle-began, long+ProcessorTime()-middle
	}
	b.ReportMetric(float64(short)/float64(b.N)/float64(many/few), "ns/few")
	b.ReportMetric(float64(long)/float64(b.N), "ns/many")
	b.ReportMetric(float64(long)/float64(short), "growth")
}
