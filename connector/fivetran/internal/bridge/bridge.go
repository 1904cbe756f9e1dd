package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/internal/redact"
)

// Options states how requests are answered.
type Options struct {
	// Address is the host and the port of the source. Required unless Command is set.
	Address string
	// Command starts a source that serves this request only. In its arguments, {port} stands
	// for the port on which the source must listen. Optional.
	Command []string
	// Output receives what the process of Command prints. Optional; by default, it is
	// discarded.
	Output io.Writer
	// Schema is the name of the schema of a source that does not name its schema. Optional;
	// the default is [DefaultSchema].
	Schema string
	// Log receives the log. Secrets are masked in it. Optional; the default is the handler of
	// slog.Default().
	Log slog.Handler
}

// grace is the time that the reader of the answer has after the context is done, outside a
// process.
const grace = time.Second

// Serve reads one request of the stdin protocol from in and writes the answer to out. The
// error is nil if the request was answered. Otherwise, it is a [*connector.Error], and the
// last line reports it. If ctx is done, the call of the source is canceled, and the lines that
// have been written before are all there are.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	return serve(ctx, in, host.NewLineWriter(ctx, out, func() time.Duration { return grace }), o)
}

// serve is Serve with a writer, which it closes.
func serve(ctx context.Context, in io.Reader, lines *host.LineWriter, o Options) error {
	b := &bridge{Options: o, lines: lines, logger: slog.Default()}
	if o.Log != nil {
		b.logger = slog.New(o.Log)
	}
	return b.finish(b.answer(ctx, in))
}

// A bridge answers one request.
type bridge struct {
	Options
	source  *client
	lines   *host.LineWriter
	logger  *slog.Logger // what it is given must have been masked
	form    form
	secrets *redact.Set
	buffer  []byte // of a line
}

// answer reads the request and answers it.
func (b *bridge) answer(ctx context.Context, in io.Reader) (err error) {
	req, err := readRequest(ctx, in)
	if err != nil {
		return err
	}
	// Until the form says which fields are secret, all are.
	b.secrets = redact.New(b.form.secrets(req.configuration))
	if len(b.Command) > 0 {
		c, err := startChild(ctx, b.Command, b.Output)
		if err != nil {
			return err
		}
		defer c.stop()
		b.Address = c.address
	}
	if b.source, err = newClient(b.Address); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.source.conn.Close()) }()
	formErr := b.fetchForm(ctx)
	if req.Action == stdin.ActionSpec {
		if formErr != nil {
			return formErr
		}
		return b.lines.Line("", b.form.spec(), "")
	}
	if formErr == nil {
		b.secrets = redact.New(b.form.secrets(req.configuration))
		b.form.fill(req.configuration)
		b.logUnknown(req.configuration)
		if req.Action != stdin.ActionSchema { // many sources can describe their tables without a configuration
			formErr = b.form.check(req.configuration)
		}
	}
	if req.Action == stdin.ActionTest {
		return b.test(ctx, req, formErr)
	}
	if formErr != nil {
		return formErr
	}
	if req.Action == stdin.ActionSync {
		return b.sync(ctx, req)
	}
	answer, err := b.schema(ctx, req)
	if err != nil {
		return err
	}
	tables, err := newTables(b.Schema, answer)
	if err != nil {
		return err
	}
	if tables.notSupported {
		b.logger.Warn(schemaNotSupported)
	}
	return b.lines.Line("", tables.line(), "")
}

// schemaNotSupported is the warning for a source that does not know its tables.
const schemaNotSupported = "the source does not describe its tables (schema_response_not_supported), so their records cannot be checked and their keys are unknown: answer Schema with the tables and their primary keys"

// patience is the time that a source has to answer with its form and to run its tests.
const patience = 20 * time.Second

var errSlow = &connector.Error{
	Kind: connector.Transient, Hint: "see what the source waits for",
	Err: fmt.Errorf("the source has not answered within %v", patience),
}

// fetchForm calls ConfigurationForm.
func (b *bridge) fetchForm(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errSlow)
	defer cancel()
	return b.source.call(ctx, protocol.MethodForm, empty{}, &b.form)
}

// logUnknown logs the names in a configuration that the form does not have.
func (b *bridge) logUnknown(configuration map[string]string) {
	if names := b.form.unknown(configuration); len(b.form.Fields) > 0 && len(names) > 0 {
		b.logger.Warn(b.mask("the configuration has fields that the form of the source does not have: " + strings.Join(names, ", ")))
	}
}

// schema calls Schema.
func (b *bridge) schema(ctx context.Context, req *request) (*protocol.SchemaResponse, error) {
	answer := new(protocol.SchemaResponse)
	err := b.source.call(ctx, protocol.MethodSchema, &protocol.SchemaRequest{Configuration: req.configuration}, answer)
	return answer, err
}

// test answers with the results of all tests of the form. A failure before the first test is
// formErr.
func (b *bridge) test(ctx context.Context, req *request, formErr error) error {
	limited, cancel := context.WithTimeoutCause(ctx, patience, errSlow)
	defer cancel()
	err := formErr
	for i := 0; err == nil && i < len(b.form.Tests); i++ {
		test := b.form.Tests[i]
		var answer protocol.TestResponse
		err = b.source.call(limited, protocol.MethodTest, &protocol.TestRequest{Name: test.Name, Configuration: req.configuration}, &answer)
		if err == nil && answer.Failure != "" {
			err = fmt.Errorf("%s: %s", cmp.Or(test.Label, test.Name), answer.Failure)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	status, message := "SUCCESS", "The connection works."
	switch {
	case err != nil:
		b.logRest(err)
		status, message = "FAILURE", explain(err)
	case len(b.form.Tests) == 0:
		message = "The form of the source lists no test, so nothing was tested."
	}
	line := rawjson.AppendString([]byte(`{"status":"`+status+`","message":`), b.mask(message))
	return b.lines.Line("", append(line, '}'), "")
}

// finish reports an error, if there is one, and ends the answer.
func (b *bridge) finish(err error) error {
	if err != nil {
		b.logRest(err)
		text := b.mask(explain(err))
		kind := connector.KindOf(err)
		b.logger.Error(text, "kind", kind.String())
		_ = b.line(&stdin.Line{Kind: stdin.Log, Level: "SEVERE", Message: text}) // the error of the request counts
		err = &connector.Error{Kind: kind, Err: errors.New(text)}
	}
	if unwritten := b.lines.Close(); unwritten != nil && err == nil {
		b.logger.Error(explain(unwritten))
		err = unwritten
	}
	return err
}

// logRest logs what the error of a call contains beyond its first line.
func (b *bridge) logRest(err error) {
	if status, ok := errors.AsType[*statusError](err); ok && status.rest != "" {
		b.logger.Info(b.mask("the source adds: " + status.rest))
	}
}

// explain returns the text of an error on one line.
func explain(err error) string { return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ") }

// mask returns a text without secrets.
func (b *bridge) mask(text string) string { return b.secrets.Text(text) }

// warning returns the line of a warning, and logs it.
func (b *bridge) warning(text string) *stdin.Line {
	text = b.mask(text)
	b.logger.Warn(text)
	return &stdin.Line{Kind: stdin.Log, Level: "WARNING", Message: text}
}

// line writes a line.
func (b *bridge) line(l *stdin.Line) error {
	b.buffer = l.Append(b.buffer[:0])
	return b.lines.Line("", b.buffer[:len(b.buffer)-1], "")
}
