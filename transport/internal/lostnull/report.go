package lostnull

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/internal/userwarning"
)

// A Report reports each field that loses nulls: once in a log, at level WARN, and
// for every null to the user of the platform, whose runtime counts them. It is safe
// for concurrent use.
type Report struct {
	// Log returns the logger. Required.
	Log func() *slog.Logger

	seen sync.Map // the names of fields to the messages about them
}

// Check reports the nulls of a record that have been lost. The context is that of
// the connector's call. The cursors of an empty GraphQL connection are no loss.
func (r *Report) Check(ctx context.Context, p *Plan, record []byte) {
	p.Find(record, func(f *Field, path []string) {
		if !isConnectionCursor(path) {
			r.add(ctx, f, path)
		}
	})
}

// CheckResponse is like Check for a value that may be a record or a response that
// contains records. It reports a null that says that there is no other page in the
// log at level DEBUG only: no row contains it.
func (r *Report) CheckResponse(ctx context.Context, p *Plan, response []byte) {
	p.Find(response, func(f *Field, path []string) {
		if isConnectionCursor(path) {
			return
		}
		if p.hasList && isPaging(path, f.kind) {
			r.Log().LogAttrs(ctx, slog.LevelDebug, "the response names no other page", slog.String("member", Path(path)))
			return
		}
		r.add(ctx, f, path)
	})
}

func (r *Report) add(ctx context.Context, f *Field, path []string) {
	message, known := r.seen.Load(f.Name)
	if !known {
		at := Path(path)
		if message, known = r.seen.LoadOrStore(f.Name, f.message(at)); !known {
			r.Log().LogAttrs(ctx, slog.LevelWarn, "a null is lost, because the type of its field cannot hold it",
				slog.String("member", at), slog.String("field", f.Name), slog.String("type", f.Type),
				slog.String("decoded_as", f.Zero), slog.String("fix", "use "+f.Fix))
		}
	}
	userwarning.Warn(ctx, "null in "+f.Name, message.(string))
}

// Path returns a path as text, such as "items[].qty".
func Path(path []string) string {
	var b strings.Builder
	for i, step := range path {
		if i > 0 && step != "[]" {
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return b.String()
}

type reportKey struct{}

// With returns a copy of ctx that carries the report.
func With(ctx context.Context, r *Report) context.Context {
	return context.WithValue(ctx, reportKey{}, r)
}

// From returns the report that ctx carries, or a new one. In a sync, the new one
// does not log: the runtime logs the warning to the user. Elsewhere, it logs to the
// default logger.
func From(ctx context.Context) *Report {
	if r, ok := ctx.Value(reportKey{}).(*Report); ok {
		return r
	}
	if userwarning.Reaches(ctx) {
		return &Report{Log: func() *slog.Logger { return slog.New(slog.DiscardHandler) }}
	}
	return &Report{Log: slog.Default}
}
