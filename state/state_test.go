package state_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
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

// next is the state that the next sync is given.
func next(t *testing.T, d *state.Document) *state.Document {
	t.Helper()
	return parse(t, string(d.Saved()))
}

func resumes[T state.Value](t *testing.T, zero, low, high T, stored string) {
	t.Helper()
	d := state.New()
	c := state.NewCursor[T](d, "t")
	assert.True(t, c.First())
	assert.Equal(t, zero, c.Start())
	c.Advance(low)
	c.Advance(high)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":`+stored+`}}`, string(d.Saved()))

	d = next(t, d)
	c = state.NewCursor[T](d, "t")
	assert.False(t, c.First())
	assert.Equal(t, high, c.Start(), "that value included")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":`+stored+`}}`, string(d.Saved()), "a sync without rows leaves it where it was")
}

func TestACursorIsResumedAtTheGreatestValue(t *testing.T) {
	fine := at(3).Add(123456789 * time.Nanosecond)
	t.Run("time", func(t *testing.T) {
		resumes(t, time.Time{}, at(1), fine, `"2026-01-02T03:00:00.123456789Z"`)
	})
	t.Run("integer", func(t *testing.T) { resumes(t, int64(0), int64(1), int64(math.MaxInt64), `9223372036854775807`) })
	t.Run("string", func(t *testing.T) { resumes(t, "", "a", "b\"\u2028", "\"b\\\"\u2028\"") })
	t.Run("token", func(t *testing.T) { resumes(t, state.Token(""), "z", "a", `"a"`) })
}

func TestATimeIsSavedInUTC(t *testing.T) {
	d := state.New()
	state.NewCursor[time.Time](d, "t", state.Sorted()).Advance(at(3).In(time.FixedZone("", 7200)))
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"cursor":"2026-01-02T03:00:00Z"}}`, string(d.Saved()))
}

func TestASortedCursorMovesWithEachRow(t *testing.T) {
	d := state.New()
	c := state.NewCursor[int64](d, "t", state.Sorted())
	for i, v := range []int64{3, 3, 5} {
		c.Advance(v)
		require.NoError(t, d.Checkpoint("t"))
		assert.Equal(t, fmt.Sprintf(`{"t":{"cursor":%d}}`, v), string(d.Saved()), i)
	}
	c.Advance(9)
	assert.Equal(t, `{"t":{"cursor":5}}`, string(d.Saved()), "not before the checkpoint")
}

func TestASourceThatIsNotSortedAfterAllIsAnErrorAndNothingIsLost(t *testing.T) {
	d := parse(t, `{"t":{"cursor":2},"other":{"cursor":1}}`)
	c := state.NewCursor[int64](d, "t", state.Sorted())
	c.Advance(3)
	c.Advance(8)
	require.NoError(t, d.Checkpoint("t"))
	require.Contains(t, string(d.Saved()), `"cursor":8`)
	c.Advance(5)
	var order *state.OrderError
	for range 2 {
		require.ErrorAs(t, d.Checkpoint("t"), &order, "it is kept")
		require.ErrorAs(t, d.Err(), &order)
		require.ErrorAs(t, d.Finish("t"), &order)
	}
	assert.Equal(t, "t", order.Table)
	assert.ErrorContains(t, order, "drop the option")
	assert.JSONEq(t, `{"t":{"cursor":2},"other":{"cursor":1}}`, string(d.Saved()), "rows less than 8 may be missing")
	c.Advance(9)
	assert.Error(t, d.Checkpoint())
	assert.JSONEq(t, `{"t":{"cursor":2},"other":{"cursor":1}}`, string(d.Saved()))

	// The neighbours go on.
	other := state.NewCursor[int64](d, "other", state.Sorted())
	other.Advance(4)
	require.NoError(t, d.Err("other"))
	require.NoError(t, d.Checkpoint("other"))
	d.Hold("t")
	require.NoError(t, d.Err())
	require.NoError(t, d.Finish())
	assert.JSONEq(t, `{"t":{"cursor":2},"other":{"cursor":4}}`, string(d.Saved()))
}

func TestACursorOfASourceInAnyOrderMovesAtTheEnd(t *testing.T) {
	d := parse(t, `{"t":{"cursor":2}}`)
	c := state.NewCursor[int64](d, "t")
	for _, v := range []int64{9, 3, 5} {
		c.Advance(v)
		require.NoError(t, d.Checkpoint())
		assert.Equal(t, `{"t":{"cursor":2}}`, string(d.Saved()))
	}
	require.NoError(t, d.Finish("t"))
	assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()))
	c = state.NewCursor[int64](d, "t")
	c.Advance(4)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()), "never back")
}

func TestATokenIsWhereItWasAdvancedTo(t *testing.T) {
	d := state.New()
	c := state.NewCursor[state.Token](d, "t")
	c.Advance("z")
	c.Advance("a")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"cursor":"a"}}`, string(d.Saved()))
}

