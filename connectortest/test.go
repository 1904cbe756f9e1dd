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
	contract: "Test succeeds if Sync would, and fails otherwise; it fails within a minute, with an error of kind Configuration that contains no secret",
	fix:      "let Test send the smallest request that needs the same permissions as Sync, and return its error unchanged or wrapped with %w; connector.Errorf(connector.Configuration, …) makes an error of that kind",
	check:    checkTest,
}

// The fixes of tests that fail, or fail in the wrong way.
const (
	fixTestFails  = "check the configuration that was passed to Run and that the source is reachable; let Test send a request that succeeds whenever Sync does"
	fixTestPasses = "let Test send the smallest request that needs the same credentials and permissions as Sync"
	fixTestKind   = "return the error of the request unchanged or wrapped with %w, so that it keeps its kind; connector.Errorf(connector.Configuration, …) makes an error of that kind"
	fixTestSecret = "don't put values of the configuration into errors; keep secrets in fields of type connector.Secret"
	fixTestSlow   = "pass the context of Test to everything that waits, and don't repeat a request that the source rejects"
)

// wrongSecret replaces secrets of the configuration. No source accepts it, and it
// is easy to find in output.
const wrongSecret = "wrong-9f8e7d6c5b4a39281706"

func checkTest(s *suite, c *check) {
	if r := runTest(s, c, s.connector, s.network); r.err != nil {
		c.failWithf(fixTestFails, "Test failed with the configuration that was passed to Run: %v%s", r.err, s.noRequestHint())
		return
	}
	checkMissingFields(s, c)
	// Test may succeed if Sync does, too: a source may accept everyone, and a
	// connector may reach its source without package transport.
	for _, f := range secretFields(s.connector) {
		checkTestNotices(s, c, "a wrong "+f.name, attempt{connector: f.withWrongSecret(s.connector), network: s.network})
	}
	checkTestNotices(s, c, "a source that responds with 401 Unauthorized", attempt{connector: s.connector, network: unauthorized{}})
}

// checkMissingFields runs Test without each required field.
func checkMissingFields(s *suite, c *check) {
	bare := reflect.New(reflect.TypeOf(s.connector).Elem()).Interface().(connector.Connector) // s.connector is one, too
	form, err := config.FormOf(bare)
	if err != nil {
		c.failf("the configuration without defaults has no spec: %v", err)
		return
	}
	for name, f := range form.Walk() {
		if !f.Required {
			continue
		}
		if without, err := f.Without(s.connector); err == nil {
			wantConfigurationError(s, c, "without field "+name, runTest(s, c, without, s.network))
		}
	}
}

// checkTestNotices fails if Test succeeds and Sync does not.
func checkTestNotices(s *suite, c *check, circumstance string, a attempt) {
	r := runTest(s, c, a.connector, a.network)
	if r.err != nil {
		wantConfigurationError(s, c, "with "+circumstance, r)
		return
	}
	if !s.baselineSucceeds(c) {
		return
	}
	if d := s.sync(c.Context(), a); d.err != nil && connector.KindOf(d.err) == connector.Configuration {
		c.failWithf(fixTestPasses, "with %s, Test succeeded, but Sync failed: %s", circumstance, d.failure())
	}
}

func wantConfigurationError(s *suite, c *check, circumstance string, r testResult) {
	if r.err == nil {
		c.failWithf(fixTestPasses, "%s, Test succeeded instead of failing", circumstance)
		return
	}
	if kind := connector.KindOf(r.err); kind != connector.Configuration {
		c.failWithf(fixTestKind, "%s, the error of Test has kind %v: %v", circumstance, kind, r.err)
	}
	if secret := newSecretFinder(s.connector, wrongSecret).find(r.err.Error()); secret != "" {
		c.failWithf(fixTestSecret, "%s, the error of Test contains the secret %s", circumstance, secret)
	}
	if r.took > time.Minute {
		c.failWithf(fixTestSlow, "%s, Test took %v", circumstance, r.took.Round(time.Second))
	}
}

// A testResult is the outcome of a call of Test.
type testResult struct {
	err  error
	took time.Duration
}

// runTest calls Test as a platform does.
func runTest(s *suite, c *check, of connector.Connector, network http.RoundTripper) testResult {
	began := time.Now()
	err := s.withRun(c, of, network, storedRun.Test)
	return testResult{err, time.Since(began)}
}

// unauthorized is the network of a source that rejects every request.
type unauthorized struct{}

func (unauthorized) RoundTrip(r *http.Request) (*http.Response, error) {
	closeBody(r)
	return newResponse(r, http.StatusUnauthorized, nil, `{"error":"unauthorized"}`), nil
}
