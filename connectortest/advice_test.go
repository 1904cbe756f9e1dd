package connectortest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestTheFixSuitsTheFailure(t *testing.T) {
	for _, test := range []struct{ fault, rule, fix string }{
		{"a password in plain text", "Spec", "let the field be a connector.Secret"},
		{"columns in the order of a map", "Schema", "make the schema with schema.New, in an order"},
		{"a test that needs no credentials", "Test", "let Test send the smallest request that needs the same credentials"},
		{"a test whose error loses its kind", "Test", "return the error of the request unchanged"},
		{"a refused row whose error is ignored", "Sync", "return the error of each method of the Emitter, and let the column have a type"},
		{"a primary key that lacks a column", "Sync", "look for a page that is read twice, for a primary key that lacks a column"},
		{"updates of rows that were never delivered", "Sync", "deliver each row with Upsert once"},
		{"a page token that is misspelled", "Unread", `use paging.PageToken{At: "next_token", …}`},
		{"a Link header that is ignored", "Unread", "use paging.LinkHeader"},
		{"a column whose name is misspelled", "Unread", "write the name of the member in the json tag"},
		{"a first sync that reads one page", "Incremental", "read every page to its end in a first sync, too"},
		{"a second sync that panics", "Incremental", "read the error: a sync must accept every state"},
		{"a truncate in a sync that resumes", "Incremental", "call Truncate only in a sync that then delivers the whole table"},
		{"a state from the future that is rejected", "Incremental", "treat a position that is later than every row"},
		{"a checkpoint before the row", "Resume", "deliver a row or a delete first, then advance the cursor"},
		{"a resumed sync that omits a value", "Resume", "deliver the same values in every sync"},
		{"a resumed sync that forgets a deletion", "Resume", "a sync that resumes delivers each delete again"},
		{"a resumed sync that ends after one page", "Resume", "read every page to its end: the sync that resumed"},
		{"a leaked goroutine", "Cancel", "wait for the goroutines that it started"},
		{"a wait that ignores the context", "Cancel", "pass the context of Sync to everything that waits"},
		{"a table that must be selected", "Selection", "treat a table that is not selected as any other"},
		{"a first load that is recorded for all tables", "Reselection", "State.Missed"},
		{"a child that does not follow its parent", "Reselection", "schema.Table.Following"},
		{"a copy of a position that a reset leaves behind", "Reselection", "keep everything that says how far a table was read in the table's own part"},
		{"a position in the part of another table", "Reselection", "keep the position of each table in that table's own part"},
		{"an error that loses its kind", "Faults", "so that it keeps its kind"},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			ref, rows := newReference(test.fault)
			var c connector.Connector = ref
			switch test.fault {
			case "a password in plain text":
				c = &open{*ref, "hunter2"}
			case "a page token that is misspelled":
				rows.next = nextToken
			case "a Link header that is ignored":
				rows.next = linkHeader
			}
			released := make(chan struct{})
			defer close(released)
			r := connectortest.Record(t, c, connectortest.Seed(1), connectortest.Source(func() http.Handler { return rows }),
				connectortest.Only(connectortest.RuleNames(), test.rule))[test.rule]
			assert.Contains(t, r.String(), "\nto fix it: ")
			_, fix, _ := strings.Cut(r.String(), "\nto fix it: ")
			assert.Contains(t, fix, test.fix)
		})
	}
}

func TestOnlyATableThatIsNotTruncatedFirstIsSaidToRepeatItsRows(t *testing.T) {
	for _, truncates := range []bool{false, true} {
		c := &script{tables: []schema.Table{events}, sync: func(st state.State, out connector.Emitter) error {
			if truncates {
				if err := out.Truncate("events"); err != nil {
					return err
				}
			}
			return deliverAll(st, out, "events", 0, 5)
		}}
		logs := strings.Join(connectortest.Record(t, c)["Incremental"].Logs, "\n")
		assert.Equal(t, !truncates, strings.Contains(logs, "has no primary key, and the second sync delivered 5 of its rows again"), logs)
	}
}

func TestATableWhoseRowsComeWithThoseOfAnotherOneMustFollowIt(t *testing.T) {
	c := &planned{
		tables: []schema.Table{plannedTable("a"), plannedTable("b")},
		sync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			for id := cursor.Start(); id < 20; id++ {
				for _, table := range []string{"a", "b"} {
					if err := out.Upsert(table, map[string]any{"id": id}); err != nil {
						return err
					}
				}
				cursor.Advance(id)
			}
			return nil
		},
	}
	r := connectortest.Record(t, c)["Reselection"]
	assert.Contains(t, r.String(), "a first sync ran without table s.b; after another one with the table, the rows differ from those of one sync with everything:\ntable s.b: 19 differences")
	c.tables[1] = c.tables[1].Following("a")
	assert.Empty(t, connectortest.Record(t, c)["Reselection"].Failures)
}
