package replay

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/penstock-sdk/penstock/transport"
)

// A player responds to requests from a recording.
type player struct {
	t         testing.TB
	path      string
	settings  *settings
	scrub     *scrubber
	exchanges []*exchange
	equal     map[string][]*exchange // by key, in the order of the recording

	mu       sync.Mutex // guards the following fields and exchange.played
	known    *scrubber  // also knows the credentials of the requests so far
	reported bool       // the test was failed for a request that was not recorded
	over     bool       // the test has ended
}

// An exchange is a recorded request with its response.
type exchange struct {
	request  *canonical
	response *cassette.Response
	played   bool
}

func newPlayer(t testing.TB, path string, s *settings) *player {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read the recording: %v; to record it: %s", err, command(t.Name()))
	}
	c, err := load(data)
	if err != nil {
		t.Fatalf("%s is not a valid recording: %v; to record it again: %s", path, err, command(t.Name()))
	}
	scrub := s.scrubber()
	p := &player{t: t, path: path, settings: s, scrub: scrub, known: scrub, equal: map[string][]*exchange{}}
	for _, i := range c.Interactions {
		e := &exchange{request: s.canonical(&i.Request), response: &i.Response}
		p.exchanges = append(p.exchanges, e)
		key := e.request.key()
		p.equal[key] = append(p.equal[key], e)
	}
	t.Cleanup(p.end)
	return p
}

func (p *player) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := bodyOf(req)
	if err != nil {
		return nil, err
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	r := requestOf(req, body)
	if r.Body, err = decompress(r.Body, r.Headers); err != nil {
		return nil, errors.New(p.scrub.text(fmt.Sprintf("%s: request body for %s: %v", p.path, hostOf(r.URL), err)))
	}
	p.learn(p.scrub.learned(&r)).request(&r)
	asked := p.settings.canonical(&r)
	if e := p.next(asked.key()); e != nil {
		return e.respond(req), nil
	}
	return nil, p.reject(asked)
}

// learn returns the scrubber for a request with these credentials. A recording hides the
// credentials of all requests in each of them, so those of earlier requests count, too.
func (p *player) learn(credentials []string) *scrubber {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known = p.known.and(credentials...)
	return p.known
}

// next returns the exchange that a request gets: the first one with this key that was
// not played yet, or the last one.
func (p *player) next(key string) *exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	var e *exchange
	for _, e = range p.equal[key] {
		if !e.played {
			break
		}
	}
	if e != nil {
		e.played = true
	}
	return e
}

// respond returns the recorded response to req.
func (e *exchange) respond(req *http.Request) *http.Response {
	r := *e.response
	if r.Headers = r.Headers.Clone(); r.Headers == nil {
		r.Headers = http.Header{}
	}
	if req.Method != http.MethodHead {
		fitLength(&r)
	}
	resp := &http.Response{
		Status: statusOf(&r), StatusCode: r.Code,
		Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor,
		Header: r.Headers, ContentLength: r.ContentLength, Request: req,
		Body: http.NoBody,
	}
	if r.Body != "" {
		resp.Body = io.NopCloser(strings.NewReader(r.Body))
	}
	if resp.Proto == "" {
		resp.Proto, resp.ProtoMajor, resp.ProtoMinor = "HTTP/1.1", 1, 1
	}
	return resp
}

// reject returns the error of a request that was not recorded. The first one also
// fails the test.
func (p *player) reject(asked *canonical) error {
	p.t.Helper()
	err := &unrecordedError{p.path + ": " + p.nearest(asked) + "; to record again: " + command(p.t.Name())}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A test that has ended can no longer fail.
	if !p.reported && !p.over {
		p.reported = true
		p.t.Errorf("%v", err)
	}
	return err
}

// nearest describes the recorded request that is most similar to a request.
func (p *player) nearest(asked *canonical) string {
	if len(p.exchanges) == 0 {
		return asked.shown + " was not recorded, and the recording is empty"
	}
	const shown = 5
	best, smallest, number := []difference(nil), 0, 0
	for n, e := range p.exchanges {
		found, weight := differences(e.request, asked), 0
		for _, d := range found {
			weight += d.weight
		}
		if n == 0 || weight < smallest {
			best, smallest, number = found, weight, n
		}
	}
	var texts []string
	for i, d := range best {
		if i == shown {
			texts = append(texts, fmt.Sprintf("and %d more", len(best)-shown))
			break
		}
		texts = append(texts, d.text)
	}
	return fmt.Sprintf("%s was not recorded; the nearest is exchange %d, %s; differences: %s",
		asked.shown, number, p.exchanges[number].request.shown, strings.Join(texts, "; "))
}

// end reports recorded requests that were not made, if the test is strict.
func (p *player) end() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if !p.settings.strict || p.t.Failed() || p.t.Skipped() {
		return
	}
	for n, e := range p.exchanges {
		if !e.played {
			p.t.Errorf("%s: exchange %d was recorded but not requested: %s; to record again: %s", p.path, n, e.request.shown, command(p.t.Name()))
		}
	}
}

// An unrecordedError reports a request that is not in the recording.
type unrecordedError struct{ text string }

func (e *unrecordedError) Error() string { return e.text }

// Is reports true also for the error of package transport for a request to a foreign
// host. Package transport treats such an error as a defect and does not retry it.
func (e *unrecordedError) Is(target error) bool {
	return target == ErrNotRecorded || target == transport.ErrForeignHost
}

// Temporary and Timeout return false, so that other HTTP clients do not retry the
// request.
func (e *unrecordedError) Temporary() bool { return false }
func (e *unrecordedError) Timeout() bool   { return false }
