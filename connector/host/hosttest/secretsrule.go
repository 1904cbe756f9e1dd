package hosttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var secretsRule = rule{
	name:     "Secrets",
	contract: "no secret reaches the platform, the log or an error, in any spelling and no matter what the connector does with it; a state that would contain one is rejected",
	fix:      "take every text for the platform from Run.Explain or from an operation, log only through Run.Log, and never write the request or the configuration",
	check: func(c *check) {
		for _, secret := range []string{planted, issued, obtained} {
			for i, s := range secretspelling.Spellings() {
				if isSpelt(s) {
					c.in("the secret %.3s… as %s", secret, s.Name)
					c.leak(i, secret, s.Spell(secret))
				}
			}
			c.in("the secret %.3s…", secret)
			c.leakToRows(secret)
			c.leakToState(secret)
			c.leakToTable(secret)
		}
		c.leakElsewhere()
	},
}

const (
	// planted is the secret in the configuration.
	planted = `pl"nted/sé<c&ret+qzvkwjxyab`
	// issued is a secret that the source issues at run time.
	issued = `iss"ed/tö>k&én+jwzkvqyxbabc`
	// obtained is a token that package transport obtains at run time.
	obtained = `obt"ned/tü<o&ken+vqjzkxwybadef`
	// rotated is a new value of the configuration.
	rotated = `rot"ted/và<l&ue+kzjqwvyxabxyz`
)

// withSecret returns a valid configuration with the planted secret.
func withSecret() []byte {
	text, _ := json.Marshal(map[string]string{"account": "a-1", "token": planted}) // it cannot fail for strings
	return text
}

// hide registers the issued and the obtained secret.
func hide(ctx context.Context) {
	connector.Hide(ctx, issued)
	runcredential.Hide(ctx, "hosttest", obtained)
}

// A secretError contains a secret in its field and its text.
type secretError struct{ Secret string }

func (e *secretError) Error() string { return "refused " + e.Secret }

// isSpelt reports whether a spelling is part of the rule. The others are exceptions that
// package connector documents, or need more than one line.
func isSpelt(s secretspelling.Spelling) bool {
	return !s.Last && !s.Twice && s.Spell(planted) != "" && !strings.HasPrefix(s.Name, "a word of a shell")
}

// leak makes a sync put the secret into the log, warnings, rows and errors. The number
// selects one of the kinds of errors.
func (c *check) leak(number int, secret, text string) {
	kinds := []struct {
		name string
		fail func() error
	}{
		{"an error", func() error { return errors.New("refused " + text) }},
		{"a panic", func() error { panic("refused " + text) }},
		{"a panic with a struct", func() error { panic(secretError{text}) }},
		{"a chain of errors", func() error {
			return fmt.Errorf("sync: %w", errors.Join(&secretError{text},
				&url.Error{Op: "Get", URL: "https://api.example.com/?token=" + text, Err: &secretError{text}},
				&connector.Error{Kind: connector.Transient, Table: "orders " + text, Hint: "ask with " + text, Err: &secretError{text}}))
		}},
	}
	for _, test := range kinds[number%len(kinds):][:1] {
		var log transcript
		s := syncing(shop, func(ctx context.Context, st state.State, out connector.Emitter) error {
			hide(ctx)
			l := connector.Logger(ctx)
			l.With("with", text).WithGroup("g").Error("message "+text, "attr", text, "error", &secretError{text}, "any", secretError{text},
				"ptr", &secretError{text}, slog.Group("group", "a", text), "bytes", []string{text})
			if err := out.Warn("careful: " + text); err != nil {
				return err
			}
			if err := out.Upsert("orders", map[string]any{"id": 1, "note": "key " + secret + "!", "deep": []any{map[string]any{"a": secret}}}); err != nil {
				return err
			}
			return test.fail()
		})
		a := c.serve(call{source: s, request: Request{Configuration: withSecret()}, opts: []host.Option{log.option()}})
		if a.err == nil || len(a.of(Failure)) != 1 {
			c.broken("%s: the host did not report one failure and return it", test.name)
		}
		if errors.As(a.err, new(*secretError)) || errors.As(a.err, new(*url.Error)) {
			c.broken("%s: errors.As finds the connector's own error, whose fields contain the secret", test.name)
		}
		if n := len(a.of(Row)); n != 1 {
			c.broken("%s: %d rows arrived, want the one row with the secret masked", test.name, n)
		}
		c.noSecrets(a, log.bytes(), secret)
	}
}

