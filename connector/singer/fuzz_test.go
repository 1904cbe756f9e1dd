package singer_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
)

// FuzzState passes any text as a state. A state that is accepted means the same when
// it returns from the STATE message.
func FuzzState(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `{"bookmarks":{"a":{"cursor":1,"n":[1.50]}}}`, `{"type":"STATE","value":{"bookmarks":{}}}`,
		`{"bookmarks":{"a":{"cursor":1,"_plain":["cursor"],"_json":"{\"a\":{\"p\":[1]}}","_version":0}},"penstock":{"_shared":"{\"_shared\":{\"at\":1},\"x\":{\"n\":1}}","_version":0,"_late":["b"]}}`,
		`{"bookmarks":{"a":{"_json":"{\"_shared\":{},\"_version\":1}"}}}`, `{"bookmarks":{"a":{"_json":"{\"a\":{},\"a\":{}}"}}}`, `{"bookmarks":{"a":{"":1,"_plain":["",""]}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, saved string) {
		k := keep("a", "b")
		messages, err := tap(t, k, call{state: saved + " "})
		if err != nil {
			require.ErrorIs(t, err, connector.Configuration)
			require.Empty(t, messages)
			return
		}
		from := k.started
		again, _ := k.starts(t, lastState(t, messages), call{})
		require.JSONEq(t, from, again)
	})
}

// FuzzCatalog passes any text as a catalog. A stream or column that it does not name is
// not delivered.
func FuzzCatalog(f *testing.F) {
	for _, seed := range []string{
		`{"streams":[]}`, ordersWith(""), ordersWith(`,"selected":false`, stream(`{"selected":true}`), column("email", `{"selected":false}`)),
		catalogWith("orders*", "carts"), `{"streams":[{"stream":"gone","table_name":"x","metadata":[{"breadcrumb":[],"metadata":{"schema-name":"y"}}]}]}`, `{"streams":[null]}`, `[`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, catalog string) {
		messages, err := tap(t, shop(), call{config: withKey, catalog: catalog + " "})
		if err != nil {
			require.ErrorIs(t, err, connector.Configuration)
			require.Empty(t, messages)
			return
		}
		for _, m := range messages {
			// Names may be escaped, and some members are matched in any case.
			if m.Type == "RECORD" && !strings.Contains(catalog, `\`) && !strings.Contains(strings.ToLower(catalog), m.Stream) {
				t.Fatalf("the stream %s is not in the catalog", m.Stream)
			}
		}
	})
}
