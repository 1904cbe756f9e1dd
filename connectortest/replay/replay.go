// Package replay records the HTTP traffic of a real API, once, and answers the
// requests of a connector's tests from the recording ever after.
//
//	func TestOrders(t *testing.T) {
//		c := &Connector{APIKey: connector.Secret(cmp.Or(os.Getenv("SHOP_API_KEY"), "key-0123456789"))}
//		network := replay.Open(t, "testdata/orders.yaml", replay.Scrub(c.APIKey.Reveal()))
//
//		sync := connectortest.Sync(t, c, connectortest.Network(network))
//		assert.Len(t, sync.Rows("orders"), 5)
//	}
//
// With
//
//	SHOP_API_KEY=… go test -run TestOrders -replay.record
//
// requests go to the real API, and the file is written when the test is over, if
// it passed. It is for the review to see, and to commit. Without the flag the
// file answers, and no request reaches the network. In continuous integration,
// where the environment's CI is set, recording is refused.
//
// Each test has a file of its own, and has to ask for the same each time: what
// depends on the time is pinned, or left out by [Ignore].
//
// # What is taken out
//
// No secret reaches the disk. Each is replaced, in requests and in responses,
// before anything is written:
//
//   - the values that [Scrub] gives, wherever they stand: plain, URL-escaped, in
//     JSON, HTML, hex, and in base64, alone or as a part of what was encoded
//   - headers whose names sound secret: Authorization, Cookie, Set-Cookie, and
//     what has auth, key, token, secret, signature, password, session or cookie
//     in its name, but for tokens of pages
//   - parameters in URLs whose names sound secret, such as api_key, token, sig
//     or X-Amz-Signature; URLs in bodies and headers included
//   - such fields in forms, and client_secret, code, assertion
//   - access_token, refresh_token, id_token, client_secret, password and
//     assertion in JSON, also in camel case
//   - a value of 16 bytes or more that a request of the recording had in one of
//     these places, or that an answer gave as a token: wherever else it stands
//
// Then the file is looked through for these values once more, by other means;
// where one is left, nothing is written and the test fails. [Keep] excepts names
// that only sound secret.
//
// What stands in compressed files, in images or in other encodings is not found.
// Personal data stays: record with an account for tests.
//
// # What is replayed
//
// A request is answered by the recorded one with the same method, URL and body.
// The order of parameters makes no difference. JSON is compared as JSON with
// the digits of its numbers, a form as a form, everything else byte by byte.
// Headers make no difference. Secrets make none either, for they are taken out
// of both: a test is replayed with any key. A token that was taken out of an
// answer is handed on as a placeholder, which the connector then sends.
//
// Equal requests are answered in the order in which they were recorded, so that
// a job that is polled becomes ready, and a retry succeeds. The last answer is
// given again to whoever asks more often: a second sync reads what the first one
// read at its end. A recording therefore leaves out answers at its end that say
// the same again.
//
// An answer has the status, the headers and the body that were recorded, but
// for Date, what was taken out, and compression: bodies are stored decoded.
//
// A request that was not recorded fails with [ErrNotRecorded]. The error says
// which recorded request is nearest, and what differs; package transport does
// not repeat such a request, and takes it for a defect. The first one fails the
// test as well, should the connector swallow the error.
//
// # What it is not for
//
// connectortest.Run asks again from any state, and with wrong secrets. A
// recording lets everybody in and knows no other states: a source in memory is
// better there.
package replay

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
)

var record = flag.Bool("replay.record", false, "send requests to the real API and write the files of package replay")

// ErrNotRecorded is what the error of a request is that the file does not
// answer, found with errors.Is.
var ErrNotRecorded = errors.New("the request was not recorded")

// shortestSecret is the length from which a secret can be told from other text.
const shortestSecret = 4

// An Option changes how traffic is recorded and replayed.
type Option func(*settings)

type settings struct {
	secrets         []string
	keep, ignore    map[string]bool
	anyHost, strict bool
	network         http.RoundTripper
}

// Scrub gives values that are secret. They are the same in number and meaning,
// but not in value, when the test is recorded and when it is replayed: give what
// the connector has. An empty one is ignored when replaying; when recording, one
// of less than four bytes fails the test. Several Scrub add up. The default is
// what the package finds by itself.
func Scrub(values ...string) Option {
	return func(s *settings) { s.secrets = append(s.secrets, values...) }
}

// Keep names headers, parameters, form fields and JSON members that only sound
// secret, such as the key of an object, in any case. What [Scrub] gives is taken
// out of them nevertheless, and Set-Cookie is not excepted. Several Keep add up.
// The default is none.
func Keep(names ...string) Option {
	return func(s *settings) { add(s.keep, names) }
}

// Ignore names query parameters that make no difference, such as a time stamp,
// in any case. Several Ignore add up. The default is none.
func Ignore(parameters ...string) Option {
	return func(s *settings) { add(s.ignore, parameters) }
}

func add(set map[string]bool, names []string) {
	for _, name := range names {
		set[strings.ToLower(name)] = true
	}
}

// IgnoreHost takes requests that differ in scheme and host alone for the same,
// where each account has a host of its own. The default is that both count.
func IgnoreHost() Option {
	return func(s *settings) { s.anyHost = true }
}

// Strict fails a test that passed without asking for all that was recorded. The
// default is that a test may ask for less.
func Strict() Option {
	return func(s *settings) { s.strict = true }
}

// Through sets the network that reaches the real API when recording, such as one
// with a client certificate. The default is a copy of http.DefaultTransport.
func Through(network http.RoundTripper) Option {
	return func(s *settings) { s.network = network }
}

// Open returns a network that replays the file at path, or records it if the
// flag -replay.record is set. A file that is missing or that can't be read fails
// the test at once, with the command that records it. What is recorded is written
// at the end of the test, in place of what was there before; nothing is, if the
// test failed or was skipped, and a test that made no request fails.
//
// The network is good for the duration of t, and safe for concurrent use. When
// recording, requests and responses are held in memory as a whole; request
// headers say that gzip is the compression that is understood, because others
// can't be looked into.
func Open(t testing.TB, path string, options ...Option) http.RoundTripper {
	t.Helper()
	s := &settings{keep: map[string]bool{}, ignore: map[string]bool{}}
	for _, option := range options {
		option(s)
	}
	if *record {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s: -replay.record in continuous integration: record where the change is reviewed", path)
		}
		for i, secret := range s.secrets {
			if len(secret) < shortestSecret {
				t.Fatalf("%s: value %d of Scrub is empty or too short to be told from other text: want %d bytes or more", path, i+1, shortestSecret)
			}
		}
		return newRecorder(t, path, s)
	}
	return newPlayer(t, path, s)
}

// scrubber returns what takes out the secrets that are given.
func (s *settings) scrubber() *scrubber {
	var long []string
	for _, secret := range s.secrets {
		if len(secret) >= shortestSecret {
			long = append(long, secret)
		}
	}
	return (&scrubber{keep: s.keep}).and(long...)
}

// command is how a test's file is written anew.
func command(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return fmt.Sprintf("go test -run '^%s$' -replay.record", name)
}
