package connectortest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

// A getter returns the IDs at a path. It is the only thing that the connectors of this
// file do with a source.
type getter func(path string) ([]int, error)

// deliver upserts the IDs at a path. It returns the error of the request.
func (get getter) deliver(out connector.Emitter, table, path string) error {
	ids, err := get(path)
	for _, id := range ids {
		err = errors.Join(err, out.Upsert(table, map[string]any{"id": id}))
	}
	return err
}

// inTables returns a connector with a function for each of the tables a and b.
func inTables(a, b func(get getter, out connector.Emitter) error) *planned {
	return &planned{
		tables: []schema.Table{plannedTable("a", schema.Column{Name: "photo", Type: schema.TypeLong}), plannedTable("b")},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			api, err := transport.New("http://api.test", transport.WithLogger(connector.Logger(ctx)))
			if err != nil {
				return err
			}
			tables := connector.Tables{Parallel: 1} // so that the order of the requests is known
			add := func(table string, sync func(getter, connector.Emitter) error) {
				tables.Add(table, func(ctx context.Context, _ state.State, out connector.Emitter) error {
					return sync(func(path string) ([]int, error) {
						request := transport.Request{Path: path}
						if operation, ok := strings.CutPrefix(path, "query "); ok {
							request = transport.Request{Method: http.MethodPost, Path: "/graphql", Idempotent: true, Body: map[string]any{"query": operation}}
						}
						return transport.Get[[]int](ctx, api, request)
					}, out)
				})
			}
			add("a", a)
			add("b", b)
			return tables.Sync(ctx, st, out)
		},
	}
}

// serveIDs serves three IDs at each path.
func serveIDs() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode([]int{1, 2, 3})
	})
}

func faultsReport(t *testing.T, c connector.Connector) *connectortest.Report {
	t.Helper()
	return connectortest.Record(t, c, connectortest.Source(serveIDs), connectortest.Seed(1), connectortest.Only(connectortest.RuleNames(), "Faults"))["Faults"]
}

func isForbidden(err error) bool {
	e, ok := errors.AsType[*transport.Error](err)
	return ok && e.Status == http.StatusForbidden
}

// readFrom returns a function that delivers the IDs at a path to a table, and returns
// every error.
func readFrom(table, path string) func(getter, connector.Emitter) error {
	return func(get getter, out connector.Emitter) error { return get.deliver(out, table, path) }
}

// readUnlessForbidden is like readFrom, but calls forbidden for the status 403.
func readUnlessForbidden(table, path string, forbidden func(connector.Emitter) error) func(getter, connector.Emitter) error {
	return func(get getter, out connector.Emitter) error {
		if err := get.deliver(out, table, path); !isForbidden(err) {
			return err
		}
		return forbidden(out)
	}
}

func ignore(connector.Emitter) error { return nil }

func TestATableThatLacksRowsAfterARejectedRequestSaysSo(t *testing.T) {
	t.Parallel()
	a, b := readFrom("a", "/a"), readFrom("b", "/b")
	for name, test := range map[string]struct {
		connector *planned
		want      string // a part of the failure
	}{
		"each error is returned":  {inTables(a, b), ""},
		"403 is silent":           {inTables(a, readUnlessForbidden("b", "/b", ignore)), "403 Forbidden for GET /b from its request 1 on; the sync succeeded, but nothing says that these tables lack rows"},
		"a warning without names": {inTables(a, readUnlessForbidden("b", "/b", func(out connector.Emitter) error { return out.Warn("something is not permitted") })), "403 Forbidden for GET /b"},
		"a warning of the table": {inTables(a, readUnlessForbidden("b", "/b", func(out connector.Emitter) error {
			return out.Warn("table B was left out, because the account has no permission for it")
		})), ""},
		"another table of the same endpoint fails": {inTables(readUnlessForbidden("a", "/b", ignore), b), "403 Forbidden for GET /b from its request 1 on; the sync failed (1 of 2 tables failed"},
		"an operation of GraphQL":                  {inTables(readFrom("a", "query a"), readUnlessForbidden("b", "query b", ignore)), "403 Forbidden for POST /graphql (operation"},
		"a value that the connector does without": {inTables(func(get getter, out connector.Emitter) error {
			ids, err := get("/a")
			for _, id := range ids {
				photos, photoErr := get(fmt.Sprintf("/a/%d/photos", id))
				row := map[string]any{"id": id, "photo": len(photos)}
				if isForbidden(photoErr) {
					delete(row, "photo")
					photoErr = nil
				}
				err = errors.Join(err, photoErr, out.Upsert("a", row))
			}
			return err
		}, b), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := faultsReport(t, test.connector)
			assert.Equal(t, test.want != "", r.Failed(), "%v", r)
			assert.Contains(t, r.String(), test.want)
		})
	}
}

func TestTheLogNamesTheEndpointsThatWereNotRejected(t *testing.T) {
	t.Parallel()
	c := inTables(readFrom("a", "/a"), func(get getter, out connector.Emitter) error {
		var err error
		for n := range 45 {
			err = errors.Join(err, get.deliver(out, "b", "/b-"+strings.Repeat("x", n)))
		}
		return err
	})
	r := faultsReport(t, c)
	assert.Empty(t, r.Failures)
	logs := strings.Join(r.Logs, "\n")
	assert.Contains(t, logs, "the requests to these endpoints were not rejected on their own")
	assert.Contains(t, logs, "GET /b-"+strings.Repeat("x", 40))
}

func TestAnEndpointIsSharedByTheRequestsForEachRecord(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/orders/17/items": "GET /orders/*/items",
		"/orders/0191f7a2-6b7c-7cc0-98c4-dc0c0c07398f": "GET /orders/*",
		"/accounts/acct_1032D82e/charges":              "GET /accounts/*/charges",
		"/v1/orders":                                   "GET /v1/orders",
		"/oauth2/token":                                "GET /oauth2/token",
		"/s3_buckets":                                  "GET /s3_buckets",
	} {
		assert.Equal(t, want, connectortest.EndpointOf(path))
	}
}
