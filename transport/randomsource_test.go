package transport_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A randomSource is a source with one list of records, which it divides into pages in
// one of the usual ways. One request in ten fails. It is a round tripper, and safe for
// concurrent use.
type randomSource struct {
	paging   string // a key of randomPagings
	trap     string // an element of randomTraps: what the source or the author does wrong
	charset  string // a key of randomCharsets
	encoding string // an element of randomEncodings

	starts []int // the index of the first record of each page, then the number of records
	total  int   // the number of records that the source announces
	count  int   // the number of pages that it announces

	mu       sync.Mutex
	rnd      *rand.Rand
	requests int
	pages    int // responses with a page
	position int // of the scroll
}

// randomPagings maps each way to divide records into pages to how a client reads it.
var randomPagings = map[string]func(trap string) transport.Paging{
	"next URL": func(trap string) transport.Paging { return paging.NextURL{At: misspelled(trap, "links.next")} },
	"next URL in a member with a dot": func(trap string) transport.Paging {
		return paging.NextURL{At: misspelled(trap, "@odata.nextLink")}
	},
	"link header": func(string) transport.Paging { return paging.LinkHeader{} },
	"page token": func(trap string) transport.Paging {
		return paging.PageToken{At: misspelled(trap, "meta.next_cursor"), Param: "cursor"}
	},
	"page token in the body": func(trap string) transport.Paging {
		return paging.PageToken{At: misspelled(trap, "next_cursor"), Param: "query.cursor", InBody: true}
	},
	"page number": func(trap string) transport.Paging { return paging.PageNumber{Param: misspelled(trap, "page")} },
	"number of pages": func(trap string) transport.Paging {
		return paging.PageNumber{Param: misspelled(trap, "page"), TotalPagesAt: "pages"}
	},
	"offset": func(trap string) transport.Paging { return paging.Offset{Param: misspelled(trap, "offset")} },
	"total": func(trap string) transport.Paging {
		return paging.Offset{Param: misspelled(trap, "offset"), TotalAt: "total"}
	},
	"keyset": func(trap string) transport.Paging {
		return paging.Keyset{KeyAt: "id", Param: misspelled(trap, "since_id")}
	},
	"scroll": func(string) transport.Paging {
		return paging.Scroll{At: "scroll_id", Path: "/scroll", Param: "scroll_id"}
	},
	"connection": func(string) transport.Paging { return paging.Relay{At: "data.items"} },
}

// misspelled returns a name, which the author misspells if that is the trap.
func misspelled(trap, name string) string {
	if trap != "misspelled" {
		return name
	}
	return name[:len(name)-1]
}

var (
	randomTraps     = []string{"misspelled", "wrong total", "wrong order", "repeats the first page", "no end"}
	randomEncodings = []string{"", "gzip", "deflate"}
)

// randomCharsets maps each value of charset to its encoding. The charset is declared
// unless it begins with "undeclared".
var randomCharsets = map[string]encoding.Encoding{
	"":                        nil,
	"iso-8859-1":              charmap.ISO8859_1,
	"Shift_JIS":               japanese.ShiftJIS,
	"utf-16":                  unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"undeclared windows-1252": charmap.Windows1252,
}

// newRandomSource returns a source without traps that has up to 30 records. Pages of
// sources with pointers may be empty.
func newRandomSource(rnd *rand.Rand) *randomSource {
	s := &randomSource{
		rnd:      rnd,
		paging:   pick(rnd, slices.Sorted(maps.Keys(randomPagings))),
		charset:  pick(rnd, slices.Sorted(maps.Keys(randomCharsets))),
		encoding: pick(rnd, randomEncodings),
	}
	n, size := rnd.IntN(31), 1+rnd.IntN(4)
	at := 0
	for at < n {
		s.starts = append(s.starts, at)
		if !s.mayBeEmpty() || rnd.IntN(10) > 0 {
			at = min(at+size, n)
		}
	}
	if n == 0 {
		s.starts = []int{0}
	}
	s.starts = append(s.starts, n)
	s.total, s.count = n, len(s.starts)-1
	return s
}

func pick[T any](rnd *rand.Rand, of []T) T { return of[rnd.IntN(len(of))] }

// mayBeEmpty reports whether a page without records is not the end.
func (s *randomSource) mayBeEmpty() bool {
	switch s.paging {
	case "page number", "number of pages", "offset", "total", "keyset", "scroll":
		return false
	}
	return true
}

// set sets the trap.
func (s *randomSource) set(trap string) {
	s.trap = trap
	if trap == "wrong total" {
		s.total, s.count = s.rnd.IntN(s.total), s.rnd.IntN(s.count)
		if slices.Contains(s.starts, s.total) || s.count == 1 {
			s.total, s.count = 0, 0 // a source that ends with that page looks the same
		}
	}
}

