package state_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// splitSyncs is a connector with the tables orders, items and discounts, and a platform
// that has the parts of each checkpoint.
type splitSyncs struct {
	t          *testing.T
	migrations []state.Migration
}

// parts are the parts of a checkpoint by table.
type parts map[string]string

// begin returns the state of a sync that starts from parts.
func (s splitSyncs) begin(from parts, selected ...string) *state.Document {
	s.t.Helper()
	var states [][]byte
	for _, p := range from {
		states = append(states, []byte(p))
	}
	joined, err := state.Join(states, s.migrations...)
	require.NoError(s.t, err)
	d, err := state.Parse(joined, s.migrations...)
	require.NoError(s.t, err)
	declareFamily(d, selected...)
	return d
}

func declareFamily(d *state.Document, selected ...string) {
	if len(selected) == 0 {
		selected = family
	}
	wanted := setOf(selected)
	for _, name := range family {
		follows := "orders"
		if name == follows {
			follows = ""
		}
		d.Declare(state.Declaration{Name: name, Selected: wanted[name], Follows: follows})
	}
	d.Begin()
}

func setOf(names []string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// partsOf returns the parts of a document.
func partsOf(d *state.Document) parts {
	snapshot, all := d.Snapshot(), parts{}
	for _, p := range snapshot.Parts() {
		all[p.Name] = string(snapshot.Pick(p))
	}
	return all
}

// advance moves the cursor of orders to each value and returns the parts of each
// checkpoint.
func (s splitSyncs) advance(d *state.Document, values ...int64) (all []parts) {
	s.t.Helper()
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	for _, v := range values {
		cursor.Advance(v)
		require.NoError(s.t, d.Checkpoint())
		all = append(all, partsOf(d))
	}
	return all
}

// start returns where a sync starts to read orders.
func (s splitSyncs) start(from parts, selected ...string) int64 {
	s.t.Helper()
	return state.NewCursor[int64](s.begin(from, selected...), "orders", state.Sorted()).Start()
}

func TestASyncStartsFromTheCheckpointThatAllPartsCover(t *testing.T) {
	s := splitSyncs{t: t}
	c := s.advance(s.begin(nil), 10, 20, 30, 40)
	mix := func(orders, items, discounts int) parts {
		mixed := parts{}
		for name, i := range map[string]int{"orders": orders, "items": items, "discounts": discounts} {
			if i >= 0 {
				mixed[name] = c[i][name]
			}
		}
		return mixed
	}
	for name, test := range map[string]struct {
		from     parts
		selected []string
		want     int64
	}{
		"the same checkpoint":              {mix(3, 3, 3), nil, 40},
		"a follower is behind":             {mix(3, 2, 3), nil, 30},
		"a follower is further behind":     {mix(3, 0, 1), nil, 10},
		"a follower is ahead":              {mix(1, 3, 1), nil, 20},
		"both":                             {mix(1, 3, 0), nil, 10},
		"a deselected follower is behind":  {mix(3, 3, 0), []string{"orders", "items"}, 40},
		"a follower alone":                 {mix(3, 1, 0), []string{"items"}, 20},
		"two followers alone":              {mix(3, 2, 1), []string{"items", "discounts"}, 20},
		"followers without the other part": {mix(-1, 2, 1), []string{"items", "discounts"}, 20},
		"a follower was reset":             {mix(3, 3, -1), nil, 0},
		"the table was reset":              {mix(-1, 3, 3), nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := splitSyncs{t: t}
			assert.Equal(t, test.want, s.start(test.from, test.selected...))
		})
	}
}

