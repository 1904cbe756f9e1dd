package replay

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
)

// A recorder sends requests to the real API and stores the exchanges.
type recorder struct {
	t        testing.TB
	path     string
	settings *settings
	network  http.RoundTripper

	mu        sync.Mutex
	exchanges []*cassette.Interaction // nil for a request without a response
	over      bool                    // the test has ended
}

func newRecorder(t testing.TB, path string, s *settings) *recorder {
	t.Helper()
	r := &recorder{t: t, path: path, settings: s, network: s.network}
	if r.network == nil {
		own := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			own = usual.Clone()
		}
		t.Cleanup(own.CloseIdleConnections)
		r.network = own
	}
	t.Cleanup(r.save)
	return r
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := bodyOf(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	over, n := r.over, len(r.exchanges)
	r.exchanges = append(r.exchanges, nil)
	r.mu.Unlock()
	if over {
		return nil, fmt.Errorf("%s: the test has ended", r.path)
	}
	sent := req.Clone(req.Context())
	if req.Body != nil {
		sent.Body = io.NopCloser(bytes.NewReader(body))
	}
	if accepted := sent.Header.Get("Accept-Encoding"); accepted != "" && accepted != "identity" {
		sent.Header.Set("Accept-Encoding", "gzip")
	}
	asked := requestOf(req, body) // now, because the round tripper may modify the headers
	resp, err := r.network.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	read, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // the read error matters more
	if err != nil {
		return nil, err
	}
	resp.Body, resp.Request = io.NopCloser(bytes.NewReader(read)), req
	answered := cassette.Response{
		Proto: resp.Proto, ProtoMajor: resp.ProtoMajor, ProtoMinor: resp.ProtoMinor,
		Status: resp.Status, Code: resp.StatusCode,
		Headers: resp.Header.Clone(), Body: string(read), ContentLength: resp.ContentLength,
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges[n] = &cassette.Interaction{Request: asked, Response: answered}
	return resp, nil
}

// save writes the recording at the end of the test.
func (r *recorder) save() {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	if r.t.Failed() || r.t.Skipped() {
		r.t.Logf("%s was not written, because the test did not pass", r.path)
		return
	}
	exchanges := slices.DeleteFunc(r.exchanges, func(i *cassette.Interaction) bool { return i == nil })
	if len(exchanges) == 0 {
		r.t.Errorf("%s was not written: no request through the round tripper of replay.Open got a response", r.path)
		return
	}
	data, err := r.settings.encode(exchanges)
	if err == nil {
		err = write(r.path, data)
	}
	if err != nil {
		// The error may quote a header or the name of a host.
		r.t.Errorf("%s was not written: %s", r.path, r.settings.scrubber().text(err.Error()))
		return
	}
	r.t.Logf("%s was written", r.path)
}

// encode returns the file of a recording, without secrets.
func (s *settings) encode(exchanges []*cassette.Interaction) ([]byte, error) {
	scrub := s.scrubber()
	var learned []string
	for n, i := range exchanges {
		if err := decode(i); err != nil {
			return nil, fmt.Errorf("exchange %d: %w", n, err)
		}
		learned = append(learned, scrub.learned(&i.Request)...)
		learned = append(learned, scrub.tokens(i.Response.Body)...)
	}
	scrub = scrub.and(learned...)
	for _, i := range exchanges {
		scrub.request(&i.Request)
		scrub.response(&i.Response)
		i.Response.Headers.Del("Date")
	}
	return encode(s.withoutRepeats(exchanges), scrub)
}

// withoutRepeats omits the last exchanges with equal requests and equal responses,
// because a player repeats the last response anyway.
func (s *settings) withoutRepeats(exchanges []*cassette.Interaction) []*cassette.Interaction {
	last := map[string][]int{}
	for n, i := range exchanges {
		key := s.canonical(&i.Request).key()
		last[key] = append(last[key], n)
	}
	repeats := map[int]bool{}
	for _, all := range last {
		for k := len(all) - 1; k > 0 && same(&exchanges[all[k-1]].Response, &exchanges[all[k]].Response); k-- {
			repeats[all[k]] = true
		}
	}
	var kept []*cassette.Interaction
	for n, i := range exchanges {
		if !repeats[n] {
			kept = append(kept, i)
		}
	}
	return kept
}

// same reports whether two responses are equal.
func same(a, b *cassette.Response) bool {
	return a.Code == b.Code && a.Body == b.Body && fmt.Sprint(a.Headers) == fmt.Sprint(b.Headers)
}

// bodyOf reads and closes the body of a request.
func bodyOf(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer func() { _ = req.Body.Close() }() // the body was only read
	return io.ReadAll(req.Body)
}

func requestOf(req *http.Request, body []byte) cassette.Request {
	return cassette.Request{
		Proto: req.Proto, ProtoMajor: req.ProtoMajor, ProtoMinor: req.ProtoMinor,
		Method: cmp.Or(req.Method, http.MethodGet), URL: req.URL.String(), Host: cmp.Or(req.Host, req.URL.Host),
		Headers: req.Header.Clone(), Body: string(body), ContentLength: int64(len(body)),
	}
}

// decode decompresses the bodies of an exchange. Otherwise, they could neither be
// scrubbed nor reviewed.
func decode(i *cassette.Interaction) (err error) {
	if i.Request.Body, err = decompress(i.Request.Body, i.Request.Headers); err != nil {
		return fmt.Errorf("request body for %s: %w", hostOf(i.Request.URL), err)
	}
	before := i.Response.Body
	if i.Response.Body, err = decompress(before, i.Response.Headers); err != nil {
		return fmt.Errorf("response body from %s: %w", hostOf(i.Request.URL), err)
	}
	if i.Response.Body != before {
		fitLength(&i.Response)
	}
	return nil
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the API"
	}
	return u.Host
}

// decompress returns a body without its Content-Encoding, and deletes that header. It
// returns an empty body, such as that of a response to HEAD, unchanged.
func decompress(body string, header http.Header) (string, error) {
	codings := strings.Split(strings.Join(header.Values("Content-Encoding"), ","), ",")
	if body == "" || len(codings) == 0 {
		return body, nil
	}
	for _, coding := range slices.Backward(codings) {
		var r io.Reader
		var err error
		switch coding = strings.ToLower(strings.TrimSpace(coding)); coding {
		case "", "identity":
			continue
		case "gzip", "x-gzip":
			r, err = gzip.NewReader(strings.NewReader(body))
		case "deflate":
			r, err = zlib.NewReader(strings.NewReader(body))
		default:
			return "", fmt.Errorf("the content encoding %q cannot be searched for secrets: want gzip or deflate", coding)
		}
		if err != nil {
			return "", fmt.Errorf("not valid %s: %w", coding, err)
		}
		plain, err := io.ReadAll(r)
		if err != nil {
			return "", fmt.Errorf("not valid %s: %w", coding, err)
		}
		body = string(plain)
	}
	header.Del("Content-Encoding")
	return body, nil
}
