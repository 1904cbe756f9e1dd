package replay

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var record = flag.Bool("replay.record", false, "send requests to the real API and write the recordings of package replay")

// ErrNotRecorded reports a request that is not in the recording. Errors of such
// requests wrap it; use errors.Is.
var ErrNotRecorded = errors.New("the request was not recorded")

// shortestSecret is the minimum length in bytes of a value of Scrub. Shorter values
// also occur in text that is not secret.
const shortestSecret = 4

// An Option changes how traffic is recorded and replayed.
type Option func(*settings)

type settings struct {
	secrets         []string
	keep, ignore    map[string]bool
	anyHost, strict bool
	network         http.RoundTripper
}

// Scrub adds values that are secret. Pass the connector's own secrets, in the same
// order when recording and when replaying. Their values may differ.
//
// When recording, a value shorter than four bytes fails the test. When replaying,
// such a value is ignored. Scrub may be used several times. By default, only the
// secrets that the package recognizes itself are replaced.
func Scrub(values ...string) Option {
	return func(s *settings) { s.secrets = append(s.secrets, values...) }
}

// Keep names headers, parameters, form fields and JSON members that sound secret but
// are not, such as the key of an object. Their values are not replaced, unless they
// contain a value of [Scrub]. Set-Cookie is always replaced. Case does not matter.
// Keep may be used several times.
func Keep(names ...string) Option {
	return func(s *settings) { add(s.keep, names) }
}

// Ignore names query parameters that are not compared, such as a timestamp. Case
// does not matter. Ignore may be used several times. By default, all parameters are
// compared.
func Ignore(parameters ...string) Option {
	return func(s *settings) { add(s.ignore, parameters) }
}

func add(set map[string]bool, names []string) {
	for _, name := range names {
		set[strings.ToLower(name)] = true
	}
}

// IgnoreHost excludes the scheme and the host from the comparison of requests. Use it if
// each account of the API has a different host. By default, both are compared.
func IgnoreHost() Option {
	return func(s *settings) { s.anyHost = true }
}

// Strict fails a test that passes without making all recorded requests. By default,
// a test may make fewer requests.
func Strict() Option {
	return func(s *settings) { s.strict = true }
}

// Network sets the round tripper that reaches the real API when recording, such as
// one with a client certificate. The default is a copy of http.DefaultTransport.
func Network(network http.RoundTripper) Option {
	return func(s *settings) { s.network = network }
}

// Open returns a round tripper that replays the recording at path or, if the flag
// -replay.record is set, records it. It is safe for concurrent use until t ends.
//
// When replaying, a missing or invalid file fails the test immediately. The message
// contains the command that records it.
//
// When recording, the file is replaced at the end of the test. If the test fails
// or is skipped, the file does not change. A test without requests fails. Requests
// and responses are held in memory as a whole. The header Accept-Encoding of requests
// is reduced to gzip, because secrets could not be found in other compressions.
func Open(t testing.TB, path string, options ...Option) http.RoundTripper {
	t.Helper()
	s := &settings{keep: map[string]bool{}, ignore: map[string]bool{}}
	for _, option := range options {
		option(s)
	}
	if *record {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s: -replay.record is not allowed in continuous integration: record locally and commit the file", path)
		}
		for i, secret := range s.secrets {
			if len(secret) < shortestSecret {
				t.Fatalf("%s: value %d of Scrub is too short to be distinguished from other text: want at least %d bytes", path, i+1, shortestSecret)
			}
		}
		if s.scrubber().leaks()(filepath.Base(path)) != "" {
			t.Fatalf("the name of the recording contains a value of Scrub: choose a name without secrets")
		}
		return newRecorder(t, path, s)
	}
	return newPlayer(t, path, s)
}

// scrubber returns a scrubber for the values of Scrub.
func (s *settings) scrubber() *scrubber {
	var long []string
	for _, secret := range s.secrets {
		if len(secret) >= shortestSecret {
			long = append(long, secret)
		}
	}
	return (&scrubber{keep: s.keep}).and(long...)
}

// command returns the command that records the file of a test.
func command(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return fmt.Sprintf("go test -run '^%s$' -replay.record", name)
}