func TestAnExclusiveCursorStaysOneValueBehind(t *testing.T) {
	for _, sorted := range []bool{true, false} {
		opts := []state.Option{state.Exclusive()}
		if sorted {
			opts = append(opts, state.Sorted())
		}
		d := state.New()
		c := state.NewCursor[int64](d, "t", opts...)
		c.Advance(5)
		c.Advance(5)
		require.NoError(t, d.Finish())
		assert.Equal(t, `{}`, string(d.Saved()), "more rows may bear the only value")
		c.Advance(7)
		c.Advance(9)
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":7}}`, string(d.Saved()))
	}
	d := state.New()
	c := state.NewCursor[int64](d, "t", state.Exclusive())
	for _, v := range []int64{9, 3, 7, 5} {
		c.Advance(v)
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":7}}`, string(d.Saved()), "the second greatest in any order")
}

func TestACursorNeverRunsAheadOfItsBound(t *testing.T) {
	d := parse(t, `{"t":{"cursor":"2026-01-02T01:00:00Z"}}`)
	c := state.NewCursor[time.Time](d, "t", state.Sorted(), state.UpTo(at(5)))
	assert.Equal(t, at(5), c.End())
	for _, hour := range []int{4, 6, 9, 8} { // beyond the bound no order is asked for
		c.Advance(at(hour))
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":"2026-01-02T05:00:00Z"}}`, string(d.Saved()))

	d = state.New()
	e := state.NewCursor[int64](d, "t", state.Exclusive(), state.UpTo(int64(5)))
	for _, v := range []int64{3, 5, 6, 7} {
		e.Advance(v)
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":3}}`, string(d.Saved()), "rows at the bound itself may still come")

	d = parse(t, `{"t":{"cursor":9}}`)
	b := state.NewCursor[int64](d, "t", state.UpTo(int64(5)))
	b.Advance(9)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()), "a bound that lies behind moves nothing back")
}

func TestWhereASyncStarts(t *testing.T) {
	d := parse(t, `{"t":{"cursor":"2026-01-02T05:00:00Z","id":100,"none":null}}`)
	assert.Equal(t, at(3), state.NewCursor[time.Time](d, "t", state.Lookback(2*time.Hour)).Start())
	assert.Equal(t, at(4), state.NewCursor[time.Time](d, "t", state.Lookback(2*time.Hour), state.StartAt(at(4))).Start(), "StartAt is the least")
	assert.Equal(t, int64(90), state.NewCursor[int64](d, "t", state.Key("id"), state.Lookback(int64(10))).Start())
	none := state.NewCursor[int64](d, "t", state.Key("none"), state.StartAt(int64(7)), state.Lookback(int64(5)))
	assert.True(t, none.First())
	assert.Equal(t, int64(7), none.Start(), "no look back from the first start")
	require.NoError(t, d.Err())

	c := state.NewCursor[int64](d, "t", state.Key("id"), state.Lookback(int64(10)), state.Sorted())
	c.Advance(95)
	require.NoError(t, d.Checkpoint())
	assert.Contains(t, string(d.Saved()), `"id":100`, "the overlap moves nothing back")
	c.Advance(101)
	require.NoError(t, d.Checkpoint())
	assert.Contains(t, string(d.Saved()), `"id":101`)
}

func TestOptionsThatDoNotFitEndTheSync(t *testing.T) {
	for want, use := range map[string]func(state.State){
		"tokens have no order: drop Sorted, Exclusive and UpTo": func(st state.State) { state.NewCursor[state.Token](st, "t", state.Sorted()) },
		"tokens have no order":                                         func(st state.State) { state.NewCursor[state.Token](st, "t", state.UpTo(state.Token("x"))) },
		"option StartAt has a string, the cursor a int64":              func(st state.State) { state.NewCursor[int64](st, "t", state.StartAt("x")).Advance(1) },
		"option UpTo has a int64, the cursor a time.Time":              func(st state.State) { state.NewCursor[time.Time](st, "t", state.UpTo(int64(1))).Advance(at(1)) },
		"a Lookback of a duration does not go with a cursor of string": func(st state.State) { state.NewCursor[string](st, "t", state.Lookback(time.Second)) },
		"a Lookback of an integer does not go with a cursor of time":   func(st state.State) { state.NewCursor[time.Time](st, "t", state.Lookback(int64(1))) },
		"the Lookback is negative":                                     func(st state.State) { state.NewCursor[int64](st, "t", state.Lookback(int64(-1))) },
		"two cursors of different types": func(st state.State) {
			state.NewCursor[int64](st, "t", state.Sorted()).Advance(1)
			state.NewCursor[string](st, "t")
		},
		"drop the option Key":               func(st state.State) { state.NewPartitions[int64](st, "t", 1, state.Key("x")) },
		"the cursor's key \"\\xff\" is not": func(st state.State) { state.NewCursor[int64](st, "t", state.Key("\xff")) },
		"the table's name \"\\xff\" is not": func(st state.State) { state.NewCursor[int64](st, "\xff") },
		"the partition's name \"\\xff\"":    func(st state.State) { state.NewPartitions[int64](st, "t", 1).Cursor("\xff") },
		"no table can be called _shared":    func(st state.State) { state.NewCursor[int64](st, "_shared").Advance(1) },
		"no table can be called _version":   func(st state.State) { _ = st.Table("_version").Set("a", 1) },
		"advanced to a time whose year is": func(st state.State) {
			state.NewCursor[time.Time](st, "t").Advance(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
		},
		"advanced to text that is not valid":  func(st state.State) { state.NewCursor[string](st, "t").Advance("\xff") },
		"to text that is not valid UTF-8, wh": func(st state.State) { state.NewCursor[state.Token](st, "t").Advance("\xff") },
	} {
		d := state.New()
		use(d)
		assert.ErrorContains(t, d.Err(), want)
		assert.ErrorContains(t, d.Finish(), want)
		assert.Equal(t, `{}`, string(d.Saved()), "nothing is saved")
		var configuration interface{ Configuration() bool }
		assert.NotErrorAs(t, d.Err(), &configuration, "it is the author's to mend: %v", d.Err())
	}
}

func TestAStoredValueOfAnotherTypeSaysWhatToDo(t *testing.T) {
	for stored, use := range map[string]func(state.State){
		`{"t":{"cursor":"soon"}}`:             func(st state.State) { state.NewCursor[time.Time](st, "t") },
		`{"t":{"cursor":"12"}}`:               func(st state.State) { state.NewCursor[int64](st, "t") },
		`{"t":{"cursor":1.5}}`:                func(st state.State) { state.NewCursor[int64](st, "t") },
		`{"t":{"cursor":12}}`:                 func(st state.State) { state.NewCursor[string](st, "t") },
		`{"t":{"cursor":{}}}`:                 func(st state.State) { state.NewCursor[state.Token](st, "t") },
		`{"t":{"partitions":[]}}`:             func(st state.State) { state.NewPartitions[int64](st, "t", 9) },
		`{"t":{"partitions":{"eu":"a lot"}}}`: func(st state.State) { state.NewPartitions[int64](st, "t", 9).Cursor("eu") },
		`{"t":{"page":"x"}}`: func(st state.State) {
			_, err := st.Table("t").Get("page", new(int))
			var stateErr *state.Error
			assert.ErrorAs(t, err, &stateErr)
			state.NewCursor[int64](st, "t", state.Key("page"))
		},
	} {
		d := parse(t, stored)
		use(d)
		var err *state.Error
		require.ErrorAs(t, d.Checkpoint(), &err, stored)
		assert.True(t, err.Configuration())
		assert.Equal(t, "t", err.Table)
		assert.NotEmpty(t, err.Key)
		assert.ErrorContains(t, err, "state: table t, key ")
		assert.ErrorContains(t, err, "reset it to sync from the start")
		assert.Equal(t, stored, string(d.Saved()), "nothing is lost")
	}
}

func TestACheckpointOfATableSavesNeitherItsNeighboursNorTheSharedPart(t *testing.T) {
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

func TestAHeldTableStaysAsItIs(t *testing.T) {
	d := parse(t, `{"a":{"cursor":1},"b":{"cursor":1}}`)
	d.Hold("a")
	for _, name := range []string{"a", "b"} {
		state.NewCursor[int64](d, name, state.Sorted()).Advance(7)
	}
	require.NoError(t, d.Checkpoint("a"))
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"a":{"cursor":1},"b":{"cursor":7}}`, string(d.Saved()))
}

func TestPartsKeepWhatTheyAreGiven(t *testing.T) {
	d := state.New()
	part := d.Table("t")
	type page struct{ Number int }
	require.NoError(t, part.Set("page", page{7}))
	require.NoError(t, part.Set("gone", true))
	require.NoError(t, part.Set("null", nil))
	part.Delete("gone")
	part.Delete("never was")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"null":null,"page":{"Number":7}}}`, string(d.Saved()))
	var p page
	found, err := next(t, d).Table("t").Get("page", &p)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, page{7}, p)
	found, err = part.Get("gone", &p)
	require.NoError(t, err)
	assert.False(t, found)
	var n int64
	state.NewCursor[int64](d, "t", state.Sorted()).Advance(5)
	found, err = part.Get("cursor", &n)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, int64(5), n)
	part.Delete("page")
	assert.Contains(t, string(d.Saved()), "page", "until the next checkpoint")
}

