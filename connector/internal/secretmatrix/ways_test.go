package secretmatrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// ways lists the ways out of a run. Those of recordings, of processes and of the tool
// have their own tests.
var ways = []way{
	{name: "logs", action: sync, together: true, succeeds: true, script: func(all []*echo) *script {
		return syncing(func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			for _, e := range all {
				logEcho(connector.Logger(ctx), e)
			}
			return nil
		})
	}},
	{name: "warnings", action: sync, together: true, succeeds: true, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, _ state.State, out connector.Emitter) error {
			for _, e := range all {
				if err := out.Warn(e.text()); err != nil {
					return err
				}
			}
			return nil
		})
	}},
	{name: "rows", data: true, action: sync, together: true, succeeds: true, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, _ state.State, out connector.Emitter) error {
			for _, e := range all {
				if err := deliverEcho(out, e); err != nil {
					return err
				}
			}
			return nil
		})
	}},
	{name: "states", data: true, action: sync, alone: true, answered: true, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, st state.State, _ connector.Emitter) error {
			return st.Table("orders").Set("next", all[0].text())
		})
	}},
	{name: "names in states", data: true, action: sync, alone: true, answered: true, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, st state.State, _ connector.Emitter) error {
			return st.Shared().Set("deep", map[string]any{"list": []any{map[string]int{all[0].text(): 1}}})
		})
	}},
	{name: "raw states", data: true, action: sync, alone: true, answered: true, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, st state.State, _ connector.Emitter) error {
			raw := json.RawMessage(`"` + all[0].text() + `"`)
			if !json.Valid(raw) {
				return nil
			}
			return st.Table("orders").Set("next", raw)
		})
	}},
	{name: "the error of Sync", action: sync, script: func(all []*echo) *script {
		return syncing(func(context.Context, state.State, connector.Emitter) error { return chained(all) })
	}},
	{name: "a panic of Sync", action: sync, script: func(all []*echo) *script {
		return syncing(func(context.Context, state.State, connector.Emitter) error { panic(joined(all)) })
	}},
	{name: "a panic of Sync with an error", action: sync, script: func(all []*echo) *script {
		return syncing(func(context.Context, state.State, connector.Emitter) error { panic(chained(all)) })
	}},
	{name: "a panic of a goroutine", action: sync, script: func(all []*echo) *script {
		return syncing(func(ctx context.Context, _ state.State, _ connector.Emitter) error {
			return connector.Go(ctx, func(context.Context) error { panic(joined(all)) })()
		})
	}},
	{name: "the error of a table", within: true, action: sync, script: func(all []*echo) *script {
		return syncing(func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("orders", func(context.Context, state.State, connector.Emitter) error { return chained(all) })
			tables.Add("notes", func(context.Context, state.State, connector.Emitter) error { panic(joined(all)) })
			return tables.Sync(ctx, st, out)
		})
	}},
	{name: "a row that does not fit", within: true, action: sync, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Upsert("orders", map[string]any{"id": joined(all)})
		})
	}},
	{name: "an unknown table", within: true, action: sync, script: func(all []*echo) *script {
		return syncing(func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Upsert(joined(all), map[string]any{"id": 1})
		})
	}},
	{name: "the error of Test", action: test, answered: true, script: func(all []*echo) *script {
		return &script{test: func(context.Context, *leaky) error { return chained(all) }}
	}},
	{name: "a panic of Test", action: test, answered: true, script: func(all []*echo) *script {
		return &script{test: func(context.Context, *leaky) error { panic(joined(all)) }}
	}},
	{name: "the error of Validate", action: test, answered: true, script: func(all []*echo) *script {
		return &script{validate: func() error { return chained(all) }}
	}},
	{name: "the error of Open", action: test, answered: true, script: func(all []*echo) *script {
		return &script{open: func(context.Context) error { return chained(all) }}
	}},
	{name: "the error of Close", action: sync, script: func(all []*echo) *script {
		return &script{close: func() error { return chained(all) }}
	}},
	{name: "the error of Schema", action: tables, script: func(all []*echo) *script {
		return &script{schema: func() (schema.Schema, error) { return nil, chained(all) }}
	}},
}

// syncing returns a script with a Sync that does not need the connector.
func syncing(f func(context.Context, state.State, connector.Emitter) error) *script {
	return &script{sync: func(ctx context.Context, _ *leaky, st state.State, out connector.Emitter) error {
		return f(ctx, st, out)
	}}
}

// joined returns the texts of echoes, each on a line of its own.
func joined(all []*echo) string {
	text := ""
	for i, e := range all {
		if i > 0 {
			text += "\n"
		}
		text += e.text()
	}
	return text
}

// A stringer has a text that only its method returns.
type stringer struct{ text string }

func (s stringer) String() string { return s.text }

// logEcho logs an echo in every part of a record.
func logEcho(log *slog.Logger, e *echo) {
	text := e.text()
	log.Debug(text)
	log.Info("info", "text", text)
	log.Warn("a struct", "any", struct{ Field string }{text}, "pointer", &struct{ Field string }{text})
	log.Error("an error", "error", &fieldError{text}, "stringer", stringer{text})
	log.Info("a list", "list", []string{text}, "raw", json.RawMessage(text))
	if !e.Last { // fmt prints more after the name of a member
		log.Info("a map", "map", map[string]any{text: []any{text}})
	}
	log.Info("bytes", "bytes", []byte(text))
	if e.Name == "plain" {
		log.Info("bytes in a struct", "any", struct{ Body []byte }{[]byte(text)})
	}
	log.With("with", text, slog.Group("inner", "deep", text)).WithGroup("group").Debug("a group", slog.Group("more", text, text))
	log.WithGroup(text).Info("a name", "x", 1)
}

// inBytes holds the spellings that are recognized in the base64 of bytes.
var inBytes = map[string]bool{"plain": true, "JSON of Go": true, "JSON without HTML escapes": true, "a query": true}

// deliverEcho delivers rows that contain an echo in every part of a row.
func deliverEcho(out connector.Emitter, e *echo) error {
	if isExceptionInData(e) {
		return nil
	}
	text := e.text()
	id := e.number * 10
	rows := []any{
		map[string]any{"id": id, "note": text, "undeclared": text},
		map[string]any{"id": id + 1, "more": map[string]any{"deep": []any{map[string]any{"text": text}}}},
		map[string]any{"id": id + 2, "more": map[string]any{text: 1}},
	}
	if inBytes[e.Name] {
		rows = append(rows, map[string]any{"id": id + 3, "data": []byte(text)})
	}
	if raw := `"` + text + `"`; json.Valid([]byte(raw)) {
		for i, format := range []string{`{"id":%d,"note":%s}`, `{"id":%d,"more":{"a":[%s]}}`, `{"id":%d,"undeclared":%s}`, `{"id":%d,"more":{%s:true}}`} {
			rows = append(rows, json.RawMessage(fmt.Sprintf(format, id+4+i, raw)))
		}
	}
	for _, row := range rows {
		if err := out.Upsert("orders", row); err != nil {
			return err
		}
	}
	if err := out.Upsert("notes", map[string]any{"text": text, "n": e.number}); err != nil {
		return err
	}
	return out.Delete("notes", map[string]any{"text": "gone " + text})
}
