package airbyte_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Word is a row of the table words.
type Word struct {
	Text string `json:"text" schema:"primary_key"`
}

// A Book is a connector with one table, words.
type Book struct {
	Greeting string           `json:"greeting" jsonschema:"title=Greeting"`
	Token    connector.Secret `json:"token" jsonschema:"title=Token"`
}

func (b *Book) Schema(context.Context) (schema.Schema, error) {
	return schema.New("book", schema.TableOf[Word]("words"))
}

func (b *Book) Test(context.Context) error { return nil }

func (b *Book) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	read := state.NewCursor[int64](st, "words")
	if err := out.Upsert("words", Word{b.Greeting}); err != nil {
		return err
	}
	read.Advance(read.Start() + 1)
	return nil
}

// Serve answers a command line as a process would. Here it answers the command read.
func ExampleServe() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	args := []string{"read"}
	for name, text := range map[string]string{
		"config":  `{"greeting":"hello","token":"t-1"}`,
		"catalog": `{"streams":[{"stream":{"name":"words"},"sync_mode":"incremental","destination_sync_mode":"append_dedup"}]}`,
		"state":   `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"words"},"stream_state":{"words":{"cursor":7}}}}]`,
	} {
		path := filepath.Join(dir, name+".json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			fmt.Println(err)
			return
		}
		args = append(args, "--"+name, path)
	}
	var out strings.Builder
	if err := airbyte.Serve(context.Background(), &Book{}, args, &out); err != nil {
		fmt.Println(err)
	}
	times := regexp.MustCompile(`"(emitted_at|_ab_cdc_cursor)":\d+`)
	fmt.Print(times.ReplaceAllString(out.String(), `"$1":0`))
	// Output:
	// {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":0,"stream_status":{"stream_descriptor":{"name":"words"},"status":"STARTED"}}}
	// {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":0,"stream_status":{"stream_descriptor":{"name":"words"},"status":"RUNNING"}}}
	// {"type":"RECORD","record":{"stream":"words","data":{"text":"hello","_ab_cdc_cursor":0},"emitted_at":0}}
	// {"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"words"},"stream_state":{"words":{"cursor":8}}},"sourceStats":{"recordCount":1.0}}}
	// {"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":0,"stream_status":{"stream_descriptor":{"name":"words"},"status":"COMPLETE"}}}
}

// Host is an option of host.Main. A program that calls penstock.Main has it already.
func ExampleHost() {
	main := func() { host.Main(&Book{Greeting: "hello"}, airbyte.Host) }
	_ = main // it does not return

	// Serve runs the same commands.
	if err := airbyte.Serve(context.Background(), &Book{Greeting: "hello"}, []string{"spec"}, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"type":"SPEC","spec":{"protocol_version":"0.2.0","supportsIncremental":true,"connectionSpecification":{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"greeting":{"type":"string","title":"Greeting","default":"hello","order":0},"token":{"type":"string","minLength":1,"title":"Token","airbyte_secret":true,"order":1}},"type":"object","required":["token"],"additionalProperties":true,"title":"Configuration"}}}
}