// The first sync ends after two checkpoints, and the platform has stored the second one
// of items alone. Two syncs then begin from the same position.
func TestPartsOfTwoSyncsFromTheSamePositionAreNotMistakenForOneAnother(t *testing.T) {
	s := splitSyncs{t: t}
	first := s.advance(s.begin(nil), 10)[0]
	ahead := s.advance(s.begin(first), 20, 99)[1]["items"]
	delete(first, "items") // the platform hands it back later
	second := s.advance(s.begin(first, "orders", "discounts"), 20, 30, 40)[2]
	second["items"] = ahead
	assert.Equal(t, int64(10), s.start(second), "both have passed 20, but only 10 was copied")
	later := s.advance(s.begin(second), 25)[0]
	assert.Equal(t, int64(25), s.start(later), "the tables are in step again")
}

func TestAFollowerFarBehindIsNotReadFromTheBeginning(t *testing.T) {
	s := splitSyncs{t: t}
	values := make([]int64, 600)
	for i := range values {
		values[i] = int64(i + 1)
	}
	all := s.advance(s.begin(nil), values...)
	last := all[len(all)-1]
	assert.Less(t, len(last["items"]), 1200, "the size of a part is limited")
	behind := parts{"orders": last["orders"], "items": all[99]["items"], "discounts": last["discounts"]}
	assert.InDelta(t, 60, s.start(behind), 40)
	ahead := parts{"orders": all[299]["orders"], "items": last["items"], "discounts": last["discounts"]}
	assert.InDelta(t, 260, s.start(ahead), 40)
}

func TestTheWholeStateDoesNotDependOnItsParts(t *testing.T) {
	s := splitSyncs{t: t}
	whole := func(split bool) (all []string) {
		d := state.New()
		declareFamily(d)
		cursor := state.NewCursor[int64](d, "orders", state.Sorted())
		for v := range int64(5) {
			cursor.Advance(v + 1)
			require.NoError(t, d.Checkpoint())
			if split {
				partsOf(d)
			}
			all = append(all, string(d.Saved()))
		}
		return all
	}
	assert.Equal(t, whole(false), whole(true))
	c := s.advance(s.begin(nil), 10, 20)
	d := s.begin(c[1])
	s.advance(d, 30)
	assert.Equal(t, `{"discounts":{"_follows":{"number":2,"of":"orders"}},"items":{"_follows":{"number":2,"of":"orders"}},"orders":{"_followers":{"number":2,"since":1},"cursor":30}}`, string(d.Saved()))
}

func TestEqualSyncsHaveEqualParts(t *testing.T) {
	s := splitSyncs{t: t}
	from := s.advance(s.begin(nil), 10, 20)[0]
	first := s.advance(s.begin(from), 20, 30)
	assert.Equal(t, first, s.advance(s.begin(from), 20, 30))
}

func TestTheCopiesOfALargePositionDoNotGrow(t *testing.T) {
	s := splitSyncs{t: t}
	d := s.begin(nil, "orders", "items")
	partitions := state.NewPartitions[int64](d, "orders", 100_000, state.Sorted())
	for i := range 20_000 {
		partitions.Cursor(strconv.Itoa(i)).Advance(1)
	}
	for v := range int64(5) {
		partitions.Cursor("0").Advance(v + 2)
		require.NoError(t, d.Checkpoint())
		size := 0
		for _, p := range partsOf(d) {
			size += len(p)
		}
		assert.Less(t, size, 2*len(d.Saved())+2000)
	}
}

func TestAnEditedPositionIsWhereTheSyncStarts(t *testing.T) {
	s := splitSyncs{t: t}
	c := s.advance(s.begin(nil), 10, 20, 30)
	edited := c[2]
	edited["orders"] = strings.Replace(edited["orders"], `"cursor":30`, `"cursor":15`, 1)
	assert.Equal(t, int64(15), s.start(edited))
	next := s.advance(s.begin(edited), 17)[0]
	next["items"] = c[1]["items"] // it was not read again
	assert.Zero(t, s.start(next))
}