// String describes the source.
func (s *randomSource) String() string {
	return fmt.Sprintf("paging %q, trap %q, charset %q, encoding %q, pages %v, total %d, %d pages", s.paging, s.trap, s.charset, s.encoding, s.starts, s.total, s.count)
}

func (s *randomSource) len() int  { return s.starts[len(s.starts)-1] }
func (s *randomSource) last() int { return len(s.starts) - 2 }

// hasTrap reports whether the trap can be set in this source and can lose records.
func (s *randomSource) hasTrap(trap string) bool {
	if s.last() == 0 {
		return false
	}
	// A source that includes the record of the key in the request repeats it at the end.
	if s.paging == "keyset" && s.starts[1] == 1 {
		return false
	}
	switch trap {
	case "misspelled":
		return s.paging != "link header" && s.paging != "scroll" && s.paging != "connection"
	case "wrong total":
		return s.paging == "total"
	case "wrong order":
		return s.paging == "keyset"
	}
	if trap == "no end" {
		return s.mayBeEmpty()
	}
	return s.paging != "scroll"
}

// reader returns how a client reads the source: page by page, ahead, or several pages at
// a time.
func (s *randomSource) reader() transport.Paging {
	p := randomPagings[s.paging](s.trap)
	numbered, ok := p.(transport.Numbered)
	switch s.rnd.IntN(3) {
	case 0:
		return transport.Prefetch(p, 2)
	case 1:
		if ok && (s.paging == "total" || s.paging == "number of pages") {
			return transport.Parallel(numbered, 3)
		}
	}
	return p
}

// name returns the text of a record, with characters that the charset has.
func (s *randomSource) name(id int) string {
	text := "Zoë Müller"
	switch s.charset {
	case "":
		text = "Zoë 日本 \U0001F600"
	case "Shift_JIS", "utf-16":
		text = "日本語"
	}
	return fmt.Sprint(text, " ", id)
}

// request returns the request for the first page.
func (s *randomSource) request() transport.Request {
	req := transport.Request{Path: "/items", RecordsAt: "data", Query: map[string][]string{"filter": {"a b"}}}
	switch s.paging {
	case "page token in the body":
		req.Method, req.Body, req.Idempotent = http.MethodPost, map[string]any{"query": map[string]any{"size": 2}}, true
	case "connection":
		req = transport.GraphQL("/graphql", "query Q { items }", nil)
		req.RecordsAt = "data.items.nodes"
	}
	return req
}

// maxRandomRequests is more than any list needs.
const maxRandomRequests = 3000

// RoundTrip responds with the page that a request asks for, with a failure, or with a
// redirect.
func (s *randomSource) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.requests++; s.requests > maxRandomRequests {
		return responseWith(r, http.StatusGone, http.Header{}, nil), nil
	}
	truncated := false
	if s.rnd.IntN(10) == 0 {
		resp, err := s.failure(r)
		if resp != nil || err != nil {
			return resp, err
		}
		truncated = true
	}
	if !strings.HasPrefix(r.URL.Path, "/moved") && s.rnd.IntN(20) == 0 {
		code := pick(s.rnd, []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect})
		return responseWith(r, code, http.Header{"Location": {"/moved" + r.URL.RequestURI()}}, nil), nil
	}
	s.pages++
	resp := s.page(r)
	if truncated {
		s.truncate(resp)
	}
	return resp, nil
}

// responseWith returns a response.
func responseWith(r *http.Request, status int, header http.Header, body []byte) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r}
}

// failure returns a response that reports a failure, an error of the network, or neither
// if the response is to be truncated.
func (s *randomSource) failure(r *http.Request) (*http.Response, error) {
	switch s.rnd.IntN(8) {
	case 0:
		return nil, syscall.ECONNRESET
	case 1:
		return nil, io.ErrUnexpectedEOF
	case 2:
		return responseWith(r, http.StatusTooManyRequests, http.Header{"Retry-After": {strconv.Itoa(1 + s.rnd.IntN(20))}}, nil), nil
	case 3:
		reset := strconv.FormatInt(time.Now().Unix()+5, 10)
		return responseWith(r, http.StatusForbidden, http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {reset}}, nil), nil
	case 4:
		return responseWith(r, http.StatusBadGateway, http.Header{"Content-Type": {"text/html"}}, []byte("<html>bad gateway</html>")), nil
	case 5:
		return responseWith(r, http.StatusServiceUnavailable, http.Header{}, nil), nil
	}
	return nil, nil
}

// truncate cuts off the end of a body, as its length, its connection or only its content
// shows.
func (s *randomSource) truncate(resp *http.Response) {
	body, _ := io.ReadAll(resp.Body)
	var r io.Reader = bytes.NewReader(body[:s.rnd.IntN(len(body))])
	switch s.rnd.IntN(3) {
	case 0:
		resp.ContentLength = -1
		r = io.MultiReader(r, brokenConnection{})
	case 1:
		resp.ContentLength = -1
	}
	resp.Body = io.NopCloser(r)
}

