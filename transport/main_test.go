package transport_test

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"net/http"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	memory    = transporttest.Memory
	trips     = transporttest.RoundTripperFunc
	logRecord = transporttest.LogRecord
	item      = transporttest.Item
)

var (
	serve      = transporttest.Serve
	inMemory   = transporttest.InMemory
	clientOf   = transporttest.Client
	quiet      = transporttest.Quiet
	writeItems = transporttest.WriteItems
	ids        = transporttest.IDs
	upTo       = transporttest.UpTo
	asError    = transporttest.AsError
	kindName   = transporttest.KindOf
	gzipped    = transporttest.Gzipped
)

func collect[T any](seq iter.Seq2[T, error]) ([]T, error) { return transporttest.Collect(seq) }

var ctx = context.Background()

// silentLog discards the errors of a server.
var silentLog = log.New(io.Discard, "", 0)

// allocated returns the number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// number returns the value of a query parameter, or 0.
func number(r *http.Request, name string) (n int) {
	_, _ = fmt.Sscan(r.URL.Query().Get(name), &n)
	return n
}
