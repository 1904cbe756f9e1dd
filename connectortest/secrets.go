package connectortest

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/transport"
)

var secretsRule = rule{
	name:     "Secrets",
	contract: "no secret of the configuration leaves the process except to the source: rows, states, warnings, errors and logs do not contain it, neither in plain text nor URL-escaped, in hex, in base64 or split into pieces",
	fix:      "keep secrets in fields of type connector.Secret; call Reveal only where the source receives the secret; log with connector.Logger, which removes secrets, not with the default logger of slog or log",
	check:    checkSecrets,
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

// defaultLoggers is held while the default loggers of slog and log are replaced. A
// process has only one of each.
var defaultLoggers sync.Mutex

// checkOutput runs Test and Sync of a connector and looks for secrets in everything
// that leaves it.
func checkOutput(s *suite, c *check, circumstance string, of connector.Connector) {
	defaultLoggers.Lock()
	defer defaultLoggers.Unlock()
	var defaultLog, ownLog logBuffer
	oldSlog, oldWriter, oldFlags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(&defaultLog, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer func() {
		slog.SetDefault(oldSlog)
		log.SetOutput(oldWriter)
		log.SetFlags(oldFlags)
	}()
	finder := newSecretFinder(of)
	checkText := func(where, text string) {
		if secret, ok := finder.find(text); ok {
			c.failf("%s%s contains the secret %v: %s", where, circumstance, secret, textBefore(finder, text))
		}
	}
	operations, errs := collectOutput(s, c, of, &ownLog)
	for _, op := range operations {
		data := map[string]string{"a state": string(op.State)}
		if op.Table != nil {
			data["a row of table "+op.Table.String()] = string(op.Row)
		}
		for where, text := range data {
			if secret, ok := finder.findInData(text); ok {
				c.failWithf("save or deliver something else, such as a page token instead of a whole URL: platforms do not protect rows and states", "%s%s contains the secret %v", where, circumstance, secret)
				return
			}
		}
		checkText("a warning", op.Message)
	}
	for where, text := range errs {
		checkText(where, text)
	}
	checkText("the log", ownLog.text())
	checkText("the output of slog.Default or of the log package", defaultLog.text())
}

// textBefore returns the text of the line before the secret: a test report must not
// contain it, either.
func textBefore(finder *secretFinder, text string) string {
	for line := range strings.Lines(text) {
		if s := finder.first(line, true); s != nil {
			at := strings.Index(s.normalize(line), s.text)
			for i := range line {
				if len(s.normalize(line[:i])) >= at {
					return strings.TrimSpace(line[:i]) + "…"
				}
			}
		}
	}
	return "spread over several lines"
}

// collectOutput runs Test and Sync of a connector. It returns the operations, and
// the errors by their origin.
func collectOutput(s *suite, c *check, of connector.Connector, logs *logBuffer) (operations []*host.Operation, errs map[string]string) {
	errs = map[string]string{}
	valid := func(storedRun) error { return nil }
	if err := s.secrets.withRun(c.Context(), of, valid); err != nil {
		errs["the error of the configuration"] = err.Error()
		return nil, errs
	}
	if r := runTest(s, c, of, s.network); r.err != nil {
		errs["the error of Test"] = r.err.Error()
	}
	ctx, stop := context.WithTimeoutCause(c.Context(), s.syncTimeout, errTimeout)
	defer stop()
	if s.network != nil {
		ctx = transport.NewContext(ctx, s.network)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch, caughtUp := s.newQuietWatch(cancel)
	keep := host.DestinationFunc(func(op *host.Operation) error {
		return watch.write(op, func() error {
			operations = append(operations, op.Clone())
			return nil
		})
	})
	watch.start()
	defer watch.stop()
	handler := slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})
	err := s.secrets.withRun(ctx, of, func(run storedRun) error {
		return run.Sync(host.SyncRequest{End: caughtUp}, keep)
	}, host.CheckpointEvery(0, 0), host.Grace(s.stopTimeout), host.LogTo(handler))
	if err != nil {
		errs["the error of Sync"] = err.Error()
	}
	return operations, errs
}