// leakToRows delivers raw rows with the secret in every JSON spelling.
func (c *check) leakToRows(secret string) {
	var want int
	s := syncing(shop, func(ctx context.Context, _ state.State, out connector.Emitter) error {
		hide(ctx)
		want = 0
		for _, s := range secretspelling.Spellings() {
			text := s.Spell(secret)
			var decoded string
			if json.Unmarshal([]byte(`"`+text+`"`), &decoded) != nil || decoded != secret {
				continue
			}
			row := fmt.Sprintf(`{"id":1,"note":"see %s","deep":{"a":["%[1]s"]}}`, text)
			if err := out.Upsert("orders", []byte(row)); err != nil {
				return err
			}
			want++
		}
		return nil
	})
	a := c.succeed(call{source: s, request: Request{Configuration: withSecret()}})
	if n := len(a.of(Row)); n != want || n < 3 {
		c.broken("%d rows arrived, want %d with the secret masked", n, want)
	}
	c.noSecrets(a, nil, secret)
}

// leakToState puts the secret into the state.
func (c *check) leakToState(secret string) {
	s := syncing(shop, func(ctx context.Context, st state.State, out connector.Emitter) error {
		hide(ctx)
		return st.Shared().Set("next", "https://api.example.com/?token="+secret)
	})
	var log transcript
	a := c.serve(call{source: s, request: Request{Configuration: withSecret()}, opts: []host.Option{log.option()}})
	c.wantFailure(a, connector.Defect, "it would contain a secret")
	c.noSecrets(a, log.bytes(), secret)
}

// leakToTable makes tables fail with an error and a panic that contain the
// secret.
func (c *check) leakToTable(secret string) {
	s := syncing(shop, func(ctx context.Context, st state.State, out connector.Emitter) error {
		hide(ctx)
		var tables connector.Tables
		tables.Add("orders", func(context.Context, state.State, connector.Emitter) error { return &secretError{secret} })
		tables.Add("carts", func(context.Context, state.State, connector.Emitter) error { panic(secret) })
		return tables.Sync(ctx, st, out)
	})
	var log transcript
	a := c.serve(call{source: s, request: Request{Configuration: withSecret()}, opts: []host.Option{log.option()}})
	failed, ok := errors.AsType[*connector.TablesError](a.err)
	if !ok || len(failed.Failures) != 2 {
		c.broken("the host returned an error without the failures of both tables: %v", a.err)
	}
	c.noSecrets(a, log.bytes(), secret)
}

// leakElsewhere puts the secret into errors outside of a sync.
func (c *check) leakElsewhere() {
	for _, test := range []struct {
		name    string
		script  *script
		request Request
	}{
		{"in the answer to a check", &script{test: func(ctx context.Context, s *source) error {
			hide(ctx)
			return fmt.Errorf("refused %s, %s: %w", s.Token.Reveal(), issued, &secretError{planted})
		}}, Request{Action: Check, Configuration: withSecret()}},
		{"in a panic of Test", &script{test: func(_ context.Context, s *source) error { panic(s.Token.Reveal()) }},
			Request{Action: Check, Configuration: withSecret()}},
		{"in the error of the configuration", &script{validate: func(s *source) error { return &secretError{s.Token.Reveal()} }},
			Request{Action: Sync, Configuration: withSecret()}},
		{"in the error of the configuration, checked", &script{validate: func(s *source) error { return &secretError{s.Token.Reveal()} }},
			Request{Action: Check, Configuration: withSecret()}},
		{"in a field of another type", &script{}, Request{Action: Sync,
			Configuration: bytes.Replace(withSecret(), []byte(`"account":"a-1"`), []byte(`"account":"a-1","page_size":`+quote(planted)), 1)}},
		{"in an unknown choice", &script{}, Request{Action: Sync,
			Configuration: bytes.Replace(withSecret(), []byte(`"account":"a-1"`), []byte(`"account":"a-1","region":`+quote(planted)), 1)}},
		{"in the error of the schema", &script{schema: func(_ context.Context, s *source) (schema.Schema, error) { return nil, &secretError{s.Token.Reveal()} }},
			Request{Action: Schema, Configuration: withSecret()}},
	} {
		c.in("%s", test.name)
		var log transcript
		a := c.serve(call{source: newSource(test.script), request: test.request, opts: []host.Option{log.option()}})
		answered := a.of(Failure, Checked)
		if len(answered) != 1 {
			c.broken("the host answered %d times, want once", len(answered))
		}
		c.noSecrets(a, log.bytes(), planted, issued)
	}
}

// quote returns a JSON string.
func quote(s string) string {
	quoted, _ := json.Marshal(s) // it cannot fail for a string
	return string(quoted)
}
