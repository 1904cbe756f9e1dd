package connectortest

import (
	"context"
	"encoding/json"
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
	contract: "no secret of the configuration leaves the process but to the source: not in a row, a state, a warning, an error or a log, neither in plain text nor URL-escaped, in hex, in base64 or broken up for reading",
	mend:     "keep secrets in fields of type connector.Secret, call Reveal only where the source is given it, and log with connector.Logger, which removes them, not with slog's or log's default",
	check: func(s *suite, c *check) {
		fields := secretFields(s.connector)
		if len(fields) == 0 {
			c.Logf("the configuration holds no connector.Secret: nothing is proved")
		}
		for _, f := range fields {
			if len(f.of(s.connector)) < shortestSecret {
				c.Logf("field %s holds fewer than %d bytes, which may stand anywhere by chance: it is not looked for", f.name, shortestSecret)
			}
		}
		s.watch(c, "", s.connector)
		for _, f := range fields {
			s.watch(c, " with a wrong "+f.name, f.wrong(s.connector))
		}
	},
}

// defaultLogs is held while slog's and log's defaults are replaced: there is one
// of each in a process.
var defaultLogs sync.Mutex

// watch tests and syncs a connector and looks at all that leaves it.
func (s *suite) watch(c *check, how string, of connector.Connector) {
	defaultLogs.Lock()
	defer defaultLogs.Unlock()
	var stray, own transcript
	oldSlog, oldWriter, oldFlags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(slog.New(slog.NewTextHandler(&stray, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer func() {
		slog.SetDefault(oldSlog)
		log.SetOutput(oldWriter)
		log.SetFlags(oldFlags)
	}()
	f := finderOf(of)
	look := func(where, text string) {
		if field, form, ok := f.find(text); ok {
			c.broken("%s%s holds the secret %s %s: %s", where, how, field, form, around(f, text))
		}
	}
	seen := s.overhear(c, of, &own)
	for _, e := range seen.operations {
		for where, data := range map[string]string{"a row of table " + e.table: string(e.row), "a state": string(e.state)} {
			if field, form, ok := f.findInData(data); ok {
				c.broken("%s%s holds the secret %s %s", where, how, field, form)
				return
			}
		}
		look("a warning", e.message)
	}
	for where, text := range seen.errors {
		look(where, text)
	}
	look("the log", own.text())
	look("slog.Default or the log package's output", stray.text())
}

// around returns the line of text that a secret is in, up to the secret: a
// report is a log, too.
func around(f *finder, text string) string {
	for line := range strings.Lines(text) {
		if n := f.first(line); n != nil {
			at := strings.Index(n.fold(line), n.text)
			for i := range line {
				if len(n.fold(line[:i])) >= at {
					return strings.TrimSpace(line[:i]) + "…"
				}
			}
		}
	}
	return "over several lines"
}

// An overheard is what left a connector.
type overheard struct {
	operations []overheardOperation
	errors     map[string]string
}

type overheardOperation struct {
	table, message string
	row, state     []byte
}

// overhear runs Test and Sync of a connector and keeps all that leaves it.
func (s *suite) overhear(c *check, of connector.Connector, logs *transcript) *overheard {
	seen := &overheard{errors: map[string]string{}}
	handler := slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})
	if _, err := configured(c.Context(), of); err != nil {
		seen.errors["the error of the configuration"] = err.Error()
		return seen
	}
	seen.errors["the answer to a test"] = s.tryTest(c, of, s.network).message
	ctx, stop := context.WithTimeoutCause(c.Context(), s.tooLong, errHung)
	defer stop()
	if s.network != nil {
		ctx = transport.NewContext(ctx, s.network)
	}
	err := syncOnce(ctx, of, host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		o := overheardOperation{message: op.Message, row: json.RawMessage(string(op.Row)), state: json.RawMessage(string(op.State))}
		if op.Table != nil {
			o.table = op.Table.String()
		}
		seen.operations = append(seen.operations, o)
		return nil
	}), host.CheckpointEvery(0, 0), host.Grace(promptly), host.LogTo(handler))
	if err != nil {
		seen.errors["the error of a sync"] = err.Error()
	}
	return seen
}
