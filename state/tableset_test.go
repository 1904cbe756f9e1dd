package state_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/state"
)

func TestASetOfTablesSavesWhatACheckpointWithTheirNamesSaves(t *testing.T) {
	for seed := range 6 * histories() {
		random := rand.New(rand.NewPCG(seed, 5))
		code := make([]byte, 400)
		for i := range code {
			code[i] = byte(random.Uint32())
		}
		for i := range code {
			if random.IntN(4) == 0 {
				code[i] = 12 // often the step that makes a checkpoint
			}
		}
		named, inSets := &program{code: code}, &program{code: code, sets: map[string]*state.TableSet{}}
		require.NoError(t, named.start(nil))
		require.NoError(t, inSets.start(nil))
		for range 100 {
			err := named.step()
			require.Equal(t, fmt.Sprint(err), fmt.Sprint(inSets.step()))
			if err != nil {
				break
			}
			require.Equal(t, named.outcome(), inSets.outcome(), "seed %d", seed)
			require.Equal(t, string(named.doc.Saved()), string(inSets.doc.Saved()), "seed %d", seed)
			for _, tables := range tableGroups {
				if set := inSets.sets[fmt.Sprint(tables)]; set != nil {
					require.Equal(t, fmt.Sprint(named.doc.Err(tables...)), fmt.Sprint(set.Err()), "seed %d", seed)
				}
			}
		}
	}
}

// A namedSource has tables with two names each, such as "a" and "shop.a", and the ID "#a".
type namedSource struct{ declared map[string]bool }

func (s *namedSource) identify(name string) (string, error) {
	own := strings.TrimPrefix(strings.TrimPrefix(name, "shop."), "#")
	if !s.declared[own] {
		return "", errors.New("no table " + name)
	}
	return "#" + own, nil
}

func (s *namedSource) declare(d *state.Document, name string, selected bool) {
	s.declared[name] = true
	d.Declare(state.Declaration{Name: name, Aliases: []string{"shop." + name}, Selected: selected})
}

func newNamedSource(t *testing.T, stored string) (*namedSource, *state.Document) {
	t.Helper()
	s, d := &namedSource{map[string]bool{}}, parse(t, stored)
	d.SetNames(s.identify)
	return s, d
}

func TestASetOfTablesIncludesTablesThatAreDeclaredLater(t *testing.T) {
	for _, names := range [][]string{{"b"}, {"a", "b"}, {"#a", "shop.b", "c"}} {
		s, d := newNamedSource(t, `{"shop.b":{"n":0}}`)
		s.declare(d, "a", true)
		d.Begin()
		set := d.TableSet(names...)
		require.NoError(t, set.Checkpoint())
		s.declare(d, "b", true)
		require.NoError(t, d.Table("b").Set("n", 1))
		require.NoError(t, set.Checkpoint())
		assert.Equal(t, `{"shop.b":{"n":1}}`, string(d.Saved()), names)
		require.NoError(t, d.Table("shop.b").Set("n", 2))
		require.NoError(t, set.Checkpoint())
		assert.Equal(t, `{"shop.b":{"n":2}}`, string(d.Saved()), names)
	}
}

func TestASetOfTablesReportsTheErrorsOfTablesThatAreDeclaredLater(t *testing.T) {
	for _, names := range [][]string{{"b"}, {"a", "b"}, {"a", "c", "shop.b"}} {
		s, d := newNamedSource(t, "")
		for _, name := range []string{"a", "early", "other"} {
			s.declare(d, name, true)
		}
		d.Begin()
		set := d.TableSet(names...)
		require.NoError(t, set.Err())
		for _, name := range []string{"early", "other"} {
			state.NewCursor[string](d, name).Advance("\xff")
			require.NoError(t, set.Err())
		}
		s.declare(d, "b", true)
		require.NoError(t, set.Err())
		state.NewCursor[string](d, "b").Advance("\xff")
		assert.ErrorContains(t, set.Err(), "table b")
		if len(names) > 1 {
			state.NewCursor[string](d, "a").Advance("\xff")
		}
		assert.ErrorContains(t, set.Err(), "table b", "the error is permanent")
		assert.ErrorContains(t, set.Checkpoint(), "table b")
		assert.ErrorContains(t, d.TableSet("a", "early", "b").Err(), "table early", "it is the first one")
	}
}

func TestASetOfTablesSavesATableThatIsSelectedLater(t *testing.T) {
	s, d := newNamedSource(t, "")
	s.declare(d, "a", false)
	s.declare(d, "b", true)
	d.Begin()
	set := d.TableSet("a", "b")
	require.NoError(t, d.Table("a").Set("n", 1))
	require.NoError(t, set.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
	s.declare(d, "a", true)
	require.NoError(t, set.Checkpoint())
	assert.Equal(t, `{"a":{"n":1}}`, string(d.Saved()))
}

func TestASetOfNoTablesSavesNothing(t *testing.T) {
	d := state.New()
	require.NoError(t, d.Table("a").Set("n", 1))
	require.NoError(t, d.TableSet().Checkpoint())
	state.NewCursor[string](d, "a").Advance("\xff")
	require.NoError(t, d.TableSet().Err())
	assert.Equal(t, `{}`, string(d.Saved()))
}

// Goroutines use sets that share tables. A checkpoint saves what its goroutine has changed
// before.
func TestACheckpointOfASetSavesEveryEarlierChange(t *testing.T) {
	d := state.New()
	shared := d.TableSet("t0", "t1", "t2", "t3", "late")
	var tables sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprint("t", i)
		tables.Go(func() {
			own := d.TableSet(name, "late")
			cursor := state.NewCursor[int64](d, name, state.Sorted())
			for v := int64(1); v <= 500; v++ {
				cursor.Advance(v)
				set := []*state.TableSet{own, shared, d.TableSet("late", name)}[v%3]
				assert.NoError(t, set.Checkpoint())
				assert.NoError(t, set.Err())
				assert.Contains(t, string(d.Saved()), fmt.Sprintf(`%q:{"cursor":%d}`, name, v))
			}
		})
	}
	tables.Wait()
}

