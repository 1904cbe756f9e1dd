package transport_test

import (
	"context"

	"io"
	"iter"
	"log"
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
	api        = transporttest.Client
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

var silentLog = log.New(io.Discard, "", 0)