func TestNothingIsWrittenThatParseWouldRefuse(t *testing.T) {
	d := state.New()
	for want, set := range map[string]func() error{
		"the same name twice":    func() error { return d.Table("t").Set("a", json.RawMessage(`{"x":1,"x":2}`)) },
		"not UTF-8":              func() error { return d.Table("t").Set("a", json.RawMessage("\"\xff\"")) },
		"key is not valid UTF-8": func() error { return d.Table("t").Set("\xff", 1) },
		"unsupported type":       func() error { return d.Table("t").Set("a", func() {}) },
		"partitions are kept":    func() error { state.NewPartitions[int64](d, "t", 2); return d.Table("t").Set("partitions", 1) },
	} {
		assert.ErrorContains(t, set(), want)
	}
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
}

type secret string

func (secret) Reveal() string { return "" }

type byPointer struct{ s string }

func (p *byPointer) Reveal() string { return p.s }

func TestAStateHoldsNoSecret(t *testing.T) {
	type config struct {
		Name string
		Key  secret
	}
	type deep struct{ List []map[string]*config }
	type recursive struct {
		Next *recursive
		Any  any
	}
	s := secret("hunter2")
	d := state.New()
	for _, v := range []any{
		s, &s, config{}, &config{}, []secret{}, [1]secret{}, map[string]secret{}, map[secret]int{}, deep{}, byPointer{"hunter2"},
		map[string]any{"a": []any{s}}, []any{&config{}}, recursive{Next: &recursive{Any: s}}, any(&[]any{map[string]any{"x": byPointer{}}}),
	} {
		err := d.Table("t").Set("k", v)
		assert.ErrorContains(t, err, "holds a secret", "%T", v)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	require.NoError(t, d.Table("t").Set("k", recursive{Next: &recursive{Any: []any{1, nil, "x", map[string]any{}}}}))
}

func TestASavedStateIsSortedAndReadsBack(t *testing.T) {
	in := `{"Zebra":{"a":"\u00e9","b":{"z":1,"a":[1.50,1e5]}},"_shared":{"x":12345678901234567890.10},"a":{"cursor":9007199254740993}}`
	d := parse(t, " {\n\"a\": {\"cursor\": 9007199254740993},\n\"_shared\":{\"x\":12345678901234567890.10}, \"empty\":{},\r\n\"Zebra\":{\"a\":\"\\u00e9\",\n\t\"b\":{\"z\": 1,\n\"a\":[1.50, 1e5]}}} ")
	for range 20 {
		require.Equal(t, in, string(d.Saved()), "on one line, and what nobody asked for as it was")
		d = next(t, d)
	}
}

func TestParseRefusesWhatIsNotAState(t *testing.T) {
	for _, in := range []string{``, ` `, `null`, `{}`, " {}\n"} {
		d := parse(t, in)
		assert.Equal(t, `{}`, string(d.Saved()))
		assert.True(t, state.NewCursor[int64](d, "t").First())
	}
	for in, want := range map[string]string{
		"\f{}": "not valid JSON", "\u0085": "not valid JSON", `[]`: "not a JSON object", `"x"`: "not a JSON object", `12`: "not a JSON object", `{`: "not valid JSON", `{"a":{}}x`: "not valid JSON",
		`{"a":1}`: "table a: it is not a JSON object", `{"a":null}`: "table a: it is not", `{"a":[]}`: "table a: it is not", "{\"a\":{\"\xff\":1}}": "not valid JSON",
		`{"a":{},"a":{}}`: "the same name twice", `{"a":{"x":1,"x":2}}`: "the same name twice", `{"a":{"b":{"x":1,"\u0078":2}}}`: "the same name twice",
		`{"a":{"b":"\ud800"}}`: "not valid JSON", `{"_version":"1"}`: "_version is not a whole number", `{"_version":-1}`: "_version is not", `{"_version":1.0}`: "_version is not",
		`{"_version":1}`: "run the newer connector",
	} {
		_, err := state.Parse([]byte(in))
		var stateErr *state.Error
		require.ErrorAs(t, err, &stateErr, in)
		assert.ErrorContains(t, err, want, in)
		assert.True(t, stateErr.Configuration())
	}
}

func TestMigrationsRunInOrderFromTheStatesVersion(t *testing.T) {
	var ran []int
	step := func(n int) state.Migration {
		return func(old map[string]json.RawMessage) error {
			ran = append(ran, n)
			assert.NotContains(t, old, "_version")
			if n == 0 {
				old["orders"] = json.RawMessage("{\n \"cursor\": " + string(old["shop_orders"]) + "}")
				delete(old, "shop_orders")
			}
			return nil
		}
	}
	migrations := []state.Migration{step(0), step(1), step(2)}
	d := parse(t, `{"shop_orders":17}`, migrations...)
	assert.Equal(t, []int{0, 1, 2}, ran)
	assert.Equal(t, 3, d.Version())
	assert.Equal(t, `{"orders":{"cursor":17},"_version":3}`, string(d.Saved()))
	saved := d.Saved()

	ran = nil
	parse(t, string(saved), migrations...)
	assert.Empty(t, ran, "it is up to date")
	parse(t, `{"orders":{},"_version":2}`, migrations...)
	assert.Equal(t, []int{2}, ran)
	ran = nil
	assert.Equal(t, `{}`, string(parse(t, `{}`, migrations...).Saved()))
	assert.Empty(t, ran, "an empty state needs none")
	_, err := state.Parse(saved, migrations[:2]...)
	assert.ErrorContains(t, err, "it is of version 3, and this connector knows versions up to 2; run the newer connector")
	cause := errors.New("no")
	_, err = state.Parse([]byte(`{"a":{}}`), func(map[string]json.RawMessage) error { return cause })
	assert.ErrorIs(t, err, cause)
	assert.ErrorContains(t, err, "migration from version 0")
	_, err = state.Parse([]byte(`{"a":{}}`), func(old map[string]json.RawMessage) error { old["a"] = json.RawMessage(`[`); return nil })
	assert.ErrorContains(t, err, "table a: it is not valid JSON")
}

func TestPartitionsHaveCursorsOfTheirOwn(t *testing.T) {
	d := parse(t, `{"t":{"partitions":{"eu":5,"us":9}}}`)
	p := state.NewPartitions[int64](d, "t", 3, state.Sorted())
	assert.Equal(t, int64(5), p.Cursor("eu").Start())
	assert.Equal(t, int64(9), p.Cursor("us").Start())
	assert.True(t, p.Cursor("new").First())
	eu := p.Cursor("eu")
	assert.Same(t, eu, p.Cursor("eu"))
	p.Cursor("eu").Advance(7)
	p.Cursor("new").Advance(1)
	require.NoError(t, d.Checkpoint("t"))
	assert.Equal(t, `{"t":{"partitions":{"eu":7,"new":1,"us":9}}}`, string(d.Saved()))
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"eu":7,"new":1,"us":9}}}`, string(d.Saved()))
	kept := map[string]int{}
	found, err := d.Table("t").Get("partitions", &kept)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, map[string]int{"eu": 7, "new": 1, "us": 9}, kept)
	d.Table("t").Delete("partitions")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
}

func TestPartitionsAboveTheCapBecomeOneCursor(t *testing.T) {
	for _, test := range []struct {
		what string
		opts []state.Option
		want string
	}{
		{"at the bound", []state.Option{state.UpTo(int64(50))}, `50`},
		{"at the least that any has reached", nil, `20`},
		{"at the bound, sorted", []state.Option{state.Sorted(), state.UpTo(int64(50))}, `50`},
		{"at the least, sorted", []state.Option{state.Sorted()}, `20`},
	} {
		d := parse(t, `{"t":{"partitions":{"a":5,"gone":1}}}`)
		p := state.NewPartitions[int64](d, "t", 2, test.opts...)
		for i, name := range []string{"a", "b", "c"} {
			p.Cursor(name).Advance(int64(20 + 10*i))
		}
		require.NoError(t, d.Checkpoint())
		assert.Contains(t, string(d.Saved()), `"gone":1`, "a sync that dies keeps what was there")
		assert.NotContains(t, string(d.Saved()), `"cursor"`)
		require.NoError(t, d.Finish(), test.what)
		assert.Equal(t, `{"t":{"cursor":`+test.want+`}}`, string(d.Saved()), test.what)

		d = next(t, d)
		p = state.NewPartitions[int64](d, "t", 2, state.UpTo(int64(90)))
		for _, name := range []string{"a", "new"} {
			assert.Equal(t, test.want, fmt.Sprint(p.Cursor(name).Start()), test.what)
			p.Cursor(name).Advance(60)
		}
		require.NoError(t, d.Checkpoint())
		assert.Equal(t, `{"t":{"cursor":`+test.want+`}}`, string(d.Saved()), "not before the end")
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":90}}`, string(d.Saved()))
	}
}

