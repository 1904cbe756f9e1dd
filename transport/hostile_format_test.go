package transport_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

var formatJSON = format.JSON{}

// inFormat reads a response in a format as records of type T.
func inFormat[T any](f format.Format, n int, body func() io.Reader) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		c := hostileClient(t, 200, nil, body)
		return counted(transport.Stream[T](ctx, c, transport.Request{}, f), n)
	}
}

// warned is inFormat in a sync. It checks how often the user is warned.
func warned(f format.Format, warnings int, body func() io.Reader) func(*testing.T) error {
	return func(t *testing.T) error {
		t.Helper()
		calls, total := 0, 0
		sync := userwarning.With(ctx, func(_, _ string, n int) { calls, total = calls+1, total+n })
		c := hostileClient(t, 200, nil, body)
		if _, err := consume(transport.Stream[map[string]any](sync, c, transport.Request{}, f)); err != nil {
			return err
		}
		if total != warnings || calls > warnings/100 {
			return fmt.Errorf("%w: %d warnings in %d calls, not %d", errRows, total, calls, warnings)
		}
		return nil
	}
}

// zipOf is an archive of files with a text.
func zipOf(n int, name func(int) string, text func() io.Reader) func() io.Reader {
	return func() io.Reader {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
		for i := range n {
			h := &zip.FileHeader{Name: name(i), Method: zip.Deflate}
			if n > 1 { // a compressor for each takes time
				h.Method = zip.Store
			}
			f, _ := w.CreateHeader(h)
			_, _ = io.Copy(f, text())
		}
		_ = w.Close()
		return &b
	}
}

// overlapping is an archive of n files with the same compressed text.
func overlapping(n int) func() io.Reader {
	return func() io.Reader {
		var text bytes.Buffer
		w, _ := flate.NewWriter(&text, flate.BestSpeed)
		_, _ = io.Copy(w, textOf("[1]\n", 1000))
		_ = w.Close()
		sum := crc32.ChecksumIEEE(bytes.Repeat([]byte("[1]\n"), 1000))
		var b bytes.Buffer
		le := func(values ...any) {
			for _, v := range values {
				_ = binary.Write(&b, binary.LittleEndian, v)
			}
		}
		le([]byte("PK\x03\x04"), uint16(20), uint16(0), uint16(8), uint32(0), sum, uint32(text.Len()), uint32(4000), uint16(1), uint16(0), []byte("a"))
		b.Write(text.Bytes())
		at := b.Len()
		for range n {
			le([]byte("PK\x01\x02"), uint16(20), uint16(20), uint16(0), uint16(8), uint32(0), sum, uint32(text.Len()), uint32(4000), uint16(1), uint16(0), uint16(0), uint16(0), uint16(0), uint32(0), uint32(0), []byte("a"))
		}
		size := b.Len() - at
		le([]byte("PK\x05\x06"), uint16(0), uint16(0), uint16(n), uint16(n), uint32(size), uint32(at), uint16(0))
		return &b
	}
}

func fileName(i int) string { return fmt.Sprintf("%d.json", i) }

type anything = map[string]any

type entry struct {
	ID int `xml:"id"`
}

var (
	csv    = format.CSV{}
	xml    = format.XML{At: "a.b"}
	ndjson = format.NDJSON{}
)

const recordTooLarge = "more than 25165824 bytes"

