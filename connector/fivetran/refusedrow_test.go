package fivetran_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A pair is a connector with two tables. The first one has a good row and then a bad one, the
// second one has 250 rows.
type pair struct {
	bad      []byte
	parallel int
	ignores  bool // the error of the bad row
}

func (p *pair) Schema(context.Context) (schema.Schema, error) {
	first, second := everyType(), everyType()
	first.Name, second.Name = "first", "second"
	return schema.New("shop", *first, *second)
}

func (p *pair) Test(context.Context) error { return nil }

func (p *pair) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	tables := connector.Tables{Parallel: p.parallel}
	tables.Add("first", func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "first", state.Sorted())
		if err := out.Upsert("first", map[string]any{"id": 1}); err != nil {
			return err
		}
		cursor.Advance(1)
		if err := out.Checkpoint(); err != nil {
			return err
		}
		if err := out.Upsert("first", json.RawMessage(p.bad)); err != nil && !p.ignores {
			return err
		}
		cursor.Advance(2)
		return nil
	})
	tables.Add("second", func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "second", state.Sorted())
		for i := int64(1); i <= 250; i++ {
			if err := out.Upsert("second", map[string]any{"id": i}); err != nil {
				return err
			}
			cursor.Advance(i)
		}
		return nil
	})
	return tables.Sync(ctx, st, out)
}

func TestARowThatFivetranRefusesFailsItsTableOnly(t *testing.T) {
	t.Parallel()
	for bad, why := range map[string]string{
		`{"id":2,"short":40000}`:                              "table shop.first, column short: want SHORT, got integer",
		`{"id":2,"utc_datetime":"0001-01-01T00:00:00+01:00"}`: "table shop.first, column utc_datetime: want UTC_DATETIME, got a time in the year 0: Fivetran accepts the years 1 to 9999",
		`{"id":2,"naive_date":"0000-12-31"}`:                  "table shop.first, column naive_date: want NAIVE_DATE, got a time in the year 0",
	} {
		for _, parallel := range []int{1, 4} {
			for _, ignores := range []bool{false, true} {
				if ignores && strings.Contains(bad, "short") {
					continue // the connector may skip a row that does not fit its table; the user is warned
				}
				wantOnlyTheFirstTableToFail(t, &pair{[]byte(bad), parallel, ignores}, why)
			}
		}
	}
}

func TestARowThatIsTooLargeFailsItsTableOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 500 MB")
	}
	bad := bytes.Join([][]byte{[]byte(`{"id":2,"string":"`), bytes.Repeat([]byte("x"), protocol.MaxMessage), []byte(`"}`)}, nil)
	wantOnlyTheFirstTableToFail(t, &pair{bad, 1, false}, "table shop.first: a row takes 134")
}

// wantOnlyTheFirstTableToFail requires that everything but the bad row arrives, and that the
// status says why that row does not.
func wantOnlyTheFirstTableToFail(t *testing.T, c *pair, why string) {
	t.Helper()
	all, err := messages(t, c, fivetran.PartnerSDK)
	wantStatus(t, err, codes.Internal, "1 of 2 tables failed: first: "+why)
	ids := map[string][]int64{}
	for _, m := range all {
		for _, raw := range m.Records {
			var r protocol.Record
			require.NoError(t, r.Parse(raw))
			for _, v := range r.Values {
				if v.Name == "id" {
					ids[r.Table] = append(ids[r.Table], v.Int)
				}
			}
		}
	}
	assert.Equal(t, []int64{1}, ids["first"])
	assert.Len(t, ids["second"], 250)
	last := all[len(all)-1]
	require.Equal(t, "checkpoint", shape(last))
	assert.JSONEq(t, `{"first":{"cursor":1},"second":{"cursor":250}}`, *last.Checkpoint)
}

// A text may begin like a time in the year 0.
func TestATextThatBeginsWithZerosIsDelivered(t *testing.T) {
	t.Parallel()
	values, _ := valuesOf(t, `{"id":1,"string":"0000-0002-1825-0097","utc_datetime":"0001-01-01T00:00:00Z","other":"0000-01-01T00:00:00Z"}`)
	assert.Equal(t, "0000-0002-1825-0097", string(values["string"].Bytes))
	assert.Equal(t, "0000-01-01T00:00:00Z", string(values["other"].Bytes))
}
