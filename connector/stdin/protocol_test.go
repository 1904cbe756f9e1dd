package stdin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestSchemaIsAnsweredWithoutConfiguration(t *testing.T) {
	want := `{"schemas":{"shop":{"tables":{` +
		`"orders":{"columns":{"id":{"type":"LONG","primary_key":true},` +
		`"total":{"type":"DECIMAL","precision":12,"scale":2},"email":{"type":"STRING"},"updated_at":{"type":"UTC_DATETIME"}}},` +
		`"carts":{"columns":{"id":{"type":"LONG","primary_key":true}}}}}}}`
	for _, request := range []string{
		`{"selection":{"action":"schema"}}`,
		`{"secrets":null,"state":null,"selection":{"action":"schema"}}`,
		"\uFEFF \r\n\t" + `{"selection":{"action":"schema"}}` + "\n\n",
	} {
		lines, err := fixture.Answer(t, &fixture.Shop{}, request)
		require.NoError(t, err)
		assert.Equal(t, []string{want}, lines)
	}
}

type following struct{ fixture.Shop }

func (*following) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.Table{Name: "orders"}, schema.Table{Name: "order_items"}.Following("orders"))
}

func TestTheSchemaSaysWhichTableFollowsWhich(t *testing.T) {
	lines, err := fixture.Answer(t, &following{}, `{"selection":{"action":"schema"}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{`{"schemas":{"shop":{"tables":{"orders":{"columns":{}},"order_items":{"columns":{},"follows":"orders"}}}}}`}, lines)
}

type discovering struct{ fixture.Shop }

func (d *discovering) Schema(context.Context) (schema.Schema, error) {
	return nil, errors.New("the source did not answer")
}

func TestASchemaThatNeedsTheConfigurationReportsItsError(t *testing.T) {
	lines, err := fixture.Answer(t, &discovering{}, `{"selection":{"action":"schema"}}`)
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "api_key: is required")
}

type misspelling struct{ fixture.Shop }

func (*misspelling) Schema(context.Context) (schema.Schema, error) {
	type order struct {
		ID int `json:"id" schema:"primarykey"`
	}
	return schema.New("shop", schema.TableOf[order]("orders"))
}

func TestAMistakeInADeclarationIsReportedWithoutConfiguration(t *testing.T) {
	lines, err := fixture.Answer(t, &misspelling{}, `{"selection":{"action":"schema"}}`)
	require.ErrorIs(t, err, schema.ErrInvalid)
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "unknown option")
	assert.Contains(t, lines[0], "primarykey")
	assert.Contains(t, lines[0], "; also, the configuration is not valid: api_key: is required")
}

func TestAFailedTestOfTheConnectionIsAnAnswer(t *testing.T) {
	transient := connector.Errorf(connector.Transient, "GET /ping: 503")
	for name, c := range map[string]struct {
		request string
		test    func(context.Context) error
		want    string
	}{
		"success": {fixture.WithKey, nil, `{"status":"SUCCESS","message":"The connection works."}`},
		"failure": {fixture.WithKey, func(context.Context) error { return errors.New("the key is wrong") },
			`{"status":"FAILURE","message":"the key is wrong"}`},
		"transient": {fixture.WithKey, func(context.Context) error { return transient },
			`{"status":"FAILURE","message":"GET /ping: 503; try again later"}`},
		"no configuration": {`{}`, nil, `{"status":"FAILURE","message":"api_key: is required"}`},
		"panic":            {fixture.WithKey, func(context.Context) error { panic("oops") }, `{"status":"FAILURE","message":"panic in Test: oops"}`},
		"no secret": {fixture.WithKey, func(context.Context) error { return errors.New("refused key-0123456789") },
			`{"status":"FAILURE","message":"refused [redacted]"}`},
	} {
		t.Run(name, func(t *testing.T) {
			request := strings.TrimSuffix(c.request, "}") + `,"selection":{"action":"test"}}`
			request = strings.Replace(request, "{,", "{", 1)
			lines, err := fixture.Answer(t, &fixture.Shop{OnTest: c.test}, request)
			require.NoError(t, err)
			assert.Equal(t, []string{c.want}, lines)
		})
	}
}

func TestSyncWritesOperationsInOrder(t *testing.T) {
	c := &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[time.Time](st, "orders", state.Sorted())
		row := fixture.NewOrder(9007199254740993 - 9007199254740992)
		row.ID = 9007199254740993
		require.NoError(t, out.Truncate("orders"))
		require.NoError(t, out.Upsert("orders", row))
		cursor.Advance(row.UpdatedAt)
		require.NoError(t, out.Checkpoint())
		require.NoError(t, out.Update("orders", map[string]any{"id": 7, "total": "1.50"}))
		require.NoError(t, out.Delete("shop.orders", fixture.NewOrder(8)))
		require.NoError(t, out.Upsert("carts", []byte(`{ "id": 3,`+"\n"+`"extra": {"a": [1.50, 2]} }`)))
		return out.Warn("a tag was too long")
	}}
	lines, err := fixture.Answer(t, c, fixture.WithKey, fixture.Each)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"type":"RECORD","op":"TRUNCATE","record":{"shop":{"orders":{}}}}`,
		`{"type":"RECORD","record":{"shop":{"orders":{"id":9007199254740993,"total":"19.90","email":"a@example.com","updated_at":"2026-01-02T03:04:06Z"}}}}`,
		`{"type":"STATE","state":{"orders":{"cursor":"2026-01-02T03:04:06Z"}}}`,
		`{"type":"RECORD","op":"UPDATE","record":{"shop":{"orders":{"id":7,"total":"1.50"}}}}`,
		`{"type":"RECORD","op":"DELETE","record":{"shop":{"orders":{"id":8}}}}`,
		`{"type":"RECORD","record":{"shop":{"carts":{"id":3,"extra":{"a": [1.50, 2]}}}}}`,
		`{"type":"LOG","log":{"level":"WARNING","message":"a tag was too long"}}`,
		`{"type":"STATE","state":{"orders":{"cursor":"2026-01-02T03:04:06Z"}}}`,
	}, lines)
}

