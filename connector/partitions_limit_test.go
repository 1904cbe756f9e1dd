package connector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// byAccount returns a connector that delivers the rows 1 to 30 of each account.
func byAccount(limit int, opts []state.Option, accounts ...string) *scripted {
	return &scripted{
		tables: []schema.Table{{Name: "t", Columns: []schema.Column{
			{Name: "account", Type: schema.TypeString, PrimaryKey: true}, {Name: "n", Type: schema.TypeLong, PrimaryKey: true}}}},
		sync: func(_ context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			parts := state.NewPartitions[int64](st, "t", limit, append([]state.Option{state.Sorted(), state.StartAt[int64](1)}, opts...)...)
			for _, account := range accounts {
				cursor := parts.Cursor(account)
				for n := cursor.Start(); n <= 30; n++ {
					if err := out.Upsert("t", json.RawMessage(fmt.Sprintf(`{"account":%q,"n":%d}`, account, n))); err != nil {
						return err
					}
					cursor.Advance(n)
				}
			}
			return nil
		},
	}
}

// A user may add an account to the list. A new account may have old rows.
func TestANewPartitionAboveTheLimitIsReadFromItsStart(t *testing.T) {
	upTo := []state.Option{state.UpTo[int64](31)}
	for _, c := range []struct {
		name  string
		limit int
		opts  []state.Option
	}{
		{"below the limit", 10, nil}, {"above the limit", 2, nil}, {"above the limit, with UpTo", 2, upTo}, {"crossing the limit", 3, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := connectortest.Sync(t, byAccount(c.limit, c.opts, "a", "b", "c"))
			if c.name == "crossing the limit" { // a fourth account crosses the limit before the new one is added
				last = connectortest.Sync(t, byAccount(c.limit, c.opts, "a", "b", "c", "d"), connectortest.From(last.State))
			}
			r := connectortest.Sync(t, byAccount(c.limit, c.opts, "a", "b", "c", "new"), connectortest.From(last.State))
			n := 0
			for _, row := range connectortest.Rows[struct{ Account string }](t, r, "t") {
				if row.Account == "new" {
					n++
				}
			}
			assert.Equal(t, 30, n, "rows of the new account; the state was %s", last.State)
		})
	}
}
