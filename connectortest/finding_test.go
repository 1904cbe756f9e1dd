package connectortest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/value"
)

// findings returns the failures of the suite, with the names of its subtests.
func findings(reports map[string]*connectortest.Report) (all []string) {
	for name, r := range reports {
		if r.Failed() {
			all = append(all, name+": "+r.String())
		}
	}
	return all
}

// warned reports whether a sync delivered a warning.
func warned(r *connectortest.Result) bool {
	return slices.ContainsFunc(r.Operations, func(op *host.Operation) bool { return op.Kind == host.OpWarning })
}

// planned is a connector whose tables and Sync a test provides.
type planned struct {
	tables []schema.Table
	test   func(ctx context.Context) error // optional
	sync   func(ctx context.Context, st state.State, out connector.Emitter) error
}

func (c *planned) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", c.tables...)
}

func (c *planned) Test(ctx context.Context) error {
	if c.test == nil {
		return nil
	}
	return c.test(ctx)
}

func (c *planned) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	return c.sync(ctx, st, out)
}

func plannedTable(name string, columns ...schema.Column) schema.Table {
	return schema.Table{Name: name, Columns: append([]schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}, columns...)}
}

// apiRows is a connector that delivers the records of a source as the rows of the
// table "items".
type apiRows[T any] struct {
	Key     connector.Secret `json:"key"`
	request transport.Request
	paging  transport.Paging
	set     func(*T) // changes a record before it is delivered; optional
}

const apiKey = "key-0123456789"

func (c *apiRows[T]) each(ctx context.Context, do func(*T) error) error {
	client, err := transport.New("http://api.test", transport.WithAuth(auth.Bearer(c.Key.Reveal())))
	if err != nil {
		return err
	}
	for record, err := range transport.Records[T](ctx, client, c.request, c.paging) {
		if err != nil {
			return err
		}
		if c.set != nil {
			c.set(&record)
		}
		if err := do(&record); err != nil {
			return err
		}
	}
	return nil
}

func (c *apiRows[T]) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", schema.TableOf[T]("items"))
}

func (c *apiRows[T]) Test(ctx context.Context) error {
	return c.each(ctx, func(*T) error { return nil })
}

func (c *apiRows[T]) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	return c.each(ctx, func(record *T) error { return out.Upsert("items", record) })
}

// withKey passes on requests with the right key and rejects all others.
func withKey(h http.HandlerFunc) func() http.Handler {
	return func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+apiKey {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			h(w, r)
		})
	}
}

func TestRunFailsForAConnectorThatReadsOnlyTheFirstPage(t *testing.T) {
	t.Parallel()
	type pageItem struct {
		ID int `json:"id" schema:"primary_key"`
	}
	source := withKey(func(w http.ResponseWriter, r *http.Request) {
		page := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &page)
		body := map[string]any{"value": []pageItem{{page*2 - 1}, {page * 2}}}
		if page < 3 {
			body["next"] = fmt.Sprintf("/items?page=%d", page+1)
		}
		_ = json.NewEncoder(w).Encode(body)
	})
	for name, c := range map[string]struct {
		paging transport.Paging
		fails  string // what the error of a sync says
	}{
		"right":                          {paging.NextURL{At: "next"}, ""},
		"misspelled":                     {paging.NextURL{At: "nxt"}, "the member next says that there is another page: use paging.NextURL{At: \"next\"}"},
		"misspelled and optional":        {paging.NextURL{At: "nxt", Optional: true}, ""},
		"no paging":                      {nil, "use paging.NextURL{At: \"next\"}; if only this page is wanted, use paging.SinglePage"},
		"a single page, contrary to all": {paging.SinglePage{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := &apiRows[pageItem]{Key: apiKey, request: transport.Request{Path: "/items", RecordsAt: "value"}, paging: c.paging}
			found := findings(connectortest.Record(t, rows, connectortest.Source(source)))
			assert.Equal(t, name != "right", len(found) > 0, "findings: %s", found)
			_, err := connectortest.TrySync(t, rows, connectortest.Source(source))
			if c.fails == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.fails)
			}
		})
	}
}

func TestRunFailsForRowsWithColumnsThatDifferInCaseAlone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{"one column": `{"id":1,"userId":"a"}`, "twins": `{"id":1,"userId":"a","userID":"b"}`} {
		t.Run(name, func(t *testing.T) {
			found := findings(connectortest.Record(t, &planned{
				tables: []schema.Table{plannedTable("t", schema.Column{Name: "name", Type: schema.TypeString})},
				sync: func(_ context.Context, _ state.State, out connector.Emitter) error {
					return out.Upsert("t", []byte(row))
				},
			}))
			assert.Equal(t, name == "twins", len(found) > 0, "findings: %s", found)
		})
	}
}