func TestLastLineOfASyncThatSucceededIsAState(t *testing.T) {
	for name, sync := range map[string]func(context.Context, state.State, connector.Emitter) error{
		"nothing delivered": func(context.Context, state.State, connector.Emitter) error { return nil },
		"no checkpoint": func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Upsert("orders", fixture.NewOrder(1))
		},
		"checkpoint at the end": func(_ context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(out.Upsert("orders", fixture.NewOrder(1)), out.Checkpoint())
		},
		"warning at the end": func(_ context.Context, st state.State, out connector.Emitter) error {
			return errors.Join(out.Checkpoint(), out.Warn("careful"))
		},
		"bytes replaced": func(_ context.Context, _ state.State, out connector.Emitter) error {
			row := fixture.NewOrder(1)
			row.Email = "\xff"
			return out.Upsert("orders", row)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, every := range []host.Option{fixture.Each, host.CheckpointEvery(time.Hour, 1000)} {
				lines, err := fixture.Answer(t, &fixture.Shop{OnSync: sync}, fixture.WithKey, every)
				require.NoError(t, err)
				assert.Equal(t, `{"type":"STATE","state":{}}`, lines[len(lines)-1])
			}
		})
	}
}

func TestBytesThatAreNotUTF8AreReplacedAndCountedOnce(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		for id := range int64(3) {
			row := fixture.NewOrder(id)
			row.Email = "a\xffb"
			require.NoError(t, out.Upsert("orders", row))
		}
		return nil
	}}, fixture.WithKey)
	require.NoError(t, err)
	require.Len(t, lines, 5)
	assert.Contains(t, lines[0], "a\uFFFDb")
	assert.Equal(t, `{"type":"LOG","log":{"level":"WARNING","message":"table shop.orders, column email: `+
		`bytes that are not UTF-8 were replaced by U+FFFD in 3 rows"}}`, lines[3])
}

