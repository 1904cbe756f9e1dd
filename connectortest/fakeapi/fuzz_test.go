package fakeapi_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

func FuzzConditionsNeverHideAnotherContent(f *testing.F) {
	api := fakeapi.New(f, fakeapi.Collection("/x", orders(2)), fakeapi.Compress())
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	tag := w.Header().Get("ETag")
	for _, seed := range []string{tag, "W/" + tag, "*", `"a", "b"`, `"a" "b"`, `,`, `W/"`, "gzip;q=0.5, *"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, condition, coding string) {
		r := httptest.NewRequest("GET", "/x", nil)
		r.Header.Set("If-None-Match", condition)
		r.Header.Set("Accept-Encoding", coding)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		require.Contains(t, []int{200, 304, 400}, w.Code)
		if w.Code == 304 {
			assert.Empty(t, w.Body.String())
			assert.True(t, strings.Trim(condition, " \t") == "*" || strings.Contains(condition, w.Header().Get("ETag")), condition)
		}
	})
}

func FuzzQueriesAreAnsweredOrExplained(f *testing.F) {
	api := fakeapi.New(f, fakeapi.GraphQL("/graphql", fakeapi.Connection("orders", shopRows, fakeapi.Since("since", "total"))))
	for _, seed := range []string{
		pagedQuery, `{ orders { edges { cursor node { id customer { name } } } totalCount } }`, `query($a: Int! = 1) { orders(first: $a, since: 1e2) { nodes { id } } }`,
		`mutation { a }`, `{ a: b @c ...d }`, `{ orders(after: "\u00e4\"") { nodes { id } } } # x`, `"""`, "\ufeff{", "{a{a{a",
	} {
		f.Add(seed, `{"first":1}`)
	}
	f.Fuzz(func(t *testing.T, text, variables string) {
		if !json.Valid([]byte(variables)) {
			variables = "null"
		}
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		got := postJSON(api, `{"query":`+string(quoted)+`,"variables":`+variables+`}`)
		require.Contains(t, []int{200, 400}, got.status)
		var body struct {
			Data   *json.RawMessage
			Errors []struct{ Message string }
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &body), got.body)
		assert.NotEqual(t, body.Data == nil, len(body.Errors) == 0, "data or errors")
		assert.True(t, body.Data == nil || got.status == 200)
	})
}