// A Go field that is not a pointer cannot hold null, and stays unset if its name is
// misspelled. The row then contains 0, "" or the year 1.
func TestANullInAPlainFieldStaysNullOrIsReported(t *testing.T) {
	t.Parallel()
	type plainRow struct {
		ID       int64      `json:"id" schema:"primary_key"`
		Quantity int64      `json:"quantity"`
		Paid     bool       `json:"paid"`
		ClosedAt value.Time `json:"closed_at" schema:"type=UTC_DATETIME"`
		Note     string     `json:"comment_text"`
		Title    string     `json:"titel"` // a misspelling of title
	}
	source := withKey(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":1,"quantity":2,"paid":true,"closed_at":"2026-01-02T03:04:05Z","comment_text":"a","title":"A"},
			{"id":2,"quantity":null,"paid":null,"closed_at":null,"comment_text":null,"title":"B"}]`)
	})
	columns := []string{"quantity", "paid", "closed_at", "comment_text", "titel"}
	c := &apiRows[plainRow]{Key: apiKey}
	r, err := connectortest.TrySync(t, c, connectortest.Source(source))
	reported := fmt.Sprint(err)
	for _, op := range r.Operations {
		reported += op.Message
	}
	reports := connectortest.Record(t, c, connectortest.Source(source))
	for _, report := range reports {
		reported += fmt.Sprint(report.Failures, report.Skips, report.Logs)
	}
	delivered := map[string]any{}
	for _, row := range connectortest.Rows[map[string]any](t, r, "items") {
		if row["id"] == 2.0 {
			delivered = row
		}
	}
	for _, column := range columns {
		if v := delivered[column]; v != nil {
			assert.Contains(t, reported, column, "delivered as %#v, without an error, a warning or a finding", v)
		}
	}
	assert.Contains(t, reports["Unread"].String(), "column titel has no value in any row, and no record of the source has a member of that name; the records have the member title, which no column takes")
}

// budgetEnv makes the test binary run the test in its own process, which a panic
// of the suite may end.
const budgetEnv = "CONNECTORTEST_BUDGET"

func TestRunFailsWithTheReasonWhenEverySyncFailsFromSomePointOn(t *testing.T) {
	if os.Getenv(budgetEnv) != "" {
		var syncs atomic.Int64
		connectortest.Run(t, &planned{
			tables: []schema.Table{plannedTable("t")},
			sync: func(_ context.Context, st state.State, out connector.Emitter) error {
				if syncs.Add(1) > 8 {
					return errors.New("the budget is used up")
				}
				return countTo30(st, out, "t", "t")
			},
		})
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), budgetEnv+"=1")
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "the suite passes")
	_, panicked, _ := strings.Cut(string(out), "panic: runtime error")
	assert.Empty(t, panicked, "the suite panics")
	assert.Contains(t, string(out), "the budget is used up")
}

// countTo30 delivers the rows 1 to 30 of a table, and keeps its position in the state
// of the table cursorOf.
func countTo30(st state.State, out connector.Emitter, table, cursorOf string) error {
	cursor := state.NewCursor[int64](st, cursorOf, state.Sorted(), state.StartAt[int64](1))
	for id := cursor.Start(); id <= 30; id++ {
		if err := out.Upsert(table, map[string]any{"id": id}); err != nil {
			return err
		}
		cursor.Advance(id)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// firstLoadNoted returns a connector that records in the shared part of its state that
// the first load is done. With the fault, it then reads no table again.
func firstLoadNoted(fault bool) *planned {
	return &planned{
		tables: []schema.Table{plannedTable("a"), plannedTable("b")},
		sync: func(_ context.Context, st state.State, out connector.Emitter) error {
			done := false
			if _, err := st.Shared().Get("done", &done); err != nil || done && fault {
				return err
			}
			for _, table := range []string{"a", "b"} {
				if err := countTo30(st, out, table, table); err != nil {
					return err
				}
			}
			return st.Shared().Set("done", true)
		},
	}
}

func TestRunFailsForAConnectorThatNeverDeliversATableThatIsSelectedLater(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]bool{"right": false, "fault": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := findings(connectortest.Record(t, firstLoadNoted(fault)))
			assert.Equal(t, fault, len(found) > 0, "findings: %s", found)
		})
	}
}

// orderNames are the places where an author writes the name of the table "orders".
type orderNames struct{ cursor, add, scope string }

// ordersAnd returns a connector with the table "orders", which it calls by the names
// that an author wrote, and the table "customers", which customers syncs.
func ordersAnd(names orderNames, customers func(out connector.Emitter) error) *planned {
	return &planned{
		tables: []schema.Table{plannedTable("orders"), plannedTable("customers")},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			orders := func(_ context.Context, st state.State, out connector.Emitter) error {
				return countTo30(st, out, "orders", names.cursor)
			}
			if names.scope != "" {
				return orders(ctx, st, out.Scope(names.scope))
			}
			var tables connector.Tables
			tables.Add(names.add, orders)
			tables.Add("customers", func(_ context.Context, _ state.State, out connector.Emitter) error { return customers(out) })
			return tables.Sync(ctx, st, out)
		},
	}
}

func TestAMisspelledNameOfATableIsAnErrorAWarningOrAFindingOfRun(t *testing.T) {
	t.Parallel()
	one := func(out connector.Emitter) error { return out.Upsert("customers", map[string]any{"id": 1}) }
	for name, names := range map[string]orderNames{
		"right":         {cursor: "orders", add: "orders"},
		"in the cursor": {cursor: "ordres", add: "orders"},
		"in Add":        {cursor: "orders", add: "ordres"},
		"in both":       {cursor: "ordres", add: "ordres"},
		"in Scope":      {cursor: "orders", add: "orders", scope: "ordres"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := connectortest.TrySync(t, ordersAnd(names, one))
			found := findings(connectortest.Record(t, ordersAnd(names, one)))
			assert.Equal(t, name != "right", err != nil || warned(r) || len(found) > 0, "error: %v, findings: %s", err, found)
		})
	}
}

// If one table fails, each sync reads the other table from the start.
func TestAMisspelledNameDoesNotUndoTheProgressOfATable(t *testing.T) {
	c := ordersAnd(orderNames{cursor: "ordres", add: "orders"}, func(connector.Emitter) error { return errors.New("no customers today") })
	first, _ := connectortest.TrySync(t, c)
	second, err := connectortest.TrySync(t, c, connectortest.From(first.State))
	var tables *connector.TablesError
	if errors.As(err, &tables) && len(tables.Failures) == 1 {
		assert.LessOrEqual(t, len(second.Rows("orders")), 1, "rows delivered again, although orders did not fail; the state is %s", second.State)
	}
}