func TestABadRequestIsAnsweredWithOneSevereLineThatSaysWhatToFix(t *testing.T) {
	deep := strings.Repeat(`{"state":`, 20000) + "1" + strings.Repeat("}", 20000)
	for name, c := range map[string]struct{ request, want string }{
		"empty":              {"", "it is empty"},
		"white space":        {" \n\t ", "it is empty"},
		"cut off":            {`{"secrets":{"api_key":"key-`, "ends in the middle"},
		"not JSON":           {`hello`, "not a JSON object"},
		"not JSON inside":    {`{"secrets":hello}`, "not valid JSON after byte 11"},
		"array":              {`[{"selection":{"action":"schema"}}]`, "not a JSON object"},
		"two objects":        {`{}{}`, "text follows"},
		"name twice":         {`{"state":{},"state":{}}`, "duplicate name"},
		"name twice inside":  {`{"secrets":{"api_key":"a","api_key":"b"}}`, "duplicate name"},
		"deep":               {deep, "not valid JSON"},
		"not UTF-8":          {"{\"secrets\":{\"api_key\":\"\xff\"}}", "not valid JSON"},
		"unknown action":     {`{"selection":{"action":"read"}}`, `unknown selection.action \"read\"; want one of schema, test, spec, sync`},
		"action no string":   {`{"selection":{"action":1}}`, "selection.action is not a string"},
		"selection no obj":   {`{"selection":"sync"}`, "selection is not an object"},
		"secrets no object":  {`{"secrets":"key"}`, "secrets is not an object"},
		"state no object":    {`{"state":[1]}`, "state is not an object"},
		"foreign state":      {`{"secrets":{"api_key":"k"},"state":{"last_sync":"2026-01-01"}}`, "reset it"},
		"selected wrongly":   {`{"selection":{"tables":{"shop":{"orders":1}}}}`, "shop.orders: want true, false or"},
		"selection a string": {`{"selection":{"tables":"orders"}}`, "want an object of schemas"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := fixture.Answer(t, &fixture.Shop{}, c.request)
			require.Error(t, err)
			assert.Equal(t, connector.Configuration, connector.KindOf(err), "%v", err)
			require.Len(t, lines, 1)
			assert.Contains(t, lines[0], `{"type":"LOG","log":{"level":"SEVERE","message":"`)
			assert.Contains(t, lines[0], c.want)
			assert.NotContains(t, lines[0], "goroutine")
		})
	}
}

// endless is invalid input that never ends.
type endless struct {
	start string
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.start)
	e.start = e.start[n:]
	for i := n; i < len(p); i++ {
		p[i] = 'x'
	}
	e.read += len(p)
	return len(p), nil
}

func TestInvalidInputIsRejectedWithoutReadingAllOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		start, want string
		atMost      int
	}{
		"no object":   {"", "not a JSON object", 1 << 20},
		"object":      {"{", "not valid JSON after byte 1", 1 << 20},
		"long string": {`{"state":{"a":"`, "larger than 32 MiB", 33 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			in := &endless{start: c.start}
			var out bytes.Buffer
			err := stdin.Serve(t.Context(), &fixture.Shop{}, in, &out, host.LogTo(slog.DiscardHandler))
			require.Error(t, err)
			assert.Contains(t, out.String(), c.want)
			assert.LessOrEqual(t, in.read, c.atMost)
		})
	}
}

func TestUnknownFieldsOfARequestAreIgnored(t *testing.T) {
	var log bytes.Buffer
	debug := host.LogTo(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	lines, err := fixture.Answer(t, &fixture.Shop{}, `{"agent":"x","selection":{"action":"schema","mode":1},"secrets":{"region":"eu-west-9"}}`, debug)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	assert.Contains(t, log.String(), "selection.mode")
	assert.Contains(t, log.String(), "field=region")
	assert.NotContains(t, log.String(), "eu-west-9")
}

func TestAFailedSyncKeepsItsLastCheckpoint(t *testing.T) {
	boom := errors.New("the source went away")
	for name, c := range map[string]struct {
		fail func() error
		want string
	}{
		"error": {func() error { return boom }, "the source went away; this is a defect of the connector"},
		"panic": {func() error { panic("index out of range") }, "panic in Sync: index out of range"},
		"kind": {func() error {
			return &connector.Error{Kind: connector.Configuration, Table: "orders", Hint: "ask for read access", Err: boom}
		},
			`"table orders: the source went away; ask for read access"`},
		"transient": {func() error { return fmt.Errorf("page 2: %w", io.ErrUnexpectedEOF) }, "page 2: unexpected EOF; try again later"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "orders", state.Sorted())
				for id := int64(1); id <= 3; id++ {
					if id == 3 {
						return c.fail()
					}
					require.NoError(t, out.Upsert("orders", fixture.NewOrder(id)))
					cursor.Advance(id)
					require.NoError(t, out.Checkpoint())
				}
				return nil
			}}, fixture.WithKey)
			require.Error(t, err)
			var failure *connector.Error
			require.ErrorAs(t, err, &failure)
			require.Len(t, lines, 4, "%v", lines)
			assert.Equal(t, `{"type":"STATE","state":{"orders":{"cursor":2}}}`, lines[2])
			assert.Contains(t, lines[3], c.want)
			assert.Contains(t, lines[3], "SEVERE")
		})
	}
}

