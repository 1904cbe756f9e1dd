package bodytext

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/penstock-sdk/penstock/internal/userwarning"
)

// A Report reports invalid bytes that were replaced: once in a log, at level WARN, and
// with the number of characters to the user of the platform. It is safe for concurrent
// use.
type Report struct {
	// Log returns the logger. Required.
	Log func() *slog.Logger
	// Source names the source of the text, such as the host "api.example.com".
	// Optional.
	Source string

	logged      sync.Once
	misdeclared sync.Once
}

// Add reports n replaced characters in text whose charset has a name, or none.
func (r *Report) Add(ctx context.Context, name string, n int) {
	if n == 0 {
		return
	}
	r.logged.Do(func() {
		r.Log().LogAttrs(ctx, slog.LevelWarn, "bytes that are not valid text are replaced with U+FFFD",
			slog.String("source", r.Source), slog.String("charset", name), slog.String("fix", r.fix()))
	})
	if userwarning.Reaches(ctx) {
		userwarning.WarnTimes(ctx, "invalid text of "+r.Source, r.message(name), n)
	}
}

// AddMisdeclared reports a text that is UTF-8, although a server has declared that its
// charset is name.
func (r *Report) AddMisdeclared(ctx context.Context, name string) {
	message := fmt.Sprintf("a response of %s declares the charset %s, but its text is valid UTF-8, so it is likely converted wrongly: set the charset with transport.WithCharset, to \"utf-8\", or to %q if it is right",
		r.Source, name, name)
	r.misdeclared.Do(func() { r.Log().LogAttrs(ctx, slog.LevelWarn, message) })
	userwarning.Warn(ctx, "wrong charset of "+r.Source, message)
}

func (r *Report) message(name string) string {
	where := "the text of a file"
	if r.Source != "" {
		where = "a response of " + r.Source
	}
	if name == "" {
		return fmt.Sprintf("%s declares no charset and has a byte that is not valid UTF-8, which was replaced with U+FFFD: %s", where, r.fix())
	}
	return fmt.Sprintf("%s has a byte that is not valid in its charset %s, which was replaced with U+FFFD: %s", where, name, r.fix())
}

func (r *Report) fix() string {
	if r != nil && r.Source != "" {
		return "set the charset that the source uses with transport.WithCharset, or with the field Charset of format.CSV"
	}
	return "set the field Charset of format.CSV, or read the file through charset.NewReader"
}

// A Source describes the text that a format reads.
type Source struct {
	// Charset is the name of its charset, or "".
	Charset string
	// Declared reports whether a server has declared the charset. Otherwise, the
	// author of the connector has.
	Declared bool
	// ContentType is the header of the response, if it has declared the charset.
	ContentType string
	// Report reports invalid bytes.
	Report *Report
}

type sourceKey struct{}

// With returns a copy of ctx that carries the source.
func With(ctx context.Context, s Source) context.Context {
	return context.WithValue(ctx, sourceKey{}, s)
}

// From returns the source that ctx carries, or one without a charset. In a sync, that
// one does not log: the runtime logs the warning to the user. Elsewhere, it logs to the
// default logger.
func From(ctx context.Context) Source {
	if s, ok := ctx.Value(sourceKey{}).(Source); ok {
		return s
	}
	if userwarning.Reaches(ctx) {
		return Source{Report: &Report{Log: func() *slog.Logger { return slog.New(slog.DiscardHandler) }}}
	}
	return Source{Report: &Report{Log: slog.Default}}
}

// Name returns the name of the charset for messages.
func (s Source) Name() string {
	if c, _, err := lookup(s.Charset); err == nil && c == undeclared {
		return ""
	}
	return s.Charset
}

// CannotDecode returns the error for text that cannot be decoded.
func (s Source) CannotDecode(err error) error {
	if !s.Declared {
		return err
	}
	if errors.Is(err, errUnknown) {
		err = fmt.Errorf("%w in %s", errUnknown, DescribeContentType(s.ContentType))
	}
	return fmt.Errorf("decode the text of the response: %w: set its charset with transport.WithCharset", err)
}

// DescribeContentType returns a phrase about the Content-Type of a response for messages. It
// contains the whole header or nothing of it: a part of a secret may not be recognized.
func DescribeContentType(header string) string {
	switch {
	case header == "":
		return "a response without a Content-Type"
	case len(header) > maxName:
		return fmt.Sprintf("a Content-Type of %d bytes", len(header))
	}
	return fmt.Sprintf("the Content-Type %q", header)
}
