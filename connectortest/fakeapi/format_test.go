package fakeapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

func TestCSVFollowsTheRFC(t *testing.T) {
	rows := json.RawMessage(`[
		{"id": 9007199254740993, "name": "a,b", "ok": true},
		{"id": 1.50, "name": "say \"hi\"", "tags": ["x", 1], "customer": {"city": "Köln"}},
		{"id": null, "name": "line\r\nline\nline", "ok": false},
		{"name": "", "id": "007"},
		{"name": " padded ", "id": 1e2}
	]`)
	for name, tt := range map[string]struct {
		rows    any
		columns []string
		want    string
	}{
		"all columns": {rows, nil, "id,name,ok,tags,customer\r\n" +
			"9007199254740993,\"a,b\",true,,\r\n" +
			"1.50,\"say \"\"hi\"\"\",,\"[\"\"x\"\", 1]\",\"{\"\"city\"\": \"\"Köln\"\"}\"\r\n" +
			",\"line\r\nline\nline\",false,,\r\n" +
			"007,\"\",,,\r\n" +
			"1e2,\" padded \",,,\r\n"},
		"some columns":         {rows, []string{"customer.city", "id", "none"}, "customer.city,id,none\r\n,9007199254740993,\r\nKöln,1.50,\r\n,,\r\n,007,\r\n,1e2,\r\n"},
		"a single empty cell":  {json.RawMessage(`[{"a":null},{"a":""},{}]`), nil, "a\r\n\"\"\r\n\"\"\r\n\"\"\r\n"},
		"a column with quotes": {json.RawMessage(`[{"a,\"b":1,"":2}]`), nil, "\"a,\"\"b\",\"\"\r\n1,2\r\n"},
		"no rows":              {[]order{}, nil, ""},
		"no rows, but columns": {[]order{}, []string{"id", "x"}, "id,x\r\n"},
		"a function's rows":    {func(*http.Request) []order { return orders(1) }, nil, "id,updated_at\r\n9007199254740992,2026-03-01T00:00:00Z\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, at := serve(t, fakeapi.Collection("/x", tt.rows, fakeapi.AsCSV(tt.columns...)))
			got := get(t, at+"/x")
			assert.Equal(t, "text/csv; charset=utf-8; header=present", got.header.Get("Content-Type"))
			assert.Equal(t, tt.want, got.body)
			if tt.want != "" {
				lines, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
				require.NoError(t, err)
				assert.NotEmpty(t, lines)
			}
		})
	}
}

func TestEveryPageOfCSVHasTheSameHeader(t *testing.T) {
	rows := json.RawMessage(`[{"id":1},{"id":2,"late":"x"}]`)
	_, at := serve(t, fakeapi.Collection("/x", rows, fakeapi.AsCSV(), fakeapi.ByPage("page", ""), fakeapi.PageSize(1), fakeapi.Equal("id", "id")))
	assert.Equal(t, "id,late\r\n1,\r\n", get(t, at+"/x").body)
	assert.Equal(t, "id,late\r\n2,x\r\n", get(t, at+"/x?page=2").body)
	assert.Equal(t, "id,late\r\n", get(t, at+"/x?page=3").body)
	assert.Equal(t, "id,late\r\n2,x\r\n", get(t, at+"/x?id=2").body)
}

func TestNDJSONHasARowOnEachLine(t *testing.T) {
	_, at := serve(t, fakeapi.Collection("/x", json.RawMessage("[{\"a\": 1.50,\n \"b\": \"<\\n>\"}, [2 ]]"), fakeapi.AsNDJSON()))
	got := get(t, at+"/x")
	assert.Equal(t, "{\"a\":1.50,\"b\":\"<\\n>\"}\n[2]\n", got.body)
	assert.Equal(t, "application/x-ndjson", got.header.Get("Content-Type"))
}

// unzip returns the content of a gzip file.
func unzip(t *testing.T, data string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(data))
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(got)
}

func TestAGzipFileIsNotACoding(t *testing.T) {
	_, at := serve(t, fakeapi.Compress(),
		fakeapi.Collection("/x", orders(1), fakeapi.AsCSV(), fakeapi.GzipFile()),
		fakeapi.Collection("/y", orders(1), fakeapi.GzipFile()))
	got := get(t, at+"/x") // the client accepts gzip
	assert.Equal(t, "application/gzip", got.header.Get("Content-Type"))
	assert.Empty(t, got.header.Get("Content-Encoding"))
	assert.Equal(t, "id,updated_at\r\n9007199254740992,2026-03-01T00:00:00Z\r\n", unzip(t, got.body))
	assert.Equal(t, got.body, get(t, at+"/x").body, "the same bytes each time")
	assert.Equal(t, `[{"id":9007199254740992,"updated_at":"2026-03-01T00:00:00Z"}]`, unzip(t, get(t, at+"/y").body))
}