func TestAPartitionWithoutRowsKeepsTheOneCursorBack(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[int64](d, "t", 1)
	p.Cursor("a").Advance(5)
	p.Cursor("b")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"a":5}}}`, string(d.Saved()))
}

func TestPartitionsOfTokensAreNeverOne(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[state.Token](d, "t", 1)
	p.Cursor("a").Advance("x")
	p.Cursor("b").Advance("y")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"a":"x"}}}`, string(d.Saved()))
	assert.True(t, state.NewPartitions[state.Token](next(t, d), "t", 1).Cursor("b").First())
}

// Rows are handed over, then the cursor is told, then a checkpoint is made, by
// several tables at once. Whoever reads what is saved, whenever, must find
// nothing in it that was not handed over.
func TestWhatIsSavedNeverRunsAhead(t *testing.T) {
	d := state.New()
	var mu sync.Mutex
	handed := map[string]int64{}
	done := make(chan struct{})
	var tables, reader sync.WaitGroup
	for i := range 4 {
		name := fmt.Sprint("t", i)
		tables.Go(func() {
			c := state.NewCursor[int64](d, name, state.Sorted())
			p := state.NewPartitions[int64](d, name+"p", 2, state.Sorted())
			for v := int64(1); v <= 500; v++ {
				mu.Lock()
				handed[name], handed[name+"p"] = v, v
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
					assert.LessOrEqual(t, v, handed[name])
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

func FuzzParse(f *testing.F) {
	for _, seed := range []string{``, `null`, `{}`, `{"t":{"cursor":"2026-01-02T03:04:05Z"}}`, `{"t":{"cursor":5,"partitions":{"a":1}}}`,
		`{"_shared":{"a":[1,{"b":null}]},"_version":1,"z":{}}`, "{\n\"a\" : { } }", `{"a":{"a":1,"a":2}}`, "{\"\xff\":{}}", `{"a":{"\u2028":"\ud83d\ude00"}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		same := func(map[string]json.RawMessage) error { return nil }
		d, err := state.Parse(in, same, same)
		if err != nil {
			var stateErr *state.Error
			require.ErrorAs(t, err, &stateErr)
			return
		}
		saved := d.Saved()
		require.False(t, strings.ContainsAny(string(saved), "\n\r"))
		again, err := state.Parse(saved, same, same)
		require.NoError(t, err)
		require.Equal(t, string(saved), string(again.Saved()))
		if s := strings.Trim(string(in), " \t\r\n"); s != "" && s != "null" {
			require.Equal(t, members(t, in), members(t, saved))
		}
		// Whatever is in there, cursors over it neither panic nor spoil it.
		for name := range members(t, saved) {
			c := state.NewCursor[int64](d, name, state.Sorted())
			c.Advance(c.Start() + 1)
			state.NewPartitions[time.Time](d, name, 2).Cursor("a").Advance(at(1))
			_ = d.Checkpoint(name)
		}
		_ = d.Finish()
		_, err = state.Parse(d.Saved(), same, same)
		require.NoError(t, err)
	})
}

// members is what a state holds but for the version and empty parts.
func members(t *testing.T, data []byte) map[string]map[string]any {
	t.Helper()
	var top map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &top))
	out := map[string]map[string]any{}
	for name, raw := range top {
		if name == "_version" {
			continue
		}
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.UseNumber()
		var part map[string]any
		require.NoError(t, d.Decode(&part))
		if len(part) > 0 {
			out[name] = part
		}
	}
	return out
}

func BenchmarkAdvanceAndCheckpoint(b *testing.B) {
	run := func(b *testing.B, d *state.Document, advance func(i int)) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			advance(i)
			if err := d.Checkpoint("orders"); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("time", func(b *testing.B) {
		d, start := state.New(), at(0)
		c := state.NewCursor[time.Time](d, "orders", state.Sorted(), state.UpTo(at(0).AddDate(100, 0, 0)))
		run(b, d, func(i int) { c.Advance(start.Add(time.Duration(i) * time.Microsecond)) })
	})
	b.Run("integer", func(b *testing.B) {
		d := state.New()
		c := state.NewCursor[int64](d, "orders", state.Sorted())
		run(b, d, func(i int) { c.Advance(int64(i)) })
	})
	b.Run("overlap", func(b *testing.B) {
		d, err := state.Parse([]byte(`{"orders":{"cursor":"2100-01-02T03:04:05Z"}}`))
		require.NoError(b, err)
		c, start := state.NewCursor[time.Time](d, "orders", state.Sorted(), state.Lookback(time.Hour)), at(0)
		run(b, d, func(i int) { c.Advance(start.Add(time.Duration(i))) })
	})
	b.Run("whole-state-of-20", func(b *testing.B) {
		d := state.New()
		for i := range 20 {
			d.Table(fmt.Sprint("t", i))
		}
		c := state.NewCursor[int64](d, "orders", state.Sorted())
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.Advance(int64(i))
			if err := d.Checkpoint(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestPartitionsAboveTheCapTakeNoMemory(t *testing.T) {
	for _, stored := range []string{`{}`, `{"t":{"cursor":5}}`} {
		d := parse(t, stored)
		p := state.NewPartitions[int64](d, "t", 10, state.Sorted(), state.UpTo(int64(1)<<60))
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		for i := range 100_000 {
			p.Cursor(strconv.Itoa(i)).Advance(int64(i) + 10)
		}
		assert.Less(t, heap(), before+4<<20, "it was 45 MB when each cursor was kept")
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":1152921504606846976}}`, string(d.Saved()))
	}
}
