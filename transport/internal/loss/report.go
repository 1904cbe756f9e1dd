package loss

import (
	"context"
	"log/slog"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/internal/userwarning"
)

// A Report reports each field that loses nulls or digits: once in a log, at level WARN, and
// for every such value to the user of the platform, whose runtime counts them. It is safe
// for concurrent use.
type Report struct {
	// Log returns the logger. Required.
	Log func() *slog.Logger

	seen sync.Map // the keys of fields to the messages about them
}

// Check reports the nulls and the digits of a record that have been lost. The context is that of
// the connector's call. It reports a null that is the cursor of a connection within the
// record in the log at level DEBUG only.
func (r *Report) Check(ctx context.Context, p *Plan, record []byte) {
	p.Find(record, func(f *Field, path []string) {
		if f.Bits == 0 && isConnectionCursor(path) {
			r.noOtherPage(ctx, path)
			return
		}
		r.add(ctx, f, path)
	})
}

// CheckResponse is like Check for a value that may be a record or a response that
// contains records. It reports a null that says that there is no other page in the
// log at level DEBUG only: no row contains it.
func (r *Report) CheckResponse(ctx context.Context, p *Plan, response []byte) {
	p.Find(response, func(f *Field, path []string) {
		if f.Bits == 0 && (p.hasList && isPaging(path, f.kind) || isConnectionCursor(path)) {
			r.noOtherPage(ctx, path)
			return
		}
		r.add(ctx, f, path)
	})
}

func (r *Report) noOtherPage(ctx context.Context, path []string) {
	r.Log().LogAttrs(ctx, slog.LevelDebug, "the response names no other page", slog.String("member", Path(path)))
}

func (r *Report) add(ctx context.Context, f *Field, path []string) {
	message, known := r.seen.Load(f.key)
	if !known {
		at := Path(path)
		if message, known = r.seen.LoadOrStore(f.key, f.message(at)); !known {
			text, what := "a null is lost, because the type of its field cannot hold it", slog.String("decoded_as", f.Zero)
			if f.Bits > 0 {
				text, what = "digits are lost, because the type of the field cannot hold the number", slog.String("keeps", f.keeps()+" digits")
			}
			r.Log().LogAttrs(ctx, slog.LevelWarn, text,
				slog.String("member", at), slog.String("field", f.Name), slog.String("type", f.Type), what, slog.String("fix", "use "+f.Fix))
		}
	}
	userwarning.Warn(ctx, f.key, message.(string))
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
