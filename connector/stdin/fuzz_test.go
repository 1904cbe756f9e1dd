package stdin_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/state"
)

// FuzzRun passes any input as a request. The output must consist of complete lines
// of JSON, and the last line must be SEVERE if and only if the run fails.
func FuzzRun(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `{"selection":{"action":"schema"}}`, `{"selection":{"action":"spec"}}`, "\uFEFF{}", `{"secrets":{"api_key":"k"}}`,
		`{"secrets":{"api_key":"k"},"selection":{"action":"test"}}`,
		`{"secrets":{"api_key":"k"},"state":{"orders":{"cursor":5}},"selection":{"tables":{"shop":{"orders":{"columns":{"email":false}},"carts":false}}}}`,
		`{"secrets":{"api_key":"k"},"state":{"orders":{"cursor":"x"},"_version":1}}`, `{"state":`, `{"a":{"b":{"c":[[[]]]}}}`, `{"secrets":{"api_key":"\ud800"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, request []byte) {
		var out bytes.Buffer
		err := stdin.Serve(t.Context(), &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "orders", state.Sorted())
			if err := out.Upsert("orders", fixture.NewOrder(1)); err != nil {
				return err
			}
			cursor.Advance(max(1, cursor.Start()))
			return out.Checkpoint()
		}}, bytes.NewReader(request), &out, host.LogTo(slog.DiscardHandler))
		lines := fixture.Lines(t, out.String())
		if len(lines) == 0 {
			t.Fatal("no answer")
		}
		severe := strings.Contains(lines[len(lines)-1], `"level":"SEVERE"`)
		if severe != (err != nil) {
			t.Fatalf("error %v, last line %s", err, lines[len(lines)-1])
		}
	})
}