func TestResponsesAreCompressedIfTheClientAcceptsIt(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Collection("/x", orders(3)), fakeapi.Compress())
	send := func(method string, header ...string) answer {
		r := httptest.NewRequest(method, "/x", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return answer{w.Code, w.Header(), w.Body.String()}
	}
	plain := send("GET")
	assert.Empty(t, plain.header.Get("Content-Encoding"))
	for accept, want := range map[string]bool{
		"gzip": true, "GZIP": true, "x-gzip": true, "deflate, gzip;q=0.5": true, "*": true, "br;q=1, *;q=0.1": true, "gzip ; q=1.000": true,
		"": false, "gzip;q=0": false, "gzip;q=0.000, *": false, "*, gzip;q=0": false, "*;q=0": false, "identity": false, "br": false,
		"gzip;q=x": false, "gzip;level=9": false, "gzipped": false, "gzip;Q=0.1": true,
	} {
		got := send("GET", "Accept-Encoding", accept)
		assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"), accept)
		assert.Equal(t, strconv.Itoa(len(got.body)), got.header.Get("Content-Length"))
		assert.Equal(t, "application/json", got.header.Get("Content-Type"))
		if !want {
			assert.Equal(t, plain.body, got.body, accept)
			continue
		}
		require.Equal(t, "gzip", got.header.Get("Content-Encoding"), accept)
		assert.Equal(t, plain.body, unzip(t, got.body))
		assert.Equal(t, got.header, send("HEAD", "Accept-Encoding", accept).header)
	}
	assert.Equal(t, "gzip", send("GET", "Accept-Encoding", "br", "Accept-Encoding", "gzip").header.Get("Content-Encoding"), "on two lines")
	assert.Equal(t, `{"error":"/x does not support PUT: want GET or HEAD"}`, unzip(t, send("PUT", "Accept-Encoding", "gzip").body))

	zipped := send("GET", "Accept-Encoding", "gzip")
	assert.NotEqual(t, plain.header.Get("ETag"), zipped.header.Get("ETag"), "RFC 9110 §8.8.3.3")
	got := send("GET", "Accept-Encoding", "gzip", "If-None-Match", zipped.header.Get("ETag"))
	assert.Equal(t, 304, got.status)
	assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
	assert.Empty(t, got.header.Get("Content-Encoding"))
	assert.Equal(t, 200, send("GET", "If-None-Match", zipped.header.Get("ETag")).status)
	assert.Equal(t, 304, send("GET", "If-None-Match", plain.header.Get("ETag")).status)
}

func TestClientsOfNetHTTPAndOfPackageTransportReadEveryFormat(t *testing.T) {
	api, at := serve(t, fakeapi.Compress(),
		fakeapi.Collection("/json", orders(3)),
		fakeapi.Collection("/csv", orders(3), fakeapi.AsCSV()),
		fakeapi.Collection("/ndjson", orders(3), fakeapi.AsNDJSON()),
		fakeapi.Collection("/csv.gz", orders(3), fakeapi.AsCSV(), fakeapi.GzipFile()),
		fakeapi.Collection("/ndjson.gz", orders(3), fakeapi.AsNDJSON(), fakeapi.GzipFile()))
	assert.Contains(t, get(t, at+"/csv").body, "id,updated_at\r\n", "net/http decompresses it")
	client := clientOf(t, api)
	for path, f := range map[string]format.Format{
		"/json": format.JSON{}, "/csv": format.CSV{}, "/ndjson": format.NDJSON{},
		"/csv.gz": format.Gzip(format.CSV{}), "/ndjson.gz": format.Gzip(format.NDJSON{}),
	} {
		var got []order
		for row, err := range transport.Stream[order](t.Context(), client, transport.Request{Path: path}, f) {
			require.NoError(t, err, path)
			got = append(got, row)
		}
		assert.Equal(t, orders(3), got, path)
	}
}

func TestATruncatedGzipResponseIsAnError(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Compress(), fakeapi.Collection("/x", orders(50)), fakeapi.FailOn("/x", 1, fakeapi.Truncate(0.5)))
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { api.ServeHTTP(w, r) })
	zr, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	require.NoError(t, err)
	_, err = io.ReadAll(zr)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestInvalidFormatsFailTheTest(t *testing.T) {
	for want, option := range map[string]fakeapi.Option{
		"there are two options for the format":                                      fakeapi.Collection("/x", orders(1), fakeapi.AsCSV(), fakeapi.AsNDJSON()),
		`option AsCSV names the column "a" twice`:                                   fakeapi.Collection("/x", orders(1), fakeapi.AsCSV("a", "a")),
		"option AsCSV leaves no room for the fields of the response: next":          fakeapi.Collection("/x", orders(1), fakeapi.AsCSV(), fakeapi.ByToken("token", "next")),
		"option AsNDJSON leaves no room for the fields of the response: rows, more": fakeapi.Collection("/x", orders(1), fakeapi.AsNDJSON(), fakeapi.Under("rows"), fakeapi.HasMore("more")),
		"row 1 cannot be a line of CSV: it is not an object":                        fakeapi.Collection("/x", []any{orders(1)[0], 1}, fakeapi.AsCSV()),
	} {
		t.Run(want, func(t *testing.T) {
			f := &failing{TB: t}
			fakeapi.New(f, option)
			assert.Contains(t, f.why, want)
		})
	}
}