func TestAPlatformMayChangeTheFormOfAPart(t *testing.T) {
	s := splitSyncs{t: t}
	d := s.begin(nil)
	require.NoError(t, d.Table("orders").Set("é", map[string]any{"b": 1, "a": 9007199254740993}))
	c := s.advance(d, 10, 20)
	reordered := func(part string) string {
		part = strings.ReplaceAll(part, `{"a":9007199254740993,"b":1}`, `{ "b":1, "a":9007199254740993 }`)
		return strings.ReplaceAll(part, "é", `\u00e9`)
	}
	require.NotEqual(t, c[1]["orders"], reordered(c[1]["orders"]))
	assert.Equal(t, int64(10), s.start(parts{"orders": reordered(c[1]["orders"]), "items": reordered(c[0]["items"]), "discounts": c[1]["discounts"]}))
}

func TestAMigrationKeepsTablesInStepAndRemovesCopies(t *testing.T) {
	s := splitSyncs{t: t}
	c := s.advance(s.begin(nil), 10, 20)
	doubled := func(old map[string]json.RawMessage) error {
		if old["orders"] == nil {
			return nil
		}
		var part map[string]json.RawMessage
		if err := json.Unmarshal(old["orders"], &part); err != nil {
			return err
		}
		var n int64
		err := json.Unmarshal(part["cursor"], &n)
		part["cursor"] = json.RawMessage(fmt.Sprint(2 * n))
		old["orders"], _ = json.Marshal(part)
		return err
	}
	s.migrations = []state.Migration{doubled}
	assert.Equal(t, int64(40), s.start(c[1]))
	behind := parts{"orders": c[1]["orders"], "items": c[0]["items"], "discounts": c[1]["discounts"]}
	assert.Zero(t, s.start(behind), "the copy has the form of the old version")
	ahead := parts{"orders": c[0]["orders"], "items": c[1]["items"], "discounts": c[0]["discounts"]}
	assert.Equal(t, int64(20), s.start(ahead))

	next := s.advance(s.begin(c[1]), 50)[0]
	next["items"] = c[1]["items"] // nothing of the table was stored since the migration
	assert.Equal(t, int64(40), s.start(next))
}

// The copies of a state that is stored as a whole have the form of the old version, too.
func TestAMigrationRemovesCopiesOfPositions(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	f.rows = 20
	f.sync(0, "orders", "discounts")
	nothing := func(map[string]json.RawMessage) error { return nil }
	d := parse(t, string(f.saved), nothing)
	assert.Equal(t, `{"discounts":{"_follows":{"number":2,"of":"orders"}},"items":{"_follows":{"number":1,"of":"orders"}},"orders":{"_followers":{"number":2,"since":1},"cursor":20},"_version":1}`, string(d.Saved()))
	declareFamily(d)
	assert.True(t, state.NewCursor[int64](d, "orders", state.Sorted()).First())
}

func TestAPositionThatWentBackIsNotPassed(t *testing.T) {
	s := splitSyncs{t: t}
	start := s.advance(s.begin(nil), 10)[0]
	d := s.begin(start)
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	cursor.Advance(20)
	require.NoError(t, d.Checkpoint())
	wrong := partsOf(d)
	cursor.Advance(15)
	require.Error(t, d.Checkpoint())
	back := partsOf(d)
	back["items"] = wrong["items"]
	assert.Equal(t, int64(10), s.start(back))
	for _, part := range partsOf(d) {
		assert.NotContains(t, part, "20")
	}
}

// A runtime may send a state again after a later one, because the later one was wrong.
func TestAnOlderSnapshotDoesNotReferToALaterOne(t *testing.T) {
	s := splitSyncs{t: t}
	d := s.begin(s.advance(s.begin(nil), 10)[0])
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	cursor.Advance(20)
	require.NoError(t, d.Checkpoint())
	older := d.Snapshot()
	cursor.Advance(30)
	require.NoError(t, d.Checkpoint())
	later := partsOf(d)
	mixed := parts{"items": later["items"], "discounts": later["discounts"]}
	for _, p := range older.Parts() {
		if p.Name == "orders" {
			mixed[p.Name] = string(older.Pick(p))
		}
	}
	assert.Zero(t, s.start(mixed))
}

