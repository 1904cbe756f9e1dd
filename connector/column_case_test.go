package connector_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// Most destinations ignore the case of column names and treat two such columns as
// one.
func TestColumnsThatDifferOnlyInCaseAreRefusedOrReported(t *testing.T) {
	for name, row := range map[string]any{
		"twin of a declared column": []byte(`{"id":1,"name":"a","Name":"b"}`),
		"twin of the key":           []byte(`{"id":1,"name":"a","ID":2}`),
		"two undeclared twins":      []byte(`{"id":1,"userId":"a","userID":"b"}`),
		"in a map":                  map[string]any{"id": 1, "x": 1, "X": 2},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := connectortest.TrySync(t, &scripted{
				tables: []schema.Table{idTable("t", schema.Column{Name: "name", Type: schema.TypeString})},
				sync: func(_ context.Context, _ *scripted, _ state.State, out connector.Emitter) error {
					return out.Upsert("t", row)
				},
			})
			assert.True(t, err != nil || warned(r), "delivered without an error or a warning: %s", r.Rows("t"))
		})
	}
}
