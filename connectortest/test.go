package connectortest

import (
	"net/http"
	"reflect"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

var testRule = rule{
	name:     "Test",
	contract: "Test succeeds with a configuration with which Sync does, and with no other; it fails within a minute with an error of kind Configuration, or one that says so, which bears no secret",
	mend:     "let Test make the least request that needs everything Sync needs, and return its error as it is or wrapped by %w; connector.Errorf(connector.Configuration, …) makes one of that kind",
	check: func(s *suite, c *check) {
		if ok := s.testSucceeds(c); ok {
			s.testMisses(c)
			s.testRefuses(c)
		}
	},
}

func (s *suite) testSucceeds(c *check) bool {
	a := s.tryTest(c, s.connector, s.network)
	if a.err != nil {
		c.broken("Test failed with the configuration that Run was given: %s%s", a.message, s.unasked())
	}
	return a.err == nil
}

// testMisses looks at what becomes of a configuration from which a required
// field is missing.
func (s *suite) testMisses(c *check) {
	bare := reflect.New(reflect.TypeOf(s.connector).Elem()).Interface().(connector.Connector) // as the suite's is one
	form, err := config.FormOf(bare)
	if err != nil {
		c.broken("there is no form of a connector without defaults: %v", err)
		return
	}
	for name, f := range form.Walk() {
		if !f.Required {
			continue
		}
		if without, err := f.Without(s.connector); err == nil {
			s.wantConfigurationError(c, "field "+name+" missing", s.tryTest(c, without, s.network))
		}
	}
}

// testRefuses looks at what becomes of wrong secrets, and of a source that lets
// nobody in. Where Test does not notice, Sync must not notice either: a source
// may let everyone in, and a connector may have other ways than package
// transport.
func (s *suite) testRefuses(c *check) {
	for _, f := range secretFields(s.connector) {
		s.testNotices(c, "a wrong "+f.name, journey{connector: f.wrong(s.connector), network: s.network})
	}
	s.testNotices(c, "a source that answers 401 Unauthorized", journey{connector: s.connector, network: refusing{}})
}

func (s *suite) testNotices(c *check, how string, j journey) {
	a := s.tryTest(c, j.connector, j.network)
	if a.err != nil {
		s.wantConfigurationError(c, how, a)
		return
	}
	if d := s.travel(c.Context(), j); s.succeeds(c) && d.err != nil && connector.KindOf(d.err) == connector.Configuration {
		c.broken("with %s, Test succeeded and Sync failed: %s", how, d.failure())
	}
}

func (s *suite) wantConfigurationError(c *check, how string, a outcome) {
	if a.err == nil {
		c.broken("with %s, Test succeeded", how)
		return
	}
	if kind := connector.KindOf(a.err); kind != connector.Configuration {
		c.broken("with %s, the error of Test has kind %v: %s", how, kind, a.message)
	}
	if f, form, ok := finderOf(s.connector, wrongSecret).find(a.message); ok {
		c.broken("with %s, the message of Test holds the secret %s (%s)", how, f, form)
	}
	if a.took > time.Minute {
		c.broken("with %s, Test took %v", how, a.took.Round(time.Second))
	}
}

// wrongSecret is no secret of any source, and easy to find where it shows up.
const wrongSecret = "wrong-9f8e7d6c5b4a39281706"

// refusing is the network of a source that lets nobody in.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	drop(r)
	return answerTo(r, http.StatusUnauthorized, nil, `{"error":"unauthorized"}`), nil
}

// An outcome is what became of a Test.
type outcome struct {
	err     error
	message string
	took    time.Duration
}
