package format_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

type plainPart struct {
	ID   int64  `json:"id"`
	Qty  int    `json:"qty"`
	Name string `json:"name"`
	Note *int   `json:"note"`
}

// lostNulls decodes a text and returns the warnings for the platform's user.
func lostNulls(t *testing.T, text io.Reader, f format.Format) map[string]int {
	t.Helper()
	shown := map[string]int{}
	ctx := userwarning.With(t.Context(), func(key, _ string, n int) { shown[key] += n })
	parts, err := transporttest.Collect(format.DecodeContext[plainPart](ctx, text, f))
	require.NoError(t, err)
	for i, part := range parts {
		require.EqualValues(t, i+1, part.ID)
	}
	return shown
}

const (
	qtyKey  = "null in format_test.plainPart.Qty"
	nameKey = "null in format_test.plainPart.Name"
)

func TestALostNullIsReportedInEveryFormatOfThisPackage(t *testing.T) {
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(transporttest.Quiet)
	// Nulls before and after records of all sizes. The decoder's buffer is smaller.
	long := strings.Repeat("x", 10_000)
	lines := `{"id":1,"qty":null,"name":"` + long + `"} {"id":2,"note":null,"name":"null"}` + "\n" + `{"id":3,"qty":2,"name":null,"other":"` + long + `"}` + "\n\n" + `{"id":4,"qty":null}`
	array := `{"head":[null,"` + long + `"],"data":[` + strings.Join(strings.Fields(lines), ",") + `],"tail":null}`
	both := map[string]int{qtyKey: 2, nameKey: 1}
	assert.Equal(t, both, lostNulls(t, strings.NewReader(lines), format.NDJSON{}))
	assert.Equal(t, both, lostNulls(t, iotestOneByte(lines), &format.NDJSON{}))
	assert.Equal(t, both, lostNulls(t, strings.NewReader(array), format.JSON{At: "data"}))
	assert.Equal(t, both, lostNulls(t, iotestOneByte("\xef\xbb\xbf"+array), format.JSON{At: "data"}))

	csv := "id,qty,name,note\n1,,a,\n2,5,,\n3,,,\n"
	assert.Equal(t, map[string]int{qtyKey: 2}, lostNulls(t, strings.NewReader(csv), format.CSV{}))

	var zipped, compressed bytes.Buffer
	gz := gzip.NewWriter(&compressed)
	_, _ = io.WriteString(gz, lines)
	require.NoError(t, gz.Close())
	assert.Equal(t, both, lostNulls(t, &compressed, format.Gzip(format.NDJSON{})))
	archive := zip.NewWriter(&zipped)
	entry, err := archive.Create("a.csv")
	require.NoError(t, err)
	_, _ = io.WriteString(entry, csv)
	require.NoError(t, archive.Close())
	assert.Equal(t, map[string]int{qtyKey: 2}, lostNulls(t, &zipped, format.Zip{Format: format.CSV{}}))
}

// iotestOneByte returns a reader that returns one byte at a time.
func iotestOneByte(text string) io.Reader { return &oneByte{strings.NewReader(text)} }

type oneByte struct{ r io.Reader }

func (o *oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

// A scaled is a format of a connector that builds on one of this package.
type scaled struct{ format.NDJSON }

func (s scaled) Read(_ io.Reader, maxRecord int64, yield func(func(any) error) bool) error {
	return s.NDJSON.Read(strings.NewReader(`{"id":1}`), maxRecord, yield)
}

func TestTheReadMethodOfAFormatThatEmbedsAnotherOneIsCalled(t *testing.T) {
	parts, err := transporttest.Collect(format.Decode[plainPart](strings.NewReader("not JSON"), scaled{}))
	require.NoError(t, err)
	assert.Len(t, parts, 1)
}

func TestDecodeLogsALostNullToTheDefaultLogger(t *testing.T) {
	var log transporttest.LogRecord
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(log.Logger())
	_, err := transporttest.Collect(format.Decode[plainPart](strings.NewReader(`[{"qty":null},{"qty":null}]`), format.JSON{}))
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"))
	assert.Contains(t, log.String(), "field=format_test.plainPart.Qty")
	assert.NoError(t, format.EachContext(context.Background(), strings.NewReader(`{"id":null}`), format.NDJSON{}, 100, func(*plainPart) bool { return true }))
	assert.Contains(t, log.String(), "field=format_test.plainPart.ID")
}

// The text that a format keeps for the check does not grow with the number of records
// or with the text around them.
func TestCheckingForLostNullsKeepsOnlyOneRecord(t *testing.T) {
	var most uint64
	sample := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}
	runtime.GC()
	sample()
	before := most
	filler := `"` + strings.Repeat("x", 1<<20) + `",`
	head := io.MultiReader(strings.NewReader(`{"head":[`), io.LimitReader(&repeated{text: filler}, int64(16*len(filler))), strings.NewReader(`0],"data":[`))
	record := `{"id":1,"name":"` + strings.Repeat("x", 1000) + `"},`
	records := io.MultiReader(io.LimitReader(&repeated{text: record}, int64(16_000*len(record))), strings.NewReader(`{"id":2}]}`))
	n := 0
	err := format.Each(io.MultiReader(head, records), format.JSON{At: "data"}, 1<<20, func(plainPart) bool {
		if n++; n%2000 == 1 {
			runtime.GC()
			sample()
		}
		return true
	})
	require.NoError(t, err)
	assert.Equal(t, 16_001, n)
	assert.Less(t, most-before, uint64(8<<20))
}

// A repeated is a text that repeats without end.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}
