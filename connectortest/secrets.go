package connectortest

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport"
)

var secretsRule = rule{
	name:     "Secrets",
	contract: "no secret of the configuration leaves the process except to the source: the spec, the schema, rows, states, warnings, errors and logs do not contain it, in any spelling, truncated, or split into pieces; the same holds for tokens that the source has issued",
	fix:      "keep secrets in fields of type connector.Secret; call Reveal only where the source receives the secret; log with connector.Logger, which removes secrets, not with the default logger of slog or log",
	check:    checkSecrets,

	defaultLoggers: true,
}

func checkSecrets(s *suite, c *check) {
	fields := secretFields(s.connector)
	if len(fields) == 0 {
		c.Logf("the configuration has no connector.Secret with a value, so nothing is tested")
	}
	for _, f := range fields {
		logIfTooShort(c, f.name, f.text(s.connector))
	}
	checkOutput(s, c, "", s.connector)
	for _, f := range fields {
		checkOutput(s, c, " with a wrong "+f.name, f.withWrongSecret(s.connector))
	}
}

// logIfTooShort logs that the suite does not look for a secret.
func logIfTooShort(c *check, field, secret string) {
	if len(secret) < minSecretLength {
		c.Logf("field %s holds fewer than %d bytes, which may occur anywhere by chance, so the test does not look for it", field, minSecretLength)
	}
}

// checkOutput runs Test and Sync of a connector and looks for secrets in everything
// that leaves it.
func checkOutput(s *suite, c *check, circumstance string, of connector.Connector) {
	var ownLog logBuffer
	s.defaultLog.reset()
	finder := newSecretFinder(of)
	checkText := func(where, text string) {
		if secret := finder.find(text); secret != "" {
			c.failf("%s%s contains the secret %s: %s", where, circumstance, secret, textBefore(finder, text))
		}
	}
	checkDocument := func(where, text string) {
		if secret := finder.findInDocument(text); secret != "" {
			c.failf("%s%s contains the secret %s", where, circumstance, secret)
		}
	}
	tokens := &tokenCollector{network: s.network}
	out := collectOutput(s, c, of, tokens, &ownLog)
	for field, value := range s.secrets.replaced() {
		finder.add(field+", replaced by the source", value)
	}
	for _, token := range tokens.collected() {
		finder.add("of the header Authorization", token)
	}
	if spec, err := specOf(of); err == nil { // Spec reports the error
		checkDocument("the spec", string(spec))
	}
	for _, table := range out.tables {
		if text, err := json.Marshal(table); err == nil { // it cannot fail
			checkDocument("the schema", string(text))
		}
	}
	for _, op := range out.operations {
		data := map[string]string{"a state": string(op.State)}
		if op.Table != nil {
			data["a row of table "+op.Table.String()] = string(op.Row)
		}
		for where, text := range data {
			if secret := finder.findInData(text); secret != "" {
				c.failWithf("save or deliver something else, such as a page token instead of a whole URL: platforms do not protect rows and states", "%s%s contains the secret %s", where, circumstance, secret)
				return
			}
		}
		checkText("a warning", op.Message)
	}
	for where, text := range out.errs {
		checkText(where, text)
	}
	checkText("the log", ownLog.text())
	checkText("the output of slog.Default or of the log package", s.defaultLog.text())
}

// An output is everything that leaves a connector, except its logs.
type output struct {
	operations []*host.Operation
	errs       map[string]string // by their origin
	tables     []*schema.Table
}

// textBefore returns the text of the line before the secret: a test report must not
// contain it, either.
func textBefore(finder *secretFinder, text string) string {
	for line := range strings.Lines(text) {
		if text, found := finder.before(line); found {
			return strings.TrimSpace(text) + "…"
		}
	}
	return "spread over several lines"
}

// collectOutput runs Schema, Test and Sync of a connector.
func collectOutput(s *suite, c *check, of connector.Connector, tokens *tokenCollector, logs *logBuffer) output {
	out := output{errs: map[string]string{}}
	valid := func(storedRun) error { return nil }
	if err := s.secrets.withRun(c.Context(), of, valid); err != nil {
		out.errs["the error of the configuration"] = err.Error()
		return out
	}
	ctx, stop := context.WithTimeoutCause(c.Context(), s.syncTimeout, errTimeout)
	defer stop()
	network := s.network
	if network != nil {
		network = tokens
		ctx = transport.NewContext(ctx, network)
	}
	err := s.secrets.withRun(ctx, of, func(run storedRun) error {
		found, err := run.Schema()
		if err == nil {
			out.tables = found.Tables()
		}
		return err
	})
	if err != nil {
		out.errs["the error of Schema"] = err.Error()
	}
	if r := runTest(s, c, of, network); r.err != nil {
		out.errs["the error of Test"] = r.err.Error()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch, caughtUp := s.newQuietWatch(cancel)
	keep := host.DestinationFunc(func(op *host.Operation) error {
		s.steps.Add(1)
		return watch.write(op, func() error {
			out.operations = append(out.operations, op.Clone())
			return nil
		})
	})
	watch.start()
	defer watch.stop()
	handler := slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})
	err = s.secrets.withRun(ctx, of, func(run storedRun) error {
		return run.Sync(host.SyncRequest{End: caughtUp}, keep)
	}, host.CheckpointEvery(0, 0), host.Grace(s.stopTimeout), host.LogTo(handler))
	if err != nil {
		out.errs["the error of Sync"] = err.Error()
	}
	return out
}