// A brokenConnection is a reader that fails.
type brokenConnection struct{}

func (brokenConnection) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// page returns the response with the page that a request asks for.
func (s *randomSource) page(r *http.Request) *http.Response {
	number := s.number(r)
	first, end := s.records(number)
	var records []map[string]any
	for i := first; i < end; i++ {
		records = append(records, map[string]any{"id": i + 1, "name": s.name(i + 1)})
	}
	if s.trap == "wrong order" {
		slices.Reverse(records)
	}
	if records == nil {
		records = []map[string]any{}
	}
	// A member that differs in each response must not hide that a page is repeated.
	body := map[string]any{"data": records, "request": s.requests}
	header := http.Header{"Content-Type": {"application/json"}}
	s.addPointer(r, body, header, number)
	text, _ := json.Marshal(body)
	if e := randomCharsets[s.charset]; e != nil {
		text, _ = e.NewEncoder().Bytes(text)
		if !strings.HasPrefix(s.charset, "undeclared") {
			header.Set("Content-Type", "application/json; charset="+s.charset)
		}
	}
	return responseWith(r, http.StatusOK, header, s.compress(text, header))
}

// number returns the number of the page that a request asks for, from 0.
func (s *randomSource) number(r *http.Request) int {
	query := r.URL.Query()
	parameter := func(name string) int {
		n, _ := strconv.Atoi(query.Get(name))
		return n
	}
	pageFrom := func(record int) int { // the page that begins at a record
		for i, start := range s.starts {
			if start >= record {
				return i
			}
		}
		return len(s.starts)
	}
	var sent struct {
		Query     struct{ Cursor string }
		Variables struct{ After string }
	}
	if r.Body != nil {
		_ = json.NewDecoder(r.Body).Decode(&sent)
	}
	switch s.paging {
	case "next URL", "next URL in a member with a dot", "link header":
		return parameter("p")
	case "page token":
		return parameter("cursor")
	case "page token in the body":
		n, _ := strconv.Atoi(sent.Query.Cursor)
		return n
	case "connection":
		n, _ := strconv.Atoi(sent.Variables.After)
		return n
	case "page number", "number of pages":
		return max(parameter("page"), 1) - 1
	case "offset", "total":
		return pageFrom(parameter("offset"))
	case "keyset":
		return pageFrom(parameter("since_id"))
	}
	if !query.Has("scroll_id") {
		s.position = 0
		return 0
	}
	s.position++
	return s.position
}

// records returns the range of the records of a page, which the traps may change.
func (s *randomSource) records(page int) (first, end int) {
	switch {
	case s.trap == "repeats the first page":
		page = 0
	case page > s.last():
		return s.len(), s.len()
	}
	if s.trap == "wrong order" { // the newest come first
		size := s.starts[1]
		return max(s.starts[page], s.len()-size), s.len()
	}
	return s.starts[page], s.starts[page+1]
}

// addPointer adds what leads to the next page, and the totals.
func (s *randomSource) addPointer(r *http.Request, body map[string]any, header http.Header, page int) {
	next := strconv.Itoa(page + 1)
	more := page < s.last() || s.trap == "no end" || s.trap == "repeats the first page"
	url := "/items?filter=a%20b&p=" + next
	if s.rnd.IntN(2) == 0 {
		url = r.URL.Scheme + "://" + r.URL.Host + url
	}
	switch s.paging {
	case "next URL":
		body["links"] = map[string]any{"self": r.URL.RequestURI()}
		if more {
			body["links"].(map[string]any)["next"] = url
		}
	case "next URL in a member with a dot":
		if more {
			body["@odata.nextLink"] = url
		}
	case "link header":
		header.Set("Link", "</items>; rel=first")
		if more {
			header.Add("Link", "<"+url+`>; title="next page"; rel="next"`)
		}
	case "page token":
		body["meta"] = map[string]any{"next_cursor": nil}
		if more {
			body["meta"] = map[string]any{"next_cursor": next}
		}
	case "page token in the body":
		if more {
			body["next_cursor"] = next
		}
	case "connection":
		body["data"] = map[string]any{"items": map[string]any{"nodes": body["data"],
			"pageInfo": map[string]any{"hasNextPage": more, "endCursor": next}}}
	case "number of pages":
		body["pages"] = s.count
	case "total":
		body["total"] = s.total
	case "scroll":
		body["scroll_id"] = "same"
	}
}

// compress applies the content coding to a body.
func (s *randomSource) compress(body []byte, header http.Header) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch s.encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	default:
		return body
	}
	header.Set("Content-Encoding", s.encoding)
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}