func FuzzAnyPartsCanBeJoinedAndSplitAgain(f *testing.F) {
	f.Add(`{"orders":{"_followers":{"passed":{"hashes":"e9DPuLYJ2FvR8mTs","earlier":{"hash":"e9DPuLYJ","position":{"cursor":1}}}},"cursor":3}}`,
		`{"items":{"_follows":{"of":"orders","position":{"cursor":1},"passed":{"hashes":"e9DPuLYJ"}}}}`)
	f.Add(`{"_shared":{"_number":{"passed":{"hashes":"e9DPuLYJ"}},"at":1}}`, `{"items":{"_shared":{"passed":{"hashes":"e9DPuLYJ"}}}}`)
	f.Add(`{"orders":{"_followers":{"number":2,"since":1},"cursor":3}}`, `{"items":{"_follows":{"number":1,"of":"orders","position":null}}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		joined, err := state.Join([][]byte{[]byte(a), []byte(b)})
		if err != nil {
			return
		}
		for _, selected := range [][]string{family, {"items"}} {
			d, err := state.Parse(joined)
			if err != nil {
				return
			}
			declareFamily(d, selected...)
			d.Missed()
			state.NewCursor[int64](d, "orders").Advance(7)
			if d.Finish() != nil {
				return
			}
			var states [][]byte
			snapshot := d.Snapshot()
			for _, p := range snapshot.Parts() {
				states = append(states, snapshot.Pick(p))
			}
			again, err := state.Join(states)
			require.NoError(t, err)
			_, err = state.Parse(again)
			require.NoError(t, err)
		}
	})
}

// A connector may delete the rows of tables that it reads from the beginning. A checkpoint
// of another table must not send the position that these rows had.
func TestATableThatIsReadFromTheBeginningHasNoPositionBeforeItsFirstCheckpoint(t *testing.T) {
	s := splitSyncs{t: t}
	c := s.advance(s.begin(nil), 10, 20)
	for name, missing := range map[string]string{"a follower was reset": "items", "the table was reset": "orders"} {
		t.Run(name, func(t *testing.T) {
			s := splitSyncs{t: t}
			from := maps.Clone(c[1])
			delete(from, missing)
			d := s.begin(from)
			require.True(t, state.NewCursor[int64](d, "orders", state.Sorted()).First())
			sent := partsOf(d)
			for _, name := range family {
				mixed := maps.Clone(c[1]) // also the part that was missing
				mixed[name] = sent[name]
				assert.Zero(t, s.start(mixed), "the part of %s is %s", name, sent[name])
			}
			assert.NotContains(t, string(d.Saved()), "20")
		})
	}
}

func TestADeselectedFollowerKeepsItsPositionIfTheTableIsReadFromTheBeginning(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	f.reset("items")
	d := f.begin("orders", "items")
	require.True(t, state.NewCursor[int64](d, "orders", state.Sorted()).First())
	f.saved = d.Saved()
	assert.Equal(t, `{"discounts":{"_follows":{"number":1,"of":"orders","position":{"cursor":10}}},"orders":{"_followers":{"number":2,"since":2}}}`, string(f.saved))
	f.sync(0, "discounts")
	assert.Equal(t, 1, f.read)
}

// The table that a late follower follows is not selected, so no sync moves the position of
// the follower.
func TestATruncatedFollowerWithoutAPositionIsNotCovered(t *testing.T) {
	s := splitSyncs{t: t}
	c := s.advance(s.begin(nil), 10, 20)
	joined, err := state.Join([][]byte{[]byte(c[1]["items"])})
	require.NoError(t, err)
	d, err := state.Parse(joined)
	require.NoError(t, err)
	d.Declare(state.Declaration{Name: "orders"})
	d.Begin()
	require.True(t, state.NewCursor[int64](d, "orders", state.Sorted()).First())
	d.Declare(state.Declaration{Name: "items", Selected: true, Follows: "orders"})
	d.Truncate("items")
	c[1]["items"] = partsOf(d)["items"]
	assert.Zero(t, s.start(c[1]))
}
