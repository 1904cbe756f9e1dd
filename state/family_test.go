package state_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// A following is a source whose table orders carries the rows of the tables items
// and discounts, and a platform that receives them.
type following struct {
	t       *testing.T
	rows    int64                     // the source has the rows 1 to rows of each table
	arrived map[string]map[int64]bool // by table
	saved   []byte                    // the last state that the platform received
	read    int                       // rows of the carrier in the last sync
}

var family = []string{"orders", "items", "discounts"}

func newFollowing(t *testing.T, rows int64) *following {
	t.Helper()
	f := &following{t: t, rows: rows, arrived: map[string]map[int64]bool{}}
	for _, name := range family {
		f.arrived[name] = map[int64]bool{}
	}
	return f
}

// begin returns the state of a sync of the given tables.
func (f *following) begin(selected ...string) *state.Document {
	f.t.Helper()
	d, err := state.Parse(f.saved)
	require.NoError(f.t, err)
	wanted := map[string]bool{}
	for _, name := range selected {
		wanted[name] = true
	}
	for _, name := range family {
		follows := "orders"
		if name == follows {
			follows = ""
		}
		d.Declare(state.Declaration{Name: name, Selected: wanted[name], Follows: follows})
	}
	d.Begin()
	return d
}

// sync delivers up to limit rows of each selected table, as one that is then killed.
// A sync without a limit is complete.
func (f *following) sync(limit int, selected ...string) {
	f.t.Helper()
	d := f.begin(selected...)
	f.read = 0
	cursor := state.NewCursor[int64](d, "orders", state.Sorted(), state.StartAt[int64](1))
	for id := cursor.Start(); id <= f.rows; id++ {
		if limit > 0 && f.read == limit {
			return
		}
		f.read++
		for _, name := range selected {
			f.arrived[name][id] = true
		}
		cursor.Advance(id)
		require.NoError(f.t, d.Checkpoint(family...))
		if id%3 == 0 {
			f.saved = d.Saved()
		}
	}
	require.NoError(f.t, d.Finish(family...))
	f.saved = d.Saved()
}

// reset removes the rows and the state of one table, as a platform does.
func (f *following) reset(name string) {
	f.t.Helper()
	clear(f.arrived[name])
	f.edit(func(parts map[string]json.RawMessage) { delete(parts, name) })
}

func (f *following) edit(edit func(parts map[string]json.RawMessage)) {
	f.t.Helper()
	parts := map[string]json.RawMessage{}
	if len(f.saved) > 0 {
		require.NoError(f.t, json.Unmarshal(f.saved, &parts))
	}
	edit(parts)
	text, err := json.Marshal(parts)
	require.NoError(f.t, err)
	f.saved = text
}

func (f *following) assertComplete(names ...string) {
	f.t.Helper()
	for _, name := range names {
		for id := int64(1); id <= f.rows; id++ {
			if !f.arrived[name][id] {
				require.Fail(f.t, "row missing", "%s %d; the state is %s", name, id, f.saved)
			}
		}
	}
}

func TestAReselectedFollowerIsReadFromWhereItFellBehind(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	assert.Equal(t, `{"discounts":{"_follows":{"number":1,"of":"orders"}},"items":{"_follows":{"number":1,"of":"orders"}},"orders":{"_followers":{"number":1,"since":1},"cursor":10}}`, string(f.saved))
	f.rows = 20
	f.sync(0, "orders", "discounts")
	assert.Equal(t, 11, f.read)
	assert.Equal(t, `{"discounts":{"_follows":{"number":2,"of":"orders"}},"items":{"_follows":{"number":1,"of":"orders","position":{"cursor":10}}},"orders":{"_followers":{"number":2,"since":1},"cursor":20}}`, string(f.saved))
	f.rows = 30
	f.sync(0, "orders", "discounts")
	assert.Equal(t, 11, f.read, "the carrier does not wait for the follower")
	f.sync(0, family...)
	assert.Equal(t, 21, f.read, "the carrier is read from where the follower fell behind")
	f.assertComplete(family...)
	f.sync(0, family...)
	assert.Equal(t, 1, f.read)
}

func TestAFollowerThatIsSelectedAloneKeepsItsOwnPosition(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	f.rows = 20
	f.sync(0, "items")
	assert.Equal(t, 11, f.read)
	f.rows = 30
	f.sync(0, "items")
	assert.Equal(t, 11, f.read, "the follower resumes from its own position")
	f.assertComplete("items")
	f.sync(0, family...)
	assert.Equal(t, 21, f.read, "the carrier is still where it was")
	f.assertComplete(family...)
}

func TestAFollowerThatIsResetAloneIsReadAgain(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	f.reset("items")
	f.sync(0, family...)
	f.assertComplete(family...)
	f.sync(0, family...)
	assert.Equal(t, 1, f.read)

	f.reset("orders")
	f.sync(4, "orders")
	f.reset("orders")
	f.sync(0, family...)
	f.assertComplete(family...)
}

