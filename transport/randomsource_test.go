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
	paging    string // a key of randomPagings
	trap      string // an element of randomTraps: what the source or the author does wrong
	charset   string // a key of randomCharsets
	encoding  string // an element of randomEncodings
	recordsAt string // an element of randomRecords
	beyond    string // an element of randomBeyond: what it serves after the last page
	number    string // an element of randomNumbers: how it writes totals
	cookies   bool   // it redirects a request without a cookie

	starts []int // the index of the first record of each page, then the number of records
	total  int   // the number of records that the source announces
	count  int   // the number of pages that it announces

	mu       sync.Mutex
	rnd      *rand.Rand
	requests int
	pages    int // responses with a page
	position int // of the scroll
}

// A misspelling changes a name, if the trap is that the author misspells it.
type misspelling func(name string) string

// randomPagings maps each way to divide records into pages to how a client reads it.
var randomPagings = map[string]func(m misspelling) transport.Paging{
	"next URL": func(m misspelling) transport.Paging { return paging.NextURL{At: m("links.next")} },
	"next URL in a member with a dot": func(m misspelling) transport.Paging {
		return paging.NextURL{At: m("@odata.nextLink")}
	},
	"next URL and the end": func(m misspelling) transport.Paging {
		return paging.NextURL{At: "next_page", DoneAt: m("end_of_stream")}
	},
	"link header": func(misspelling) transport.Paging { return paging.LinkHeader{} },
	"header":      func(misspelling) transport.Paging { return paging.Func(nextHeader) },
	"page token": func(m misspelling) transport.Paging {
		return paging.PageToken{At: m("meta.next_cursor"), Param: "cursor"}
	},
	"page token that ends with 0": func(m misspelling) transport.Paging {
		return paging.PageToken{At: m("offset"), Param: "cursor", End: "0"}
	},
	"page token and a flag": func(m misspelling) transport.Paging {
		return paging.PageToken{At: "paging.cursors.after", Param: "cursor", MoreAt: m("paging.has_more")}
	},
	"page token in the body": func(m misspelling) transport.Paging {
		return paging.PageToken{At: m("next_cursor"), Param: "query.cursor", InBody: true}
	},
	"page number": func(m misspelling) transport.Paging { return paging.PageNumber{Param: m("page")} },
	"number of pages": func(m misspelling) transport.Paging {
		return paging.PageNumber{Param: m("page"), TotalPagesAt: "pages"}
	},
	"offset": func(m misspelling) transport.Paging { return paging.Offset{Param: m("offset")} },
	"total": func(m misspelling) transport.Paging {
		return paging.Offset{Param: m("offset"), TotalAt: "total"}
	},
	"total in the body": func(m misspelling) transport.Paging {
		return paging.Offset{Param: m("query.from"), TotalAt: "total", InBody: true}
	},
	"keyset": func(m misspelling) transport.Paging { return paging.Keyset{KeyAt: "id", Param: m("since_id")} },
	"keyset and a flag": func(m misspelling) transport.Paging {
		return paging.Keyset{KeyAt: "id", Param: m("starting_after"), MoreAt: "has_more"}
	},
	"keyset downwards": func(m misspelling) transport.Paging { return paging.Keyset{KeyAt: "id", Param: m("before_id")} },
	"scroll": func(misspelling) transport.Paging {
		return paging.Scroll{At: "scroll_id", Path: "/scroll", Param: "scroll_id"}
	},
	"connection": func(misspelling) transport.Paging { return paging.Relay{At: "data.items"} },
}

// nextHeader follows a header with the number of the next page.
func nextHeader(p *transport.Page) (transport.Request, string, error) {
	n := p.Header.Get("X-Next-Page")
	if n == "" {
		return transport.Request{}, "no X-Next-Page", nil
	}
	next, err := p.Request.WithParam("p", false, n)
	return next, "", err
}

// byCount lists the pagings that need a total, and byKey those that continue after a key.
var (
	byCount = []string{"number of pages", "total", "total in the body"}
	byKey   = []string{"keyset", "keyset and a flag", "keyset downwards"}
)

// misspelled returns how the author spells names: rightly, or in one of the usual wrong ways
// if that is the trap.
func (s *randomSource) misspelled() misspelling {
	if s.trap != "misspelled" {
		return func(name string) string { return name }
	}
	i := s.rnd.IntN(4)
	return func(name string) string {
		parent, last := "", name
		if dot := strings.LastIndexByte(name, '.'); dot > 0 && !strings.HasPrefix(name, "@") {
			parent, last = name[:dot+1], name[dot+1:]
		}
		switch i {
		case 0:
			return parent + strings.ToUpper(last[:1]) + last[1:]
		case 1:
			return parent + last[1:2] + last[:1] + last[2:] // swapped letters
		case 2:
			if parent != "" && !strings.HasPrefix(parent, "query") {
				return last
			}
		}
		return name[:len(name)-1]
	}
}

