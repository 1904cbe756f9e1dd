package airbyte_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/state"
)

func TestARowCostsNoMoreThanTwoAllocations(t *testing.T) {
	assert.LessOrEqual(t, fixture.AllocationsOfARow(t, func(c connector.Connector) error {
		return airbyte.Serve(t.Context(), c, readArgs(t, `{}`, catalogOf("orders"), ""), io.Discard, fixture.Quiet)
	}), 2.0)
}

// BenchmarkRows delivers rows through a real pipe. Compare airbyte with stdin in the
// same run: a row must not cost more than 1.25 times as much.
func BenchmarkRows(b *testing.B) {
	row := fixture.NewWideRow()
	raw, err := json.Marshal(row)
	require.NoError(b, err)
	for name, row := range map[string]any{"struct": row, "raw": json.RawMessage(raw)} {
		deliver := func(serve func(connector.Connector, io.Writer) error) func(*testing.B) {
			return func(b *testing.B) {
				w, wait := fixture.Pipe(b)
				b.ReportAllocs()
				err := serve(&fixture.Rows{OnSync: func(_ state.State, out connector.Emitter) error {
					for b.Loop() {
						if err := out.Upsert("orders", row); err != nil {
							return err
						}
					}
					return nil
				}}, w)
				if err != nil {
					b.Fatal(err)
				}
				wait()
			}
		}
		b.Run(name+"/stdin", deliver(func(c connector.Connector, w io.Writer) error {
			return stdin.Serve(b.Context(), c, strings.NewReader(`{}`), w, fixture.Quiet)
		}))
		args := readArgs(b, `{}`, catalogOf("orders"), "")
		b.Run(name+"/airbyte", deliver(func(c connector.Connector, w io.Writer) error {
			return airbyte.Serve(b.Context(), c, args, w, fixture.Quiet)
		}))
	}
}
