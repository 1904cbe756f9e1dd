package fakeapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

var shopRows = json.RawMessage(`[
	{"id": 1, "total": 19.90, "note": null, "customer": {"name": "a", "tags": []}, "items": [{"sku": "x"}, {"sku": "y", "n": 1}]},
	{"id": 2, "total": 5.00, "customer": null, "items": []},
	{"id": 3, "total": 7, "customer": {"name": "c", "city": "x"}, "raw": {"a": 1}}
]`)

// query sends a query with JSON variables, or none if they are "".
func query(t *testing.T, api http.Handler, text, variables string) answer {
	t.Helper()
	quoted, err := json.Marshal(text)
	require.NoError(t, err)
	body := `{"query":` + string(quoted)
	if variables != "" {
		body += `,"variables":` + variables
	}
	return postJSON(api, body+"}")
}

func postJSON(api http.Handler, body string) answer {
	r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func shopAPI(t *testing.T, options ...fakeapi.CollectionOption) *fakeapi.API {
	t.Helper()
	return fakeapi.New(t, fakeapi.GraphQL("/graphql",
		fakeapi.Connection("orders", shopRows, options...),
		fakeapi.Connection("shop.users", []string{}),
		fakeapi.Connection("shop.admin.logs", []map[string]any{{"id": 1}})))
}

const pagedQuery = `query Orders($first: Int, $after: String) {
	orders(first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } # pages
}`

func TestAQueryPagesThroughAConnection(t *testing.T) {
	api := shopAPI(t, fakeapi.PageSize(2))
	type data struct {
		Data struct {
			Orders struct {
				Nodes    []struct{ ID int }
				PageInfo struct {
					HasNextPage bool
					EndCursor   *string
				}
			}
		}
	}
	var got []int
	variables := `{}`
	for page := 1; ; page++ {
		resp := query(t, api, pagedQuery, variables)
		require.Equal(t, 200, resp.status)
		require.NotContains(t, resp.body, "errors")
		assert.Equal(t, "application/json", resp.header.Get("Content-Type"))
		var d data
		require.NoError(t, json.Unmarshal([]byte(resp.body), &d))
		for _, n := range d.Data.Orders.Nodes {
			got = append(got, n.ID)
		}
		require.NotNil(t, d.Data.Orders.PageInfo.EndCursor)
		variables = `{"first":2,"after":"` + *d.Data.Orders.PageInfo.EndCursor + `"}`
		if !d.Data.Orders.PageInfo.HasNextPage {
			assert.Equal(t, 2, page)
			break
		}
	}
	assert.Equal(t, []int{1, 2, 3}, got)
	assert.Equal(t, `{"data":{"orders":{"nodes":[],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}`, query(t, api, pagedQuery, variables).body)
}

func TestTheResponseHasWhatTheQuerySelects(t *testing.T) {
	for text, want := range map[string]string{
		`{ orders { nodes { id } } }`: `{"orders":{"nodes":[{"id":1},{"id":2},{"id":3}]}}`,
		`query { orders(first: 1) { nodes { total id note raw { a } customer { tags name city } items { n sku } } totalCount } }`: `{"orders":{"nodes":[` +
			`{"total":19.90,"id":1,"note":null,"raw":null,"customer":{"tags":[],"name":"a","city":null},"items":[{"n":null,"sku":"x"},{"n":1,"sku":"y"}]}],"totalCount":3}}`,
		`query A { orders(first: 3,) { pageInfo { hasNextPage } nodes { customer { name } items { sku } } } }`: `{"orders":{"pageInfo":{"hasNextPage":false},"nodes":[` +
			`{"customer":{"name":"a"},"items":[{"sku":"x"},{"sku":"y"}]},{"customer":null,"items":[]},{"customer":{"name":"c"},"items":null}]}}`,
		`{ shop { users(first: 5) { nodes { anything { deep } } pageInfo { endCursor } } } }`: `{"shop":{"users":{"nodes":[],"pageInfo":{"endCursor":null}}}}`,
		`{shop{admin{logs{nodes{id}}}}}`:                            `{"shop":{"admin":{"logs":{"nodes":[{"id":1}]}}}}`,
		"\ufeff{ orders(first:1,after:null){ totalCount } }":        `{"orders":{"totalCount":3}}`,
		`query($n: Int = 1) { orders(first: $n) { nodes { id } } }`: `{"orders":{"nodes":[{"id":1}]}}`,
	} {
		assert.Equal(t, `{"data":`+want+`}`, query(t, shopAPI(t), text, "").body, text)
	}
}

func TestEdgesHaveTheCursorsOfTheirNodes(t *testing.T) {
	for name, options := range map[string][]fakeapi.CollectionOption{"in the given order": nil, "ordered": {fakeapi.Since("since", "total")}} {
		t.Run(name, func(t *testing.T) {
			api := shopAPI(t, options...)
			var all struct {
				Data struct {
					Orders struct {
						Edges []struct {
							Cursor string
							Node   struct{ ID int }
						}
					}
				}
			}
			require.NoError(t, json.Unmarshal([]byte(query(t, api, `{ orders { edges { cursor node { id } } } }`, "").body), &all))
			edges := all.Data.Orders.Edges
			require.Len(t, edges, 3)
			for i, e := range edges[:2] {
				got := query(t, api, `query($after: String!) { orders(first: 1, after: $after) { nodes { id } } }`, `{"after":"`+e.Cursor+`"}`)
				assert.Equal(t, fmt.Sprintf(`{"data":{"orders":{"nodes":[{"id":%d}]}}}`, edges[i+1].Node.ID), got.body)
			}
		})
	}
}

func TestFiltersAreArguments(t *testing.T) {
	api := shopAPI(t, fakeapi.Since("min", "total"), fakeapi.Equal("customer", "customer.name"))
	got := query(t, api, `query($min: Decimal) { orders(min: $min) { nodes { id } } }`, `{"min":7}`)
	assert.Equal(t, `{"data":{"orders":{"nodes":[{"id":3},{"id":1}]}}}`, got.body)
	got = query(t, api, `query { orders(min: "7", customer: "c") { nodes { id } totalCount } }`, "")
	assert.Equal(t, `{"data":{"orders":{"nodes":[{"id":3}],"totalCount":1}}}`, got.body)
}

func TestInvalidQueriesAreErrorsWithStatus200(t *testing.T) {
	api := shopAPI(t, fakeapi.MaxPageSize(100), fakeapi.Since("since", "total"))
	var cursor struct {
		Data struct {
			Orders struct{ PageInfo struct{ EndCursor string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(query(t, api, `{ orders(first: 1) { pageInfo { endCursor } } }`, "").body), &cursor))
	for _, tt := range []struct{ text, variables, want string }{
		{`{ order { nodes { id } } }`, "", `the query has no field "order": the connections are orders, shop.users, shop.admin.logs`},
		{`{ shop { user { nodes { id } } } }`, "", `shop has no field "user"`},
		{`{ shop(id: 1) { users { nodes { id } } } }`, "", "the field shop has no arguments"},
		{`{ orders { nodes { ids } } }`, "", `nodes has no field "ids": it has customer, id, items, note, raw, total`},
		{`{ orders { nodes { customer { names } } } }`, "", `customer has no field "names": it has city, name, tags`},
		{`{ orders { nodes { items { skus } } } }`, "", `items has no field "skus": it has n, sku`},
		{`{ orders { nodes { id { x } } } }`, "", "the field id is a scalar"},
		{`{ orders { nodes { customer } } }`, "", "the field customer is an object: select some of its fields: city, name, tags"},
		{`{ orders { nodes } }`, "", "the field nodes is an object"},
		{`{ orders }`, "", "the field orders is an object"},
		{`{ shop { users { nodes } } }`, "", "the field nodes is an object: select some of its fields"},
		{`{ orders { rows { id } } }`, "", `orders has no field "rows": it has edges, nodes, pageInfo, totalCount`},
		{`{ orders { pageInfo { startCursor } } }`, "", `pageInfo has no field "startCursor": it has endCursor, hasNextPage`},
		{`{ orders { nodes(first: 1) { id } } }`, "", "the field nodes has no arguments"},
		{`{ orders(last: 1) { nodes { id } } }`, "", `orders has no argument "last": it has after, first, since`},
		{`{ orders(first: "1") { nodes { id } } }`, "", `the argument first is "1": want an integer`},
		{`{ orders(first: 1.0) { nodes { id } } }`, "", `the argument first is 1.0: want an integer`},
		{`{ orders(after: 1) { nodes { id } } }`, "", `the argument after is 1: want a string`},
		{`{ orders(first: 101) { nodes { id } } }`, "", "first is 101: want at most 100"},
		{`{ orders(first: 0) { nodes { id } } }`, "", `first is "0": want a whole number of at least 1`},
		{`{ orders(after: "x") { nodes { id } } }`, "", `after is not a page token of this API: "x"`},
		{`{ orders(since: "x") { nodes { id } } }`, "", `since is "x": want a number, as in the field`},
		{`query($after: String) { shop { users(after: $after) { nodes { id } } } }`, `{"after":"` + cursor.Data.Orders.PageInfo.EndCursor + `"}`, "belongs to another list or to other filters"},
		{`query($after: String) { orders(since: 1, after: $after) { nodes { id } } }`, `{"after":"` + cursor.Data.Orders.PageInfo.EndCursor + `"}`, "belongs to another list or to other filters"},
		{`{ orders(first: $n) { nodes { id } } }`, `{}`, `the query does not declare the variable "n"`},
		{pagedQuery, `{"afer":"x"}`, `the query does not declare the variable "afer"`},
		{`query($n: Int) { orders { nodes { id } } }`, `{}`, "the variable $n is not used"},
		{`query($n: Int!) { orders(first: $n) { nodes { id } } }`, `{}`, "the variable $n of type Int! has no value"},
		{`query($n: Int!) { orders(first: $n) { nodes { id } } }`, `{"n":null}`, "the variable $n of type Int! has no value"},
		{pagedQuery, `{"first":"2"}`, `the variable $first of type Int has the value "2"`},
		{pagedQuery, `{"first":2.5}`, `the variable $first of type Int has the value 2.5`},
		{pagedQuery, `{"after":2}`, `the variable $after of type String has the value 2`},
		{`query($x: Float) { orders(since: $x) { nodes { id } } }`, `{"x":"1"}`, `of type Float has the value "1"`},
		{`query($x: Boolean) { orders(since: $x) { nodes { id } } }`, `{"x":1}`, `of type Boolean has the value 1`},
		{`query($x: ID) { orders(since: $x) { nodes { id } } }`, `{"x":true}`, `of type ID has the value true`},
		{`query($x: Decimal) { orders(since: $x) { nodes { id } } }`, `{"x":[1]}`, `of type Decimal has the value [1]`},
	} {
		got := query(t, api, tt.text, tt.variables)
		assert.Equal(t, 200, got.status, tt.text)
		var body struct {
			Data   *json.RawMessage
			Errors []struct {
				Message   string
				Locations []struct{ Line, Column int }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(got.body), &body))
		require.Len(t, body.Errors, 1, tt.text)
		assert.Contains(t, body.Errors[0].Message, tt.want, tt.text)
		assert.Nil(t, body.Data)
	}
	got := query(t, api, "{\n  orders { nodes {\n\tids } } }", "")
	assert.Contains(t, got.body, `"locations":[{"line":3,"column":2}]`)
}

func TestQueriesInAnotherFormAreRejected(t *testing.T) {
	api := shopAPI(t)
	for text, want := range map[string]string{
		``:                                     "want { and the fields of the query, not the end of the text",
		`query`:                                "want { and the fields of the query",
		`{`:                                    "want the name of a field, not the end of the text",
		`{}`:                                   "the selection of the query is empty",
		`{ a {} }`:                             "the selection of a is empty",
		`mutation { orders { nodes { id } } }`: "it is a mutation: want a query",
		`subscription { orders { nodes { id } } }`:                         "it is a subscription: want a query",
		`fragment F on O { id } { orders { nodes { ...F } } }`:             "it is a fragment: want a query",
		`{ orders { nodes { ...F } } } fragment F on O { id }`:             "fragments are not supported",
		`{ orders { nodes { ... on O { id } } } }`:                         "fragments are not supported",
		`{ a: orders { nodes { id } } }`:                                   "the field a has an alias",
		`{ orders { nodes { id @skip(if: true) } } }`:                      "directives are not supported",
		`query A @x { orders { nodes { id } } }`:                           "want { and the fields of the query, not @",
		`{ __schema { types { name } } }`:                                  "introspection is not supported: __schema",
		`{ orders { nodes { __typename } } }`:                              "introspection is not supported: __typename",
		`query A { orders { nodes { id } } } query B { x }`:                "want the end of the query, not query",
		`{ orders { nodes { id } } shop { users { nodes { id } } } }`:      "the query selects 2 fields: want one",
		`{ shop { users { nodes { id } } admin { logs { nodes {id} } } }}`: "shop selects 2 fields",
		`{ shop }`:                       "shop selects 0 fields",
		`{ orders { nodes { id id } } }`: "the field id is selected twice",
		`{ orders(first: 1, first: 2) { nodes { id } } }`:               "the argument first occurs twice",
		`{ orders() { nodes { id } } }`:                                 "the list of arguments of orders is empty",
		`{ orders(first: [1]) { nodes { id } } }`:                       "want a string, a number, a boolean or null, not [: lists, objects and enum",
		`{ orders(first: {a: 1}) { nodes { id } } }`:                    "lists, objects and enum values are not supported",
		`{ orders(first: ASC) { nodes { id } } }`:                       "lists, objects and enum values are not supported",
		`{ orders(first 1) { nodes { id } } }`:                          "want :, not 1",
		`{ orders(first: 01) { nodes { id } } }`:                        "not a number: 01",
		`{ orders(first: 1x) { nodes { id } } }`:                        "not a number: 1x",
		`{ orders(after: "x) { nodes { id } } }`:                        "the string does not end or is not valid",
		`{ orders(after: "\x") { nodes { id } } }`:                      "the string does not end or is not valid",
		`{ orders(after: """x""") { nodes { id } } }`:                   "block strings are not supported",
		`query() { orders { nodes { id } } }`:                           "the list of variables is empty",
		`query($a: [Int]) { orders(first: $a) { nodes { id } } }`:       "the type of variable a is a list",
		`query($a Int) { orders(first: $a) { nodes { id } } }`:          "want :, not Int",
		`query(a: Int) { orders(first: $a) { nodes { id } } }`:          "want $, not a",
		`query($a: Int, $a: Int) { orders(first: $a) { nodes { id } }}`: "the variable a is declared twice",
		`{ orders { nodes { id; } } }`:                                  "unexpected character ;",
		`{ "orders" { nodes { id } } }`:                                 "want the name of a field, not a string",
		strings.Repeat("{a", 60) + strings.Repeat("}", 60):              "nested more than 50 levels deep",
	} {
		got := query(t, api, text, "")
		assert.Equal(t, 400, got.status, text)
		var body struct{ Errors []struct{ Message string } }
		require.NoError(t, json.Unmarshal([]byte(got.body), &body), got.body)
		require.Len(t, body.Errors, 1)
		assert.Contains(t, body.Errors[0].Message, want, text)
	}
	for body, want := range map[string]string{
		`[]`:          "the body is not a JSON object",
		`null`:        "the body is not a JSON object",
		`{`:           "the body is not a JSON object",
		`{"query":1}`: "the member query of the body is missing or not a string",
		`{}`:          "the member query of the body is missing",
		`{"query":"{orders{totalCount}}","variables":[]}`:        "the member variables of the body is not an object",
		`{"query":"{orders{totalCount}}","operationName":1}`:     "the member operationName of the body is not a string",
		`{"query":"{orders{totalCount}}","operationName":"A"}`:   `operationName is \"A\", but the query has the name \"\"`,
		`{"query":"{orders{totalCount}}","extensions":{"a":{}}}`: `the body has the unknown member \"extensions\"`,
	} {
		got := postJSON(api, body)
		assert.Equal(t, 400, got.status, body)
		assert.Contains(t, got.body, want, body)
	}
	assert.Equal(t, 200, postJSON(api, `{"query":"query A {orders{totalCount}}","operationName":"A","variables":null}`).status)
	r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"query":"{orders{totalCount}}"}`))
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	assert.Equal(t, 415, w.Code)
	assert.Equal(t, 405, inMemory(t, api, "/graphql").status)
}

func TestTheRowsOfAConnectionCanBeReplaced(t *testing.T) {
	f := &failing{TB: t}
	api := fakeapi.New(f, fakeapi.GraphQL("/graphql", fakeapi.Connection("a.b", []order{})))
	const text = `{ a { b { nodes { id } } } }`
	assert.Equal(t, `{"data":{"a":{"b":{"nodes":[]}}}}`, query(t, api, text, "").body)
	api.Set("/graphql#a.b", orders(1))
	assert.Equal(t, `{"data":{"a":{"b":{"nodes":[{"id":9007199254740992}]}}}}`, query(t, api, text, "").body)
	api.Set("/graphql#a.b", []order{})
	assert.Contains(t, query(t, api, `{ a { b { nodes { ids } } } }`, "").body, `nodes has no field`, "fields stay known")
	assert.Empty(t, f.why)
	api.Set("/graphql", orders(1))
	assert.Contains(t, f.why, "cannot set /graphql, which is not a path with rows or a value: the API has /graphql#a.b")
}

func TestTheRowsOfAConnectionCanBeAFunction(t *testing.T) {
	api := fakeapi.New(t, fakeapi.GraphQL("/graphql", fakeapi.Connection("orders", func(*http.Request) []order { return orders(2) })))
	assert.Equal(t, `{"data":{"orders":{"totalCount":2}}}`, query(t, api, `{ orders { totalCount } }`, "").body)
	assert.Contains(t, query(t, api, `{ orders { nodes { x } } }`, "").body, "it has id, updated_at")
}

func TestQueriesCostPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.GraphQL("/graphql", fakeapi.QueryCost(10, 25, 4), fakeapi.Connection("orders", orders(1))))
		const text = `{ orders { totalCount } }`
		cost := func(actual, available int) string {
			return fmt.Sprintf(`"extensions":{"cost":{"requestedQueryCost":10,"actualQueryCost":%d,"throttleStatus":{"maximumAvailable":25,"currentlyAvailable":%d,"restoreRate":4}}}}`, actual, available)
		}
		assert.Equal(t, `{"data":{"orders":{"totalCount":1}},`+cost(10, 15), query(t, api, text, "").body)
		assert.NotContains(t, query(t, api, `{ orders { x } }`, "").body, "extensions", "an invalid query costs nothing")
		assert.Equal(t, `{"data":{"orders":{"totalCount":1}},`+cost(10, 5), query(t, api, text, "").body)
		throttled := query(t, api, text, "")
		assert.Equal(t, 200, throttled.status)
		assert.Equal(t, `{"errors":[{"message":"Throttled: the budget is used up","extensions":{"code":"THROTTLED"}}],`+cost(0, 5), throttled.body)
		time.Sleep(1249 * time.Millisecond)
		assert.Contains(t, query(t, api, text, "").body, cost(0, 9))
		time.Sleep(time.Millisecond)
		assert.Contains(t, query(t, api, text, "").body, cost(10, 0))
		time.Sleep(time.Hour)
		assert.Contains(t, query(t, api, text, "").body, cost(10, 15))
	})
}

func TestAClientOfPackageTransportReadsAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.GraphQL("/graphql", fakeapi.Connection("orders", orders(20)), fakeapi.QueryCost(10, 20, 100)),
			fakeapi.FailOn("/graphql", 2, fakeapi.Reset()))
		client := clientOf(t, api, transport.WithRules(transport.Rule{
			When: func(r *transport.Response) bool { return strings.Contains(string(r.Body), `"THROTTLED"`) }, Do: transport.DoRepeat}))
		request := transport.GraphQL("/graphql", `query($first: Int!, $after: String) {
			orders(first: $first, after: $after) { nodes { id updated_at } pageInfo { hasNextPage endCursor } } }`, map[string]any{"first": 6})
		request.RecordsAt = "data.orders.nodes"
		var got []order
		for row, err := range transport.Records[order](t.Context(), client, request, paging.Relay{At: "data.orders"}) {
			require.NoError(t, err)
			got = append(got, row)
		}
		assert.Equal(t, orders(20), got)
		assert.Greater(t, len(api.Requests()), 5, "four pages, a broken connection and a query above the budget")
	})
}

func TestGraphQLIsSafeForConcurrentUse(t *testing.T) {
	api := shopAPI(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				api.Set("/graphql#orders", shopRows)
				assert.Contains(t, postJSON(api, `{"query":"{ orders { nodes { id customer { name } } } }"}`).body, `"customer":{"name":"c"}`)
			}
		})
	}
	all.Wait()
}

func TestInvalidConnectionsFailTheTest(t *testing.T) {
	for want, options := range map[string][]fakeapi.GraphQLOption{
		"GraphQL /graphql: there is no connection":                            {},
		`"a-b" is not the name of a connection`:                               {fakeapi.Connection("a-b", orders(1))},
		`"a..b" is not the name of a connection`:                              {fakeapi.Connection("a..b", orders(1))},
		"the connections a and a.b overlap":                                   {fakeapi.Connection("a", orders(1)), fakeapi.Connection("a.b", orders(1))},
		"connection /graphql#a: a connection always pages":                    {fakeapi.Connection("a", orders(1), fakeapi.ByLink())},
		"only the options Since, Equal, PageSize and MaxPageSize apply":       {fakeapi.Connection("a", orders(1), fakeapi.AsCSV())},
		`"updated after" is not the name of an argument`:                      {fakeapi.Connection("a", orders(1), fakeapi.Since("updated after", "updated_at"))},
		"two options use the parameter first":                                 {fakeapi.Connection("a", orders(1), fakeapi.Equal("first", "id"))},
		"connection /graphql#a: want a slice, not int":                        {fakeapi.Connection("a", 1)},
		"a query costs 10 of 5 points":                                        {fakeapi.Connection("a", orders(1)), fakeapi.QueryCost(10, 5, 1)},
		"there are two options for the cost of a query":                       {fakeapi.Connection("a", orders(1)), fakeapi.QueryCost(1, 5, 1), fakeapi.QueryCost(1, 5, 1)},
		"a query costs 1 of 5 points, of which 0 are restored in a second: w": {fakeapi.Connection("a", orders(1)), fakeapi.QueryCost(1, 5, 0)},
	} {
		t.Run(want, func(t *testing.T) {
			f := &failing{TB: t}
			fakeapi.New(f, fakeapi.GraphQL("/graphql", options...))
			assert.Contains(t, f.why, want)
		})
	}
}
