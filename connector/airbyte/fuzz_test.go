package airbyte_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

// FuzzRead passes any input as the catalog and the state of a read. The output must
// consist of legal messages, and an error must be reported if and only if the read
// fails.
func FuzzRead(f *testing.F) {
	for _, catalog := range []string{
		catalogOf("a", "b"), catalogOf("gone"), `{"streams":[]}`, `{}`, `[]`, ``, `{"streams":[{"stream":{"name":"a","namespace":null,"json_schema":{"properties":{"id":{}}}}}]}`,
		`{"streams":[{"stream":{"name":"a"}},{"stream":{"name":"a","namespace":"wide"}}]}`, "\uFEFF" + catalogOf("a"),
	} {
		f.Add([]byte(catalog), []byte(`[]`))
	}
	for _, saved := range []string{
		`{}`, `null`, ``, `{"a":{"cursor":1}}`, `{"type":"LEGACY","data":{"a":{"cursor":1}}}`, `[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":{"a":{"cursor":1}}}}]`,
		`[{"type":"GLOBAL","global":{"shared_state":{"_shared":{"token":"x"}},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":null}]}}]`,
		`[{"type":"STREAM","stream":{"stream_descriptor":{"name":"a"},"stream_state":{"__penstock":{"at":1},"a":{"cursor":1}}}},{"type":"STATE","state":[]}]`,
		`{"type":"STREAM","stream":{"stream_descriptor":{"name":"a","name":"b"},"stream_state":{"a":{"cursor":1},"_version":0}}}`, `{"a":{"cursor":"\ud800"}}`, `{"data":{"b":{}},"stream":[],"global":{}}`,
	} {
		f.Add([]byte(catalogOf("a")), []byte(saved))
	}
	dir := f.TempDir()
	paths := map[string]string{}
	for _, name := range []string{"config", "catalog", "state"} {
		paths[name] = filepath.Join(dir, name)
	}
	c := wide(func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		err := errors.Join(out.Upsert("a", id(1)), out.Delete("b", id(1)))
		cursor.Advance(max(1, cursor.Start()))
		return errors.Join(err, out.Checkpoint())
	}, "a", "b")
	f.Fuzz(func(t *testing.T, catalog, saved []byte) {
		for name, text := range map[string][]byte{"config": []byte(`{}`), "catalog": catalog, "state": saved} {
			if err := os.WriteFile(paths[name], text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := serve(t, c, []string{"read", "--config", paths["config"], "--catalog", paths["catalog"], "--state", paths["state"]})
		got.check(t)
		if (got.err != nil) != (len(got.errors()) > 0) {
			t.Fatalf("error %v, reported %v", got.err, got.errors())
		}
	})
}
