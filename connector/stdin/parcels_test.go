//go:build linux

package stdin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func init() { programs["parcels"] = beParcels }

// parcels is a connector whose rows make lines of about 4,096 bytes.
type parcels struct {
	Seed  uint64 `json:"seed"`
	Limit int64  `json:"limit"`
}

type parcel struct {
	ID   int64  `json:"id" schema:"primary_key"`
	Body string `json:"body"`
}

// fileSizeVariable is the environment variable that limits the size of the files that a
// program writes.
const fileSizeVariable = "PENSTOCK_TEST_FILE_SIZE"

func beParcels() {
	if text := os.Getenv(fileSizeVariable); text != "" {
		size, err := strconv.ParseUint(text, 10, 64)
		if err == nil {
			err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size})
		}
		if err != nil {
			panic(err)
		}
	}
	penstock.Main(&parcels{}, host.CheckpointEvery(0, 0))
}

func (p *parcels) Schema(context.Context) (schema.Schema, error) {
	return schema.New("post", schema.TableOf[parcel]("parcels"), schema.TableOf[parcel]("letters"))
}

func (p *parcels) Test(context.Context) error { return nil }

// Sync syncs the parcels alone or, with half of the seeds, at the same time as a table without
// rows, so that the rows are written in batches.
func (p *parcels) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	if p.Seed%4 < 2 {
		return p.deliver(st, out)
	}
	begun, delivered := make(chan struct{}), make(chan struct{})
	var tables connector.Tables
	tables.Add("letters", func(context.Context, state.State, connector.Emitter) error {
		close(begun)
		<-delivered
		return nil
	})
	tables.Add("parcels", func(_ context.Context, st state.State, out connector.Emitter) error {
		defer close(delivered)
		<-begun
		return p.deliver(st, out)
	})
	return tables.Sync(ctx, st, out)
}

func (p *parcels) deliver(st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "parcels", state.Sorted())
	for id := cursor.Start() + 1; id <= p.Limit; id++ {
		if err := out.Upsert("parcels", parcel{id, strings.Repeat("x", bodySize(p.Seed, id))}); err != nil {
			return err
		}
		cursor.Advance(id)
		if id%3 == 0 {
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
	}
	return nil
}

// bodySize returns the size of the body of a parcel. With an odd seed, the lines of some
// parcels are longer than 4,096 bytes.
func bodySize(seed uint64, id int64) int {
	random := rand.New(rand.NewPCG(seed, uint64(id)))
	switch kind := random.IntN(20); {
	case kind < 8:
		return 3840 + random.IntN(100) // lines of up to 4,096 bytes, but not by much
	case kind < 12:
		return random.IntN(3900)
	case kind == 12 && seed%2 == 1:
		return 3900 + random.IntN(400)
	case kind == 13 && seed%2 == 1:
		return 4000 + random.IntN(90_000)
	}
	return random.IntN(200)
}

// A dialect is a wire, as a platform uses it.
type dialect struct {
	name     string
	dies     bool                                                     // of a signal
	args     func(t testing.TB, config, state string) (args []string) // for a sync
	request  func(config, state string) string
	row, pos func(line []byte) (int64, bool) // of a RECORD, and of a STATE
	saved    func(line []byte) string        // what the platform keeps of a STATE
	severe   string                          // part of the last line of a sync that was interrupted
}

// member returns a value within a JSON object.
func member(line []byte, path ...string) (json.RawMessage, bool) {
	value := json.RawMessage(line)
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(value, &object) != nil || object[name] == nil {
			return nil, false
		}
		value = object[name]
	}
	return value, true
}

// number returns a function that returns a number within a JSON object.
func number(path ...string) func(line []byte) (int64, bool) {
	return func(line []byte) (int64, bool) {
		text, ok := member(line, path...)
		if !ok {
			return 0, false
		}
		n, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
		return n, err == nil
	}
}

func inFile(t testing.TB, text string) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "*.json")
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return f.Name()
}

var dialects = []dialect{
	{
		name: "stdin",
		args: func(testing.TB, string, string) []string { return nil },
		request: func(config, state string) string {
			return `{"secrets":` + config + `,"state":` + state + `}`
		},
		row:    number("record", "post", "parcels", "id"),
		pos:    number("state", "parcels", "cursor"),
		saved:  func(line []byte) string { s, _ := member(line, "state"); return string(s) },
		severe: `"level":"SEVERE"`,
	},
	{
		name: "airbyte", dies: true,
		args: func(t testing.TB, config, state string) []string {
			t.Helper()
			const stream = `{"stream":{"name":"%s","json_schema":{},"supported_sync_modes":["incremental"]},"sync_mode":"incremental","destination_sync_mode":"append_dedup"}`
			catalog := fmt.Sprintf(`{"streams":[`+stream+`,`+stream+`]}`, "parcels", "letters")
			return []string{"airbyte", "read", "--config", inFile(t, config), "--catalog", inFile(t, catalog), "--state", inFile(t, state)}
		},
		row:    number("record", "data", "id"),
		pos:    number("state", "stream", "stream_state", "parcels", "cursor"),
		saved:  func(line []byte) string { return "[" + string(line) + "]" },
		severe: `"type":"TRACE"`,
	},
	{
		name: "singer",
		args: func(t testing.TB, config, state string) []string {
			t.Helper()
			return []string{"singer", "--config", inFile(t, config), "--state", inFile(t, state)}
		},
		row:    number("record", "id"),
		pos:    number("value", "bookmarks", "parcels", "cursor"),
		saved:  func(line []byte) string { s, _ := member(line, "value"); return string(s) },
		severe: `"type":"STATE"`, // the log contains the failure
	},
}
