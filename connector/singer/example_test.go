package singer_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type Bell struct {
	ID   int64  `json:"id" schema:"primary_key"`
	Tone string `json:"tone"`
}

// A Tower is a connector with a table of two bells.
type Tower struct {
	City string `json:"city"`
}

func (c *Tower) Schema(context.Context) (schema.Schema, error) {
	return schema.New("tower", schema.TableOf[Bell]("bells"))
}

func (c *Tower) Test(context.Context) error { return nil }

func (c *Tower) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "bells", state.Sorted())
	for id := cursor.Start() + 1; id <= 2; id++ {
		if err := out.Upsert("bells", &Bell{ID: id, Tone: c.City}); err != nil {
			return err
		}
		cursor.Advance(id)
	}
	return nil
}

// Serve executes one command line of a tap.
func ExampleServe() {
	dir, err := os.MkdirTemp("", "tap")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	config := filepath.Join(dir, "config.json")
	if err := os.WriteFile(config, []byte(`{"city":"Zug"}`), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	var out bytes.Buffer
	if err := singer.Serve(context.Background(), &Tower{}, []string{"--config", config}, &out, host.LogTo(slog.DiscardHandler)); err != nil {
		fmt.Println(err)
		return
	}
	// The time is different each time.
	fmt.Print(regexp.MustCompile(`,"time_extracted":"[^"]*"`).ReplaceAllString(out.String(), ""))
	// Output:
	// {"type":"SCHEMA","stream":"bells","schema":{"type":"object","properties":{"id":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},"tone":{"type":["null","string"]},"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}}},"key_properties":["id"],"bookmark_properties":[]}
	// {"type":"RECORD","stream":"bells","record":{"id":1,"tone":"Zug"}}
	// {"type":"RECORD","stream":"bells","record":{"id":2,"tone":"Zug"}}
	// {"type":"STATE","value":{"bookmarks":{"bells":{"cursor":2,"_plain":["cursor"],"_json":"{\"bells\":{}}","_version":0}},"penstock":{"_shared":"{}","_version":0}}}
}

// Discovery needs no configuration if the schema does not depend on it.
func ExampleServe_discover() {
	if err := singer.Serve(context.Background(), &Tower{}, []string{"--discover"}, os.Stdout, host.LogTo(slog.DiscardHandler)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"streams":[{"tap_stream_id":"bells","stream":"bells","table_name":"bells","key_properties":["id"],"replication_method":"INCREMENTAL","schema":{"type":"object","properties":{"id":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},"tone":{"type":["null","string"]},"_sdc_deleted_at":{"type":["null","string"],"format":"date-time"}}},"metadata":[{"breadcrumb":[],"metadata":{"inclusion":"available","selected":true,"selected-by-default":true,"table-key-properties":["id"],"schema-name":"tower","forced-replication-method":"INCREMENTAL","valid-replication-keys":[]}},{"breadcrumb":["properties","id"],"metadata":{"inclusion":"automatic","selected-by-default":true}},{"breadcrumb":["properties","tone"],"metadata":{"inclusion":"available","selected-by-default":true}},{"breadcrumb":["properties","_sdc_deleted_at"],"metadata":{"inclusion":"available","selected-by-default":true}}]}]}
}

// The main function of a connector's program calls penstock.Main, which includes the
// host. If the program is called tap-tower, this is its command line:
//
//	tap-tower --config config.json --discover
func ExampleHost() {
	penstock.Main(&Tower{})
}
