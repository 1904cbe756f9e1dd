package state_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t *testing.T, data string, migrations ...state.Migration) *state.Document {
	t.Helper()
	d, err := state.Parse([]byte(data), migrations...)
	require.NoError(t, err)
	return d
}

func at(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }

// next returns the state of the next sync.
func next(t *testing.T, d *state.Document) *state.Document {
	t.Helper()
	return parse(t, string(d.Saved()))
}

func TestACheckpointOfATableSavesNeitherOtherTablesNorTheSharedPart(t *testing.T) {
	d := state.New()
	for _, name := range []string{"a", "b"} {
		state.NewCursor[int64](d, name, state.Sorted()).Advance(1)
	}
	require.NoError(t, d.Shared().Set("account", "acme"))
	assert.Equal(t, `{}`, string(d.Saved()))
	require.NoError(t, d.Checkpoint("a", "unknown"))
	assert.Equal(t, `{"a":{"cursor":1}}`, string(d.Saved()))
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"_shared":{"account":"acme"},"a":{"cursor":1},"b":{"cursor":1}}`, string(d.Saved()))
	all, err := json.Marshal(state.State(d))
	require.NoError(t, err)
	assert.Equal(t, string(d.Saved()), string(all))
}

func TestTheSavedStateOfAHeldTableDoesNotChange(t *testing.T) {
	d := parse(t, `{"a":{"cursor":1},"b":{"cursor":1}}`)
	d.Hold("a")
	for _, name := range []string{"a", "b"} {
		state.NewCursor[int64](d, name, state.Sorted()).Advance(7)
	}
	require.NoError(t, d.Checkpoint("a"))
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"a":{"cursor":1},"b":{"cursor":7}}`, string(d.Saved()))
}

func TestErrReturnsTheFirstErrorOfTheNamedTables(t *testing.T) {
	d := state.New()
	for _, name := range []string{"b", "a", "b"} {
		state.NewCursor[string](d, name).Advance("\xff")
	}
	d.Hold("b")
	assert.ErrorContains(t, d.Err("a", "b", "c"), "table b")
	assert.ErrorContains(t, d.Err("c", "a"), "table a")
	assert.NoError(t, d.Err("c"))
	assert.ErrorContains(t, d.Err(), "table a", "a held table is ignored unless it is named")
	assert.ErrorContains(t, d.Checkpoint("a"), "table a")
	require.NoError(t, d.Checkpoint("c"))
}

func TestASavedStateIsSortedAndCanBeParsed(t *testing.T) {
	in := `{"Zebra":{"a":"\u00e9","b":{"z":1,"a":[1.50,1e5]}},"_shared":{"x":12345678901234567890.10},"a":{"cursor":9007199254740993}}`
	d := parse(t, " {\n\"a\": {\"cursor\": 9007199254740993},\n\"_shared\":{\"x\":12345678901234567890.10}, \"empty\":{},\r\n\"Zebra\":{\"a\":\"\\u00e9\",\n\t\"b\":{\"z\": 1,\n\"a\":[1.50, 1e5]}}} ")
	for range 20 {
		require.Equal(t, in, string(d.Saved()), "the state must be on one line, with unused members unchanged")
		d = next(t, d)
	}
}

// Several tables at once deliver rows, then advance their cursors, then make
// checkpoints. A saved state must never cover a row that has not been
// delivered, whenever it is read.
func TestASavedStateNeverCoversUndeliveredRows(t *testing.T) {
	d := state.New()
	var mu sync.Mutex
	delivered := map[string]int64{}
	done := make(chan struct{})
	var tables, reader sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprint("t", i)
		tables.Go(func() {
			c := state.NewCursor[int64](d, name, state.Sorted())
			p := state.NewPartitions[int64](d, name+"p", 2, state.Sorted())
			for v := int64(1); v <= 500; v++ {
				mu.Lock()
				delivered[name], delivered[name+"p"] = v, v
				mu.Unlock()
				c.Advance(v)
				p.Cursor("one").Advance(v)
				assert.NoError(t, d.Shared().Set("seen", v))
				switch v % 3 {
				case 0:
					assert.NoError(t, d.Checkpoint(name))
				case 1:
					assert.NoError(t, d.Checkpoint())
				}
			}
			assert.NoError(t, d.Finish(name, name+"p"))
		})
	}
	reader.Go(func() {
		last := map[string]int64{}
		for {
			saved := d.Saved()
			var got map[string]struct {
				Cursor     int64
				Partitions map[string]int64
			}
			assert.NoError(t, json.Unmarshal(saved, &got))
			mu.Lock()
			for name, part := range got {
				v := max(part.Cursor, part.Partitions["one"])
				if name != "_shared" {
					assert.LessOrEqual(t, v, delivered[name])
					assert.GreaterOrEqual(t, v, last[name])
					last[name] = v
				}
			}
			mu.Unlock()
			select {
			case <-done:
				return
			default:
			}
		}
	})
	tables.Wait()
	close(done)
	reader.Wait()
	require.NoError(t, d.Finish())
	assert.Equal(t, 4, strings.Count(string(d.Saved()), `{"cursor":500}`))
	assert.Equal(t, 4, strings.Count(string(d.Saved()), `{"one":500}`))
}