// The sets of a sync are not kept, although each is told when one of its tables changes.
func TestASetThatIsNotUsedAnyMoreIsFreed(t *testing.T) {
	d := state.New()
	var names []string
	for i := range 200 {
		names = append(names, strconv.Itoa(i))
	}
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	for range 2_000 { // 40 MB
		require.NoError(t, d.TableSet(names...).Checkpoint())
	}
	assert.Eventually(t, func() bool { return heap() < before+5<<20 }, 30*time.Second, 50*time.Millisecond)
	runtime.KeepAlive(d)
}

// costOf returns the shortest time of several calls.
func costOf(work func()) time.Duration {
	shortest := time.Hour
	for range 7 {
		began := growth.ProcessorTime()
		work()
		shortest = min(shortest, growth.ProcessorTime()-began)
	}
	return shortest
}

func TestTheTimeForACheckpointOfASetDoesNotDependOnTheNumberOfItsTables(t *testing.T) {
	for name, prepare := range map[string]func(d *state.Document, tables []string) func(i int) error{
		"without parts": func(d *state.Document, tables []string) func(i int) error {
			set := d.TableSet(tables...)
			return func(int) error { return set.Checkpoint() }
		},
		"with parts": func(d *state.Document, tables []string) func(i int) error {
			for _, name := range tables {
				_ = d.Table(name).Set("n", 1)
			}
			set, last := d.TableSet(tables...), d.Table(tables[len(tables)-1])
			return func(i int) error { return errors.Join(last.Set("n", i), set.Checkpoint()) }
		},
		"next to sets with the same tables": func(d *state.Document, tables []string) func(i int) error {
			var sets []*state.TableSet
			for range 10 {
				sets = append(sets, d.TableSet(tables...))
			}
			last := d.Table(tables[len(tables)-1])
			return func(i int) error { return errors.Join(last.Set("n", i), sets[i%10].Checkpoint()) }
		},
		"after errors of other tables": func(d *state.Document, tables []string) func(i int) error {
			set := d.TableSet(tables[1:]...)
			state.NewCursor[string](d, tables[0]).Advance("\xff")
			for i := range 10 {
				state.NewCursor[string](d, fmt.Sprint("other", i)).Advance("\xff")
			}
			return func(int) error { return errors.Join(set.Err(), set.Checkpoint()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			growth.AssertConstant(t, 20, 4_000, func(n int) time.Duration {
				d := manyTables(n, 1)
				tables := make([]string, n)
				for i := range tables {
					tables[i] = strconv.Itoa(i)
				}
				checkpoint := prepare(d, tables)
				require.NoError(t, checkpoint(0))
				return costOf(func() {
					for i := range 1_000 {
						require.NoError(t, checkpoint(i))
					}
				})
			})
		})
	}
}

func TestTheTimeForErrDoesNotDependOnTheNumberOfErrorsOfOtherTables(t *testing.T) {
	growth.AssertConstant(t, 20, 4_000, func(n int) time.Duration {
		d := state.New()
		for i := range n {
			name := strconv.Itoa(i)
			d.Declare(state.Declaration{Name: name, Selected: i%2 == 0})
			state.NewCursor[string](d, name).Advance("\xff")
			if i%2 == 0 {
				d.Hold(name)
			}
		}
		return costOf(func() {
			for range 1_000 {
				require.NoError(t, d.Err())
				require.NoError(t, d.TableSet("new", "newer").Err())
			}
		})
	})
}

func TestAnErrorIsReportedOnceItsTableIsSelected(t *testing.T) {
	d := state.New()
	for _, selected := range slices.Backward([]bool{true, false}) {
		d.Declare(state.Declaration{Name: "a", Selected: selected})
		state.NewCursor[string](d, "a").Advance("\xff")
		for range 2 {
			if err := d.Err(); selected {
				assert.ErrorContains(t, err, "table a")
			} else {
				assert.NoError(t, err)
			}
		}
	}
}

// followedButNotSelected declares a table that is only read for a table that follows it.
func followedButNotSelected(d *state.Document) {
	d.Declare(state.Declaration{Name: "orders"})
	d.Declare(state.Declaration{Name: "items", Selected: true, Follows: "orders"})
	d.Begin()
}

func TestASetOfTablesSavesThePositionOfATableThatIsOnlyReadForItsFollowers(t *testing.T) {
	d := state.New()
	followedButNotSelected(d)
	set := d.TableSet("orders", "items")
	require.NoError(t, set.Checkpoint())
	cursor := state.NewCursor[int64](d, "orders", state.Sorted())
	for n := range int64(3) {
		cursor.Advance(n + 1)
		require.NoError(t, set.Checkpoint())
		assert.Contains(t, string(d.Saved()), fmt.Sprintf(`"position":{"cursor":%d}`, n+1))
	}
}

func TestAnErrorIsReportedOnceItsTableIsReadForItsFollowers(t *testing.T) {
	d := state.New()
	d.Declare(state.Declaration{Name: "orders"})
	state.NewCursor[string](d, "orders").Advance("\xff")
	require.NoError(t, d.Err())
	followedButNotSelected(d)
	require.NoError(t, d.Err())
	d.Table("orders")
	assert.ErrorContains(t, d.Err(), "table orders")
}
