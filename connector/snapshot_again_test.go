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

// generationOf returns a connector that reads a table of 20 rows in two ranges. It
// then deletes the ranges from the state and stores the generation of the rows.
func generationOf(generation int) *scripted {
	return &scripted{
		tables: []schema.Table{idTable("t", schema.Column{Name: "v", Type: schema.TypeLong})},
		sync: func(_ context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			part, last := st.Table("t"), 0
			if _, err := part.Get("generation", &last); err != nil || last == generation {
				return err
			}
			if err := out.Truncate("t"); err != nil {
				return err
			}
			ranges := state.NewPartitions[int64](st, "t", 100, state.Sorted())
			for _, first := range []int64{1, 11} {
				cursor := ranges.Cursor(fmt.Sprint(first))
				for id := max(first, cursor.Start()); id < first+10; id++ {
					if err := out.Upsert("t", json.RawMessage(fmt.Sprintf(`{"id":%d,"v":%d}`, id, generation))); err != nil {
						return err
					}
					cursor.Advance(id)
				}
				cursor.Advance(first + 10)
			}
			part.Delete("partitions")
			return part.Set("generation", generation)
		},
	}
}

func TestASnapshotWhoseRangesWereDeletedStartsOver(t *testing.T) {
	var platform connectortest.Platform
	first, err := connectortest.TrySync(t, generationOf(1), connectortest.Into(&platform))
	if err != nil {
		return // deleting a cursor that is in use may be refused
	}
	_, err = connectortest.TrySync(t, generationOf(2), connectortest.From(first.State), connectortest.Into(&platform))
	if err == nil {
		assert.Len(t, platform.Rows("t"), 20)
	}
}