var hostileFormats = []hostile{
	{name: "JSON with a string without end", read: inFormat[item](formatJSON, 0, parts(`["`, forever("x"))), want: recordTooLarge, is: transport.ErrTooLarge},
	{name: "JSON with an object without end", read: inFormat[item](formatJSON, 0, parts(`[{`, forever(`"a":1,`))), want: recordTooLarge, is: transport.ErrTooLarge},
	{name: "JSON with a number without end", read: inFormat[item](formatJSON, 0, parts(`[`, forever(`7`))), want: recordTooLarge, is: transport.ErrTooLarge},
	{long: true, name: "JSON with 100 MB before the records", read: inFormat[item](format.JSON{At: "data"}, 1, parts(`{"a":"`, times("x", 100*million), `","data":[{"id":1}]}`))},
	{long: true, name: "JSON with a name of 100 MB", read: inFormat[item](format.JSON{At: "data"}, 0, parts(`{"`, times("x", 100*million), `":1}`)), want: "...", is: transport.ErrNoRecords},
	{name: "JSON with brackets without end", read: inFormat[item](format.JSON{At: "data"}, 0, parts(`{"a":`, forever("["))), want: "more than 10000 nested", is: transport.ErrTooLarge},
	{long: true, name: "JSON with brackets in a record", read: inFormat[any](formatJSON, 0, parts(`[`, times("[", 7*million), times("]", 7*million), "]")), want: "depth"},
	{name: "JSON with 7 million empty lists in a record", read: inFormat[any](formatJSON, 0, parts(`[[`, times("[],", 7*million), "[]]]")), want: "values", is: transport.ErrTooLarge},
	{long: true, name: "JSON with a million members in a record", read: inFormat[anything](formatJSON, 0, parts(`[{`, numberedMembers(million), `"z":1}]`)), want: "values", is: transport.ErrTooLarge},
	{long: true, name: "JSON with a million empty records", read: inFormat[any](formatJSON, million, parts("[", times("[],", million-1), "[]]"))},
	{long: true, name: "JSON with a record of 22 MB", read: inFormat[item](formatJSON, 2, parts(`[{"id":1,"name":"`, times("x", 22*million), `"},{"id":2}]`))},
	{name: "JSON with invalid bytes", read: warned(formatJSON, 2*million, parts(`[{"a":"`, times("\xff", 2*million), `"}]`))},
	{long: true, name: "JSON with 7 MB of invalid bytes", read: warned(formatJSON, 7*million, parts(`[{"a":"`, times("\xff", 7*million), `"}]`))},
	{name: "NDJSON with a line without end", read: inFormat[item](ndjson, 0, parts(`{"a":"`, forever("x"))), want: recordTooLarge, is: transport.ErrTooLarge},
	{long: true, name: "NDJSON with 100 MB of empty lines", read: inFormat[item](ndjson, 1, parts(times("\n", 100*million), `{"id":1}`))},
	{long: true, name: "NDJSON as text", read: inFormat[json.RawMessage](ndjson, 1, parts(`{"a":[`, times("[],", 5*million), `[]]}`))},
	{long: true, name: "CSV with a line without end", read: inFormat[anything](csv, 0, parts("a,b\n", forever("x"))), want: recordTooLarge, is: transport.ErrTooLarge},
	{name: "CSV with a header without end", read: inFormat[anything](csv, 0, forever("x")), want: recordTooLarge, is: transport.ErrTooLarge},
	{long: true, name: "CSV with a header of 22 MB", read: inFormat[anything](csv, 0, parts(times("x", 22*million), "\n")), want: "header", is: transport.ErrTooLarge},
	{name: "CSV with a million columns", read: inFormat[anything](csv, 0, parts(times("name,", million), "\n")), want: "more than 100000 cells", is: transport.ErrTooLarge},
	{long: true, name: "CSV with 90000 columns with spaces", read: inFormat[item](csv, 1, func() io.Reader {
		var names strings.Builder
		for i := range 90_000 {
			fmt.Fprintf(&names, " k%d,", i)
		}
		return around(names.String()+"id\n", textOf("1,", 90_000), "1\n")
	})},
	{name: "CSV with cells without end", read: inFormat[anything](csv, 0, parts("a,b\n", forever(","))), want: "more than 100000 cells", is: transport.ErrTooLarge},
	{long: true, name: "CSV with a quoted cell without end", read: inFormat[anything](csv, 0, parts("a,b\n\"", forever("x\n"))), want: "is not closed", is: transport.ErrTooLarge},
	{name: "CSV with a cell of 20 MB", read: inFormat[anything](csv, 1, parts("a,b\n", times("x", 16*million), ",1\n"))},
	{name: "CSV with a cell of control characters", read: inFormat[anything](csv, 0, parts("a,b\n", times("\x01", 16*million), ",1\n")), want: "control characters", is: transport.ErrTooLarge},
	{name: "CSV with a footer", read: inFormat[anything](format.CSV{SkipFooter: 100}, 0, parts("a\n", forever(strings.Repeat("x", megabyte)+"\n"))), want: "SkipFooter", is: transport.ErrTooLarge},
	{long: true, name: "CSV with a comment of 100 MB", read: inFormat[anything](format.CSV{Comment: '#'}, 1, parts("a\n#", times("x", 100*million), "\n1\n"))},
	{name: "CSV with a million ragged rows", read: warned(format.CSV{Ragged: format.RaggedSkip}, million, parts("a,b\n", times("1\n", million)))},
	{long: true, name: "CSV with invalid bytes", read: warned(csv, 5*million, parts("a,b\n", times("\xff", 5*million), ",1\n"))},
	{name: "CSV with 5 million empty lines", read: inFormat[anything](csv, 5*million, parts("a\n", times("\n", 5*million), "1\n")), long: true, want: "rows are not right"},
	{name: "XML with 5 million attributes", read: inFormat[anything](xml, 0, parts("<a><b ", times(`a="" `, 5*million), "/></a>")), want: "attributes", is: transport.ErrTooLarge},
	{long: true, name: "XML with 5 million attributes of the root", read: inFormat[anything](xml, 0, parts("<a ", times(`a="" `, 5*million), "></a>")), want: "attributes", is: transport.ErrTooLarge},
	{name: "XML with a million namespaces", read: inFormat[entry](xml, 0, parts("<a ", func() io.Reader { return strings.NewReader(namespaces(200_000)) }, "></a>")), want: "attributes", is: transport.ErrTooLarge},
	{long: true, name: "XML with 5 million nested elements", read: inFormat[anything](xml, 0, parts("<a><b>", times("<c>", 5*million))), want: "nested elements", is: transport.ErrTooLarge},
	{name: "XML with 5 million nested elements in a struct", read: inFormat[entry](xml, 0, parts("<a><b>", times("<c>", 5*million))), want: "nested elements", is: transport.ErrTooLarge},
	{name: "XML with 5 million nested elements that are skipped", read: inFormat[entry](xml, 0, parts("<a><z>", times("<c>", 5*million))), want: "nested elements", is: transport.ErrTooLarge},
	{long: true, name: "XML with 5 million elements in a record", read: inFormat[anything](xml, 0, parts("<a><b>", times("<c/>", 5*million), "</b></a>")), want: "elements and attributes", is: transport.ErrTooLarge},
	{long: true, name: "XML with a record without end", read: inFormat[entry](xml, 0, parts("<a><b>", forever("text "))), want: recordTooLarge, is: transport.ErrTooLarge},
	{long: true, name: "XML with a text of 22 MB", read: inFormat[anything](xml, 1, parts("<a><b><c>", times("x", 22*million), "</c></b></a>"))},
	{name: "XML with a comment without end", read: inFormat[entry](xml, 0, parts("<a><!--", forever("x"))), want: "a comment", is: transport.ErrTooLarge},
	{name: "XML with an instruction without end", read: inFormat[entry](xml, 0, parts("<a><?p ", forever("x"))), want: "instruction", is: transport.ErrTooLarge},
	{long: true, name: "XML with a CDATA section without end", read: inFormat[entry](xml, 0, parts("<a><b><![CDATA[", forever("x"))), want: recordTooLarge, is: transport.ErrTooLarge},
	{name: "XML with a document type without end", read: inFormat[entry](xml, 0, parts("<!DOCTYPE a [", forever(`<!ENTITY a "b">`))), want: "document type", is: transport.ErrTooLarge},
	{name: "XML with entities that expand", read: inFormat[entry](xml, 0, parts(`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a><b>&b;</b></a>`)), want: "entit"},
	{name: "XML with a name without end", read: inFormat[entry](xml, 0, parts("<a><", forever("x"))), want: "a tag", is: transport.ErrTooLarge},
	{long: true, name: "XML with an entity without end", read: inFormat[entry](xml, 0, parts("<a>&", forever("x"))), want: recordTooLarge, is: transport.ErrTooLarge},
	{name: "XML with a million records", read: inFormat[entry](xml, million, parts("<a>", times("<b/>", million), "</a>")), long: true},
	{long: true, name: "a zip bomb", read: inFormat[item](format.Zip{Format: formatJSON}, 0, zipOf(1, fileName, parts(`["`, times("x", 200*megabyte)))), want: recordTooLarge, is: transport.ErrTooLarge},
	{name: "an archive of overlapping files", read: inFormat[any](format.Zip{Format: ndjson}, 0, overlapping(30_000)), want: "overlap"},
	{name: "an archive of 100000 files", read: inFormat[any](format.Zip{Format: ndjson}, 0, overlapping(100_000)), want: "table of contents", is: transport.ErrTooLarge},
	{long: true, name: "an archive of files with long names", read: inFormat[any](format.Zip{Format: ndjson}, 0, zipOf(100, func(i int) string { return fmt.Sprint(i, strings.Repeat("x", 60_000)) }, parts("1"))), want: "table of contents", is: transport.ErrTooLarge},
	{name: "an archive with long names", read: inFormat[any](format.Zip{Format: ndjson, Name: "*.csv"}, 0, zipOf(20, func(i int) string { return fmt.Sprint(i, strings.Repeat("x", 60_000)) }, parts("1"))), want: "no file matches", is: transport.ErrNoRecords},
	{long: true, name: "gzip in gzip in gzip", read: inFormat[any](format.Gzip(ndjson), 0, func() io.Reader {
		return bytes.NewReader(gzipOf(textOf(string(gzipOf(textOf(string(gzipOf(textOf("\n", megabyte))), 10_000))), 1000)))
	}), want: "expands to more than", is: transport.ErrTooLarge},
	{name: "gzip with a gigabyte of empty lines", read: inFormat[any](format.Gzip(ndjson), 0, func() io.Reader { return bytes.NewReader(gzipOf(textOf("\n", 1<<30))) }), long: true},
	{long: true, name: "a canceled stream", read: func(t *testing.T) error {
		t.Helper()
		stop, cancel := context.WithCancel(ctx)
		c := hostileClient(t, 200, http.Header{"Content-Encoding": {"gzip"}}, func() io.Reader {
			return around(bytes.NewReader(gzipOf(textOf("\n", 100*million))), &onRead{cancel}, forever("\x00")())
		})
		_, err := consume(transport.Stream[any](stop, c, transport.Request{}, ndjson))
		return err
	}, want: "canceled", is: context.Canceled},
}

// onRead calls a function at the end of what was before it.
type onRead struct{ f func() }

func (o *onRead) Read([]byte) (int, error) { o.f(); return 0, io.EOF }

func namespaces(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `xmlns:a%d="b" `, i)
	}
	return b.String()
}
