package replay

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/penstock-sdk/penstock/transport"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
)

// A player answers requests from a file.
type player struct {
	t         testing.TB
	path      string
	settings  *settings
	scrub     *scrubber
	exchanges []*exchange
	equal     map[string][]*exchange // by key, in the order of the recording

	mu       sync.Mutex // guards the following, and exchange.played
	reported bool
	over     bool
}

type exchange struct {
	request  *canonical
	response *cassette.Response
	played   bool
}

func newPlayer(t testing.TB, path string, s *settings) *player {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; to record it: %s", err, command(t.Name()))
	}
	c, err := load(data)
	if err != nil {
		t.Fatalf("%s is no recording: %v; to record it anew: %s", path, err, command(t.Name()))
	}
	p := &player{t: t, path: path, settings: s, scrub: s.scrubber(), equal: map[string][]*exchange{}}
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
		return nil, fmt.Errorf("%s: the body of a request to %s: %w", p.path, hostOf(r.URL), err)
	}
	p.scrub.and(p.scrub.learned(&r)...).request(&r)
	asked := p.settings.canonical(&r)
	if e := p.next(asked.key()); e != nil {
		return e.answer(req), nil
	}
	return nil, p.refuse(asked)
}

// next returns the exchange that answers a request: the first of the equal ones
// that was not played, or the last.
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

func (e *exchange) answer(req *http.Request) *http.Response {
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

// refuse returns the error of a request that was not recorded, and tells the test
// of the first one.
func (p *player) refuse(asked *canonical) error {
	p.t.Helper()
	err := &unrecordedError{p.path + ": " + p.nearest(asked) + "; to record anew: " + command(p.t.Name())}
	p.mu.Lock()
	defer p.mu.Unlock()
	// A test that is over can't be failed any more.
	if !p.reported && !p.over {
		p.reported = true
		p.t.Errorf("%v", err)
	}
	return err
}

// nearest says what of the recording is most like a request.
func (p *player) nearest(asked *canonical) string {
	if len(p.exchanges) == 0 {
		return asked.shown + " was not recorded, nor was anything else"
	}
	const shown = 5
	best, least, number := []difference(nil), 0, 0
	for n, e := range p.exchanges {
		found, weight := differences(e.request, asked), 0
		for _, d := range found {
			weight += d.weight
		}
		if n == 0 || weight < least {
			best, least, number = found, weight, n
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
	return fmt.Sprintf("%s was not recorded; the nearest is exchange %d, %s; what differs: %s",
		asked.shown, number, p.exchanges[number].request.shown, strings.Join(texts, "; "))
}

// end looks for what was never asked for.
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
			p.t.Errorf("%s: exchange %d was recorded and not asked for: %s; to record anew: %s", p.path, n, e.request.shown, command(p.t.Name()))
		}
	}
}

// An unrecordedError is the failure of a request that the file doesn't answer.
type unrecordedError struct{ text string }

func (e *unrecordedError) Error() string { return e.text }

// Is makes the error one of those that package transport takes for a defect, not
// for an accident that is mended by asking again: here, too, a request leads to
// where it is not meant to go.
func (e *unrecordedError) Is(target error) bool {
	return target == ErrNotRecorded || target == transport.ErrForeignHost
}

// Temporary and Timeout say to other clients that asking again is no use.
func (e *unrecordedError) Temporary() bool { return false }
func (e *unrecordedError) Timeout() bool   { return false }