func TestSpecIsAJSONSchemaOnOneLine(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{BaseURL: "https://api.example.com"}, `{"selection":{"action":"spec"}}`)
	require.NoError(t, err)
	require.Len(t, lines, 1)
	assert.JSONEq(t, `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
		"properties":{
			"api_key":{"type":"string","title":"API key","format":"password","writeOnly":true,"minLength":1},
			"base_url":{"type":"string","title":"Base URL","format":"uri","default":"https://api.example.com"}},
		"required":["api_key"]}`, lines[0])
}

func TestTheSameRequestYieldsTheSameBytes(t *testing.T) {
	c := &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		for key := range 10 {
			require.NoError(t, st.Shared().Set(fmt.Sprint("key", key), map[string]int{"b": 1, "a": 2}))
			require.NoError(t, out.Declare(schema.Table{Name: fmt.Sprint("table", key)}))
			require.NoError(t, st.Table(fmt.Sprint("table", key)).Set("n", key))
			require.NoError(t, out.Upsert("carts", map[string]any{"id": key, "z": 1, "y": map[string]any{"d": 1, "c": 2}, "x": 3}))
		}
		return nil
	}}
	first, err := fixture.Answer(t, c, fixture.WithKey)
	require.NoError(t, err)
	for range 20 {
		again, err := fixture.Answer(t, c, fixture.WithKey)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestCheckpointsAreSentAtIntervalsAndAtTheEnd(t *testing.T) {
	states := func(every host.Option) (n int, last string) {
		lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "orders", state.Sorted())
			for id := int64(1); id <= 1000; id++ {
				require.NoError(t, out.Upsert("orders", fixture.NewOrder(id)))
				cursor.Advance(id)
				require.NoError(t, out.Checkpoint())
			}
			return nil
		}}, fixture.WithKey, every)
		require.NoError(t, err)
		for _, line := range lines {
			if strings.Contains(line, "STATE") {
				n++
			}
		}
		return n, lines[len(lines)-1]
	}
	const last = `{"type":"STATE","state":{"orders":{"cursor":1000}}}`
	n, got := states(host.CheckpointEvery(time.Hour, 1_000_000))
	assert.Equal(t, 1, n)
	assert.Equal(t, last, got)
	n, got = states(host.CheckpointEvery(time.Hour, 100))
	assert.Equal(t, 11, n)
	assert.Equal(t, last, got)
	n, got = states(fixture.Each)
	assert.Equal(t, 1001, n)
	assert.Equal(t, last, got)
}

func TestTheMemoryOfAHugeLineIsReleased(t *testing.T) {
	heap := func() int64 {
		runtime.GC() // twice, because pools keep memory for one more collection
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	var before, after int64
	err := stdin.Serve(t.Context(), &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		before = heap()
		if err := out.Upsert("carts", map[string]any{"id": 1, "text": strings.Repeat("x", 32<<20)}); err != nil {
			return err
		}
		for id := range 5000 { // so that the buffers are used again
			if err := out.Upsert("carts", map[string]any{"id": id, "text": "a row of ordinary size"}); err != nil {
				return err
			}
		}
		after = heap()
		return nil
	}}, strings.NewReader(fixture.WithKey), io.Discard, fixture.Quiet)
	require.NoError(t, err)
	assert.Less(t, after-before, int64(8<<20))
}

func TestTheLargestStateOfASyncFitsIntoTheNextRequest(t *testing.T) {
	needsLong(t)
	const around = len(`{"_shared":{"seen":""}}`)
	seen := strings.Repeat("x", host.MaxState-around)
	read := 0
	c := &fixture.Shop{OnSync: func(_ context.Context, st state.State, _ connector.Emitter) error {
		var before string
		if _, err := st.Shared().Get("seen", &before); err != nil {
			return err
		}
		read = len(before)
		return st.Shared().Set("seen", seen)
	}}
	lines, err := fixture.Answer(t, c, fixture.WithKey)
	require.NoError(t, err)
	state := strings.TrimSuffix(strings.TrimPrefix(fixture.LastState(lines), `{"type":"STATE","state":`), "}")
	require.Len(t, state, host.MaxState)
	_, err = fixture.Answer(t, c, `{"secrets":{"api_key":"key-0123456789"},"state":`+state+`}`)
	require.NoError(t, err)
	assert.Equal(t, len(seen), read)
}