var (
	randomTraps     = []string{"misspelled", "wrong total", "wrong order", "repeats the first page", "no end", "redirects forever"}
	randomEncodings = []string{"", "gzip", "deflate"}
	randomRecords   = []string{"data", "data", "result.list"}
	randomBeyond    = []string{"no records", "no records", "last page", "404", "400"}
	randomNumbers   = []string{"%d", `"%d"`, "%d.0", "%de0"}
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
// sources with pointers may be empty, also the first one.
func newRandomSource(rnd *rand.Rand) *randomSource {
	s := &randomSource{
		rnd:       rnd,
		paging:    pick(rnd, slices.Sorted(maps.Keys(randomPagings))),
		charset:   pick(rnd, slices.Sorted(maps.Keys(randomCharsets))),
		encoding:  pick(rnd, randomEncodings),
		recordsAt: pick(rnd, randomRecords),
		number:    pick(rnd, randomNumbers),
		cookies:   rnd.IntN(5) == 0,
	}
	if s.beyond = "no records"; slices.Contains(byCount, s.paging) {
		s.beyond = pick(rnd, randomBeyond)
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
	case "page number", "offset", "scroll":
		return false
	}
	return !slices.Contains(byCount, s.paging) && !slices.Contains(byKey, s.paging)
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
	return fmt.Sprintf("paging %q, trap %q, charset %q, encoding %q, records at %s, beyond %q, numbers %s, cookies %v, pages %v, total %d, %d pages",
		s.paging, s.trap, s.charset, s.encoding, s.recordsAt, s.beyond, s.number, s.cookies, s.starts, s.total, s.count)
}

func (s *randomSource) len() int  { return s.starts[len(s.starts)-1] }
func (s *randomSource) last() int { return len(s.starts) - 2 }

// want returns the ids of all records in the order of the source.
func (s *randomSource) want() []int64 {
	all := upTo(int64(s.len()))
	if s.paging == "keyset downwards" {
		slices.Reverse(all)
	}
	return all
}

// hasTrap reports whether the trap can be set in this source and can lose records.
func (s *randomSource) hasTrap(trap string) bool {
	if s.last() == 0 {
		return false
	}
	// A source that includes the record of the key in the request repeats it at the end.
	if slices.Contains(byKey, s.paging) && s.starts[1] == 1 {
		return false
	}
	switch trap {
	case "misspelled":
		return !slices.Contains([]string{"link header", "header", "scroll", "connection"}, s.paging)
	case "wrong total":
		// A page of one record that reaches the total is not checked.
		return slices.Contains(byCount, s.paging) && s.starts[1] > 1
	case "wrong order":
		return slices.Contains(byKey, s.paging)
	case "no end":
		return s.mayBeEmpty()
	case "redirects forever":
		return true
	}
	return s.paging != "scroll"
}

// reader returns how a client reads the source: page by page, ahead, or several pages at
// a time.
func (s *randomSource) reader() transport.Paging {
	p := randomPagings[s.paging](s.misspelled())
	if numbered, ok := p.(transport.Numbered); ok && slices.Contains(byCount, s.paging) && s.rnd.IntN(3) == 0 {
		p = transport.Parallel(numbered, 2+s.rnd.IntN(3))
	}
	if s.rnd.IntN(3) == 0 {
		p = transport.Prefetch(p, 1+s.rnd.IntN(3))
	}
	if s.trap == "" && s.rnd.IntN(4) == 0 {
		p = transport.MaxStalled(p, 30) // the number of the empty pages of a list
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
	req := transport.Request{Path: "/items", RecordsAt: s.recordsAt, Query: map[string][]string{"filter": {"a b"}}}
	switch s.paging {
	case "page token in the body", "total in the body":
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
	if _, err := r.Cookie("seen"); s.cookies && err != nil {
		return responseWith(r, http.StatusTemporaryRedirect, http.Header{"Location": {r.URL.RequestURI()}, "Set-Cookie": {"seen=yes; Path=/"}}, nil), nil
	}
	if s.trap == "redirects forever" && s.pages > 0 {
		return responseWith(r, http.StatusTemporaryRedirect, http.Header{"Location": {fmt.Sprint(r.URL.Path, "?again=", s.requests)}}, nil), nil
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
	var r io.Reader = bytes.NewReader(body[:s.rnd.IntN(max(1, len(body)))])
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
	number, ids := s.requested(r)
	if s.trap != "repeats the first page" && number > s.last() {
		switch s.beyond {
		case "last page":
			number, ids = s.last(), s.ids(s.last())
		case "404":
			return responseWith(r, http.StatusNotFound, http.Header{}, nil)
		case "400":
			return responseWith(r, http.StatusBadRequest, http.Header{}, []byte(`{"detail":"invalid page"}`))
		}
	}
	records := []map[string]any{}
	for _, id := range ids {
		records = append(records, map[string]any{"id": id, "name": s.name(id)})
	}
	// A member that differs in each response must not hide that a page is repeated.
	body := map[string]any{"request": s.requests}
	if name, inner, nested := strings.Cut(s.recordsAt, "."); nested {
		body[name] = map[string]any{inner: records}
	} else {
		body[name] = records
	}
	header := http.Header{"Content-Type": {"application/json"}}
	s.addPointer(r, body, header, number, records)
	text, _ := json.Marshal(body)
	if e := randomCharsets[s.charset]; e != nil {
		text, _ = e.NewEncoder().Bytes(text)
		if !strings.HasPrefix(s.charset, "undeclared") {
			header.Set("Content-Type", "application/json; charset="+s.charset)
		}
	}
	return responseWith(r, http.StatusOK, header, s.compress(text, header))
}

// requested returns the number of the page that a request asks for, from 0, and the ids of
// its records.
func (s *randomSource) requested(r *http.Request) (number int, ids []int) {
	if key, ok := s.key(r); ok {
		return s.after(key)
	}
	number = s.pageNumber(r)
	if s.trap == "repeats the first page" {
		return number, s.ids(0)
	}
	return number, s.ids(number)
}

// ids returns the ids of the records of a page.
func (s *randomSource) ids(page int) (ids []int) {
	if page > s.last() {
		return nil
	}
	for i := s.starts[page]; i < s.starts[page+1]; i++ {
		ids = append(ids, i+1)
	}
	return ids
}

// key returns the key after which a request asks for records, and false if the source does
// not divide its records by a key.
func (s *randomSource) key(r *http.Request) (key int, ok bool) {
	param := map[string]string{"keyset": "since_id", "keyset and a flag": "starting_after", "keyset downwards": "before_id"}[s.paging]
	key, _ = strconv.Atoi(r.URL.Query().Get(param))
	return key, param != ""
}

// after returns the number of the page after a key, and the ids of its records. Sources that
// sort in the wrong order still have only records after the key.
func (s *randomSource) after(key int) (number int, ids []int) {
	downwards := s.paging == "keyset downwards"
	for id := 1; id <= s.len(); id++ {
		if !downwards && id > key || downwards && (key == 0 || id < key) {
			ids = append(ids, id)
		}
	}
	if s.trap == "repeats the first page" {
		ids = nil
		for id := range s.len() {
			ids = append(ids, id+1)
		}
	}
	if downwards != (s.trap == "wrong order") {
		slices.Reverse(ids)
	}
	size := s.starts[1]
	if len(ids) <= size {
		return s.last(), ids
	}
	return 0, ids[:size]
}

// pageNumber returns the number of the page that a request asks for, from 0.
func (s *randomSource) pageNumber(r *http.Request) int {
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
		Query struct {
			Cursor string
			From   int
		}
		Variables struct{ After string }
	}
	if r.Body != nil {
		text, _ := io.ReadAll(r.Body)
		// The names of members are case-sensitive for most sources.
		text = bytes.ReplaceAll(text, []byte("From"), []byte("other"))
		_ = json.Unmarshal(text, &sent)
	}
	switch s.paging {
	case "page token", "page token and a flag", "page token that ends with 0":
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
	case "total in the body":
		return pageFrom(sent.Query.From)
	case "scroll":
		if s.position++; !query.Has("scroll_id") {
			s.position = 0
		}
		return s.position
	}
	return parameter("p")
}

// addPointer adds what leads to the next page, and the totals.
func (s *randomSource) addPointer(r *http.Request, body map[string]any, header http.Header, page int, records []map[string]any) {
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
	case "next URL and the end":
		body["end_of_stream"] = !more
		body["next_page"] = url // also on the last page, as Zendesk does
	case "header":
		if more {
			header.Set("X-Next-Page", next)
		}
	case "page token that ends with 0":
		body["offset"] = 0
		if more {
			body["offset"] = page + 1
		}
	case "page token and a flag":
		body["paging"] = map[string]any{"cursors": map[string]any{"after": next}, "has_more": more}
	case "keyset and a flag":
		body["has_more"] = more
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
		body["data"] = map[string]any{"items": map[string]any{"nodes": records,
			"pageInfo": map[string]any{"hasNextPage": more, "endCursor": next}}}
	case "number of pages":
		body["pages"] = json.RawMessage(fmt.Sprintf(s.number, s.count))
	case "total", "total in the body":
		body["total"] = json.RawMessage(fmt.Sprintf(s.number, s.total))
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
