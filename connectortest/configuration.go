package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/internal/secretname"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
)

var specRule = rule{
	name:     "Spec",
	contract: "a connector's exported fields are its configuration: a form can be made of them, what they hold is valid, and whatever nobody else may know is a connector.Secret",
	mend:     "see package host/config for the tags that fields can have; tag fields that are no configuration `json:\"-\"`",
	check: func(s *suite, c *check) {
		spec, err := specOf(s.connector)
		if err != nil {
			c.hopeless("there is no spec: %v", err)
		}
		if again, err := specOf(s.connector); err != nil || !bytes.Equal(spec, again) {
			c.broken("a second spec is another one (error %v):\n%s\n%s", err, spec, again)
		}
		if _, err := configured(c.Context(), s.connector); err != nil {
			c.broken("the configuration that Run was given is not valid: %v", err)
		}
		for _, f := range fieldsOf(s.connector) {
			if f.Kind == config.Text && !f.Secret && secretname.Field(f.name) {
				c.broken("field %s is a %T: it can be logged and printed, and forms show it", f.name, f.Get(s.connector))
			}
		}
	},
}

var schemaRule = rule{
	name:     "Schema",
	contract: "Schema returns the same tables in the same order each time; the names of tables and of columns are legal and distinct even where case is folded; keys are never null and no JSON; all types are known",
	mend:     "make the schema with schema.New, in an order that does not come from a map or from the source's mood",
	check: func(s *suite, c *check) {
		first := s.discover(c)
		again := s.discover(c)
		if a, b := describe(first), describe(again); a != b {
			c.broken("a second call of Schema returned something else:\nfirst:\n%s\nsecond:\n%s", a, b)
		}
		if len(first) == 0 {
			c.broken("the schema has no tables")
		}
		folded := map[string]*schema.Table{}
		for _, t := range first {
			if err := t.Validate(); err != nil {
				c.broken("table %s: %v", t, err)
			}
			if other := folded[strings.ToLower(t.String())]; other != nil {
				c.broken("tables %s and %s are one to a destination that folds case", other, t)
			}
			folded[strings.ToLower(t.String())] = t
		}
	},
}

// discover returns the tables of a fresh copy of the connector.
func (s *suite) discover(c *check) []*schema.Table {
	if s.program != nil {
		return s.program.discover(c)
	}
	var tables []*schema.Table
	err := s.with(c, s.connector, s.network, func(run *host.Run) error {
		found, err := run.Schema()
		if err == nil {
			tables = found.Tables()
		}
		return err
	})
	if err != nil {
		c.hopeless("Schema failed: %v", err)
	}
	return tables
}

// describe returns everything that a destination makes of tables.
func describe(tables []*schema.Table) string {
	var b strings.Builder
	for _, t := range tables {
		b.WriteString("    " + t.String())
		for _, column := range t.Columns {
			// Descriptions are for people, the rest is for machines.
			column.Description = ""
			text, _ := json.Marshal(column) // plain fields
			b.Write(text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

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

// wrongSecret is no secret of any source, and easy to find where it shows up.
const wrongSecret = "wrong-9f8e7d6c5b4a39281706"

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

// tryTest asks the connector to test its configuration, as a platform does.
func (s *suite) tryTest(c *check, of connector.Connector, network http.RoundTripper) outcome {
	began := time.Now()
	err := s.with(c, of, network, (*host.Run).Test)
	a := outcome{err: err, took: time.Since(began)}
	if err != nil {
		a.message = err.Error()
	}
	return a
}

// with runs do with a configured copy of a connector, as a platform does.
func (s *suite) with(c *check, of connector.Connector, network http.RoundTripper, do func(*host.Run) error) error {
	ctx, stop := context.WithTimeoutCause(c.Context(), s.tooLong, errHung)
	defer stop()
	if network != nil {
		ctx = transport.NewContext(ctx, network)
	}
	run, err := configured(ctx, of, host.Grace(promptly), host.LogTo(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := do(run); err != nil {
		_ = run.Close() // the first error says more
		return err
	}
	return run.Close()
}

// configured returns a run of a copy of the connector, whose fields are its
// configuration.
func configured(ctx context.Context, c connector.Connector, opts ...host.Option) (*host.Run, error) {
	run := host.New(ctx, c, opts...)
	if _, err := run.Configure(nil); err != nil {
		_ = run.Close() // nothing was opened
		return nil, err
	}
	return run, nil
}

// specOf returns the JSON Schema of a connector's configuration.
func specOf(c connector.Connector) ([]byte, error) {
	form, err := config.FormOf(c)
	if err != nil {
		return nil, err
	}
	return form.Spec()
}