func TestAFollowerThatIsSelectedFirstIsReadFromTheBeginning(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, "orders")
	f.sync(0, "orders", "items")
	f.assertComplete("items")
	assert.Equal(t, 10, f.read)
	f.rows = 20
	f.sync(0, "orders", "items")
	assert.Equal(t, 11, f.read)

	only := newFollowing(t, 10)
	only.sync(0, "items")
	only.sync(0, "items")
	assert.Equal(t, 1, only.read, "a follower alone has a position from the first sync on")
	only.sync(0, family...)
	only.assertComplete(family...)
}

// Platforms that store the state of each table separately do not store that of a
// table that is not selected.
func TestAFollowerIsReadAgainIfThePlatformDidNotStoreWhereItFellBehind(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	var old json.RawMessage
	f.edit(func(parts map[string]json.RawMessage) { old = parts["items"] })
	f.rows = 20
	f.sync(0, "orders", "discounts")
	f.edit(func(parts map[string]json.RawMessage) { parts["items"] = old })
	f.sync(0, family...)
	f.assertComplete(family...)
}

func TestAHeldFollowerFallsBehindInMidSync(t *testing.T) {
	f := newFollowing(t, 10)
	d := f.begin(family...)
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	cursor.Advance(4)
	require.NoError(t, d.Checkpoint(family...))
	d.Hold("items")
	cursor.Advance(9)
	require.NoError(t, d.Checkpoint(family...))
	f.saved = d.Saved()
	next := f.begin(family...)
	assert.Equal(t, int64(4), state.NewCursor[int64](next, "orders", state.Sorted()).Start())
}

func TestAFollowerThatIsHeldBeforeItCaughtUpStaysBehind(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	f.rows = 20
	f.sync(0, "orders", "discounts")
	d := f.begin(family...)
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	require.Equal(t, int64(10), cursor.Start())
	d.Hold("items")
	cursor.Advance(20)
	require.NoError(t, d.Checkpoint())
	f.saved = d.Saved()
	next := f.begin(family...)
	assert.True(t, state.NewCursor[int64](next, "orders", state.Sorted()).First(), "the numbers of the two positions cannot be compared")
}

func TestAFollowerThatIsDiscoveredLateIsReadFromTheBeginningByTheNextSync(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	d := f.begin(family...)
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	d.Declare(state.Declaration{Name: "notes", Selected: true, Follows: "orders"})
	cursor.Advance(20)
	assert.Len(t, d.TakeWarnings(), 1)
	require.NoError(t, d.Finish())
	f.saved = d.Saved()

	d = f.begin(family...)
	assert.True(t, state.NewCursor[int64](d, "orders", state.Sorted()).First())
	d.Declare(state.Declaration{Name: "notes", Selected: true, Follows: "orders"})
	state.NewCursor[int64](d, "orders").Advance(20)
	require.NoError(t, d.Finish())
	assert.Empty(t, d.TakeWarnings())
	f.saved = d.Saved()

	d = f.begin(family...)
	d.Declare(state.Declaration{Name: "notes", Selected: true, Follows: "orders"})
	assert.Equal(t, int64(20), state.NewCursor[int64](d, "orders", state.Sorted()).Start())
	assert.Empty(t, d.TakeWarnings())
}

func TestAnUnsortedCarrierIsNotMovedPastWhatAFollowerLacks(t *testing.T) {
	f := newFollowing(t, 10)
	f.sync(0, family...)
	f.rows = 20
	f.sync(0, "orders")
	d := f.begin(family...)
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	require.Equal(t, int64(10), cursor.Start())
	cursor.Advance(15)
	require.NoError(t, d.Checkpoint(family...))
	cursor.Advance(12)
	var unsorted *state.OrderError
	require.ErrorAs(t, d.Checkpoint(family...), &unsorted)
	f.saved = d.Saved()
	assert.Equal(t, int64(10), state.NewCursor[int64](f.begin(family...), "orders", state.Sorted()).Start())
}

func TestNoRowOfAFamilyIsLostInRandomHistories(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			f := newFollowing(t, 5)
			var stored json.RawMessage // the part of items when it was last selected
			for range 30 {
				f.rows += random.Int64N(6)
				var selected []string
				for _, name := range family {
					if random.IntN(3) > 0 {
						selected = append(selected, name)
					}
				}
				perTable := random.IntN(4) == 0
				f.edit(func(parts map[string]json.RawMessage) { stored = parts["items"] })
				switch random.IntN(6) {
				case 0:
					f.reset(family[random.IntN(len(family))])
					perTable = false
				case 1, 2:
					f.sync(1+random.IntN(8), selected...)
				default:
					f.sync(0, selected...)
				}
				if perTable && !slices.Contains(selected, "items") && stored != nil {
					f.edit(func(parts map[string]json.RawMessage) { parts["items"] = stored })
				}
			}
			f.sync(0, family...)
			f.assertComplete(family...)
			f.sync(0, family...)
			assert.Equal(t, 1, f.read, "a second sync resumes at the end")
		})
	}
}
