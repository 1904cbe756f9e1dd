package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A struct whose json tag is misspelled has the zero key in each row.
func TestASyncWarnsAboutATableWhoseRowsAllHaveTheZeroKey(t *testing.T) {
	type row struct {
		ID   int64  `json:"id" schema:"primary_key"`
		Code string `json:"code" schema:"primary_key"`
		Name string `json:"name"`
	}
	for _, tt := range []struct {
		name string
		rows []row
		want string
	}{
		{"all rows", []row{{0, "", "a"}, {0, "", "b"}, {0, "", "c"}}, `table wide.orders: all 3 rows have the primary key id=0, code="", so they replace each other at the destination: compare the json tag of the primary key with the records of the source`},
		{"a row with another key", []row{{0, "", "a"}, {0, "", "b"}, {0, "x", "c"}}, ""},
		{"the same row", []row{{0, "", "a"}, {0, "", "a"}}, ""},
		{"one row", []row{{0, "", "a"}}, ""},
		{"no zero key", []row{{1, "", "a"}, {2, "", "b"}}, ""},
		{"a key that begins with a zero", []row{{0, "0", "a"}, {0, "0", "b"}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
				errs := []error{out.Declare(schema.TableOf[row]("orders"))}
				for _, r := range tt.rows {
					errs = append(errs, out.Upsert("orders", &r))
				}
				return errors.Join(errs...)
			}}
			var warnings []string
			require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
				if op.Kind == host.OpWarning {
					warnings = append(warnings, op.Message)
				}
				return nil
			}))
			if tt.want == "" {
				assert.Empty(t, warnings)
			} else {
				assert.Equal(t, []string{tt.want}, warnings)
			}
		})
	}
}
