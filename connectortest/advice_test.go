package connectortest_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// fixes holds what the subtest that finds a mutant says about how to fix it.
// TestEachMutantIsFound checks that.
var fixes = map[string]string{
	"a password in plain text":                        "let the field be a connector.Secret",
	"columns in the order of a map":                   "make the schema with schema.New, in an order",
	"a test that needs no credentials":                "let Test send the smallest request that needs the same credentials",
	"a test whose error loses its kind":               "return the error of the request unchanged",
	"a refused row whose error is ignored":            "return the error of each method of the Emitter, and let the column have a type",
	"a primary key that lacks a column":               "look for a page that is read twice, for a primary key that lacks a column",
	"updates of rows that were never delivered":       "deliver each row with Upsert once",
	"a page token that is misspelled":                 `use paging.PageToken{At: "next_token", …}`,
	"a Link header that is ignored":                   "use paging.LinkHeader",
	"a column whose name is misspelled":               "write the name of the member in the json tag",
	"an amount that is converted to a float":          "use schema.Decimal for the field of an amount",
	"a first sync that reads one page":                "read every page to its end in a first sync, too",
	"a declared table that no function reads":         "add the function that reads the table with Tables.Add",
	"a cursor that is never advanced":                 "call Advance of the cursor",
	"a cursor that is advanced to a zero value":       "return the error of the conversion",
	"a second sync that panics":                       "read the error: a sync must accept every state",
	"a truncate in a sync that resumes":               "call Truncate only in a sync that then delivers the whole table",
	"a state from the future that is rejected":        "treat a position that is later than every row",
	"a checkpoint before the row":                     "deliver a row or a delete first, then advance the cursor",
	"a resumed sync that omits a value":               "deliver the same values in every sync",
	"a resumed sync that forgets a deletion":          "a sync that resumes delivers each delete again",
	"a resumed sync that ends after one page":         "read every page to its end: the sync that resumed",
	"a leaked goroutine":                              "wait for the goroutines that it started",
	"a wait that ignores the context":                 "pass the context of Sync to everything that waits",
	"a table that must be selected":                   "treat a table that is not selected as any other",
	"a first load that is recorded for all tables":    "State.Missed",
	"a child that does not follow its parent":         "schema.Table.Following",
	"a copy of a position that a reset leaves behind": "keep everything that says how far a table was read in the table's own part",
	"a position in the part of another table":         "keep the position of each table in that table's own part",
	"partial rows that replace whole ones":            "call Update only if Emitter.TakesUpdates reports true",
	"an error that loses its kind":                    "so that it keeps its kind",
}

func TestEachFixIsThatOfAMutant(t *testing.T) {
	for fault := range fixes {
		assert.True(t, slices.ContainsFunc(mutants, func(m mutant) bool { return m.fault == fault }), "there is no mutant %q", fault)
	}
}

func TestOnlyATableThatIsNotTruncatedFirstIsSaidToRepeatItsRows(t *testing.T) {
	t.Parallel()
	for _, truncates := range []bool{false, true} {
		c := &script{tables: []schema.Table{events}, sync: func(st state.State, out connector.Emitter) error {
			if truncates {
				if err := out.Truncate("events"); err != nil {
					return err
				}
			}
			return deliverAll(st, out, "events", 0, 5)
		}}
		logs := strings.Join(connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Incremental"))["Incremental"].Logs, "\n")
		assert.Equal(t, !truncates, strings.Contains(logs, "has no primary key, and the second sync delivered 5 of its rows again"), logs)
	}
}

func TestATableWhoseRowsComeWithThoseOfAnotherOneMustFollowIt(t *testing.T) {
	t.Parallel()
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
	r := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Reselection"))["Reselection"]
	assert.Contains(t, r.String(), "a first sync ran without table s.b; after another one with the table, the rows differ from those of one sync with everything:\ntable s.b: 19 differences")
	c.tables[1] = c.tables[1].Following("a")
	assert.Empty(t, connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Reselection"))["Reselection"].Failures)
}
