package host_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A fixed destination has one schema, in which no table has a column named late.
type fixed struct{ batchWriter }

func (*fixed) CheckTable(t *schema.Table) error {
	_, late := t.Column("late")
	switch {
	case t.Name == "panics":
		panic("index out of range")
	case t.Name == "exits":
		runtime.Goexit()
		return nil
	case t.Schema != "wide", late:
		return connector.Errorf(connector.Defect, "table %s: the platform cannot hold it", t)
	}
	return nil
}

func (f *fixed) sync(t *testing.T, c connector.Connector, req host.SyncRequest) error {
	t.Helper()
	run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
	return errors.Join(run.Sync(req, f), run.Close())
}

// tableOf returns a table with the columns id and those that are named.
func tableOf(schemaName, name string, more ...string) schema.Table {
	t := schema.Table{Schema: schemaName, Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	for _, c := range more {
		t.Columns = append(t.Columns, schema.Column{Name: c, Type: schema.TypeString})
	}
	return t
}

func TestATableThatTheDestinationRefusesFailsTheCallThatDeclaresItOnly(t *testing.T) {
	for name, declared := range map[string]schema.Table{
		"a new table":                   tableOf("other", "z"),
		"a table with another column":   tableOf("wide", "a", "late"),
		"a table of the other function": tableOf("wide", "b", "late"),
	} {
		for _, parallel := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				var w fixed
				c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
					tables := connector.Tables{Parallel: parallel}
					tables.Add("b", deliver("b", 3))
					if declared.Name == "b" {
						if err := tables.Sync(ctx, st, out); err != nil {
							return err
						}
						tables = connector.Tables{Parallel: parallel}
					}
					tables.Add("a", func(ctx context.Context, st state.State, out connector.Emitter) error {
						if err := deliver("a", 1)(ctx, st, out); err != nil {
							return err
						}
						return out.Declare(declared)
					})
					return tables.Sync(ctx, st, out)
				}}
				err := w.sync(t, c, host.SyncRequest{})
				require.ErrorContains(t, err, "table "+declared.String()+": the platform cannot hold it")
				assert.Equal(t, connector.Defect, connector.KindOf(err))
				texts := w.texts()
				assert.Equal(t, []string{`upsert a{"id":1}`}, beginning(texts, "upsert a"))
				assert.Equal(t, []string{`upsert b{"id":1}`, `upsert b{"id":2}`, `upsert b{"id":3}`}, beginning(texts, "upsert b"))
				assert.Empty(t, beginning(texts, "schema change"))
				assert.Equal(t, `checkpoint {"a":{"cursor":1},"b":{"cursor":3}}`, texts[len(texts)-1])
				for _, op := range w.ops {
					if op.Kind == host.OpTableEnd {
						assert.Equal(t, op.Table.Name == "a", op.Err != nil, op.Table.Name)
					}
				}
			})
		}
	}
}

func TestOperationsOnARefusedTableFailAlthoughTheConnectorIgnoresTheErrors(t *testing.T) {
	for name, test := range map[string]struct {
		declared schema.Table
		use      func(out connector.Emitter) error
	}{
		"by its qualified name":         {tableOf("other", "z"), func(out connector.Emitter) error { return out.Upsert("other.z", id(1)) }},
		"by its own name":               {tableOf("other", "z"), func(out connector.Emitter) error { return out.Upsert("z", id(1)) }},
		"by the name of another table":  {tableOf("other", "b"), func(out connector.Emitter) error { return out.Upsert("b", id(1)) }},
		"declared again":                {tableOf("wide", "a", "late"), func(out connector.Emitter) error { return out.Upsert("a", map[string]any{"id": 1, "late": "x"}) }},
		"another table, declared again": {tableOf("wide", "b", "late"), func(out connector.Emitter) error { return out.Upsert("wide.b", id(1)) }},
		"a deletion":                    {tableOf("wide", "a", "late"), func(out connector.Emitter) error { return out.Delete("a", id(1)) }},
		"a truncation":                  {tableOf("wide", "a", "late"), func(out connector.Emitter) error { return out.Truncate("a") }},
	} {
		for where, sync := range map[string]func(whole connector.Emitter, f func(out connector.Emitter) error) error{
			"in a call of SyncTables": func(whole connector.Emitter, f func(connector.Emitter) error) error { return whole.SyncTables(f, "a") },
			"in a scope":              func(whole connector.Emitter, f func(connector.Emitter) error) error { return f(whole.Scope("a")) },
			"in the whole sync":       func(whole connector.Emitter, f func(connector.Emitter) error) error { return f(whole) },
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				var w fixed
				c := &fixture.Wide{Names: []string{"a", "b", "c"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
					err := sync(whole, func(out connector.Emitter) error {
						if err := errors.Join(st.Table("a").Set("n", 1), out.Checkpoint()); err != nil {
							return err
						}
						assert.ErrorContains(t, out.Declare(test.declared), "the platform cannot hold it")
						err := test.use(out)
						assert.ErrorContains(t, err, "table "+test.declared.String()+": the platform cannot hold it")
						return st.Table("a").Set("n", 2)
					})
					if where == "in a call of SyncTables" {
						assert.ErrorContains(t, err, "the platform cannot hold it")
					}
					return whole.SyncTables(func(out connector.Emitter) error {
						return errors.Join(out.Upsert("c", id(1)), st.Table("c").Set("n", 1))
					}, "c")
				}}
				err := w.sync(t, c, host.SyncRequest{})
				texts := w.texts()
				if where == "in a call of SyncTables" { // the connector has decided to continue
					require.NoError(t, err)
					assert.Len(t, beginning(texts, "warning table a failed, but the connector continued the sync: table "+test.declared.String()), 1)
				} else {
					require.ErrorContains(t, err, "the platform cannot hold it")
				}
				assert.Equal(t, []string{`upsert c{"id":1}`}, append(beginning(texts, "upsert"), append(beginning(texts, "delete"), beginning(texts, "truncate")...)...))
				states := beginning(texts, "checkpoint")
				assert.Equal(t, `checkpoint {"a":{"n":1},"c":{"n":1}}`, states[len(states)-1])
			})
		}
	}
}

func TestATableThatIsAcceptedAfterARefusalIsSynced(t *testing.T) {
	var w fixed
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.SyncTables(func(out connector.Emitter) error {
			assert.Error(t, out.Declare(tableOf("other", "z")))
			assert.Error(t, out.Declare(tableOf("wide", "a", "late")))
			return errors.Join(out.Declare(tableOf("wide", "later")), out.Declare(tableOf("wide", "a", "text")), out.Upsert("later", id(1)), out.Upsert("a", id(2)))
		}, "a")
	}}
	require.NoError(t, w.sync(t, c, host.SyncRequest{}))
	assert.Equal(t, []string{`upsert later{"id":1}`, `upsert a{"id":2}`}, beginning(w.texts(), "upsert"))
}

func TestAnotherFunctionMeansItsOwnTableByTheNameOfARefusedOne(t *testing.T) {
	var w fixed
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Declare(tableOf("other", "b"))
		})
		tables.Add("b", deliver("b", 1))
		return tables.Sync(ctx, st, out)
	}}
	require.ErrorContains(t, w.sync(t, c, host.SyncRequest{}), "1 of 2 tables failed: a: table other.b: the platform cannot hold it")
	assert.Equal(t, []string{`upsert b{"id":1}`}, beginning(w.texts(), "upsert"))
}

func TestATableThatIsNotSelectedIsNotRefused(t *testing.T) {
	var w fixed
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Declare(tableOf("other", "z")), out.Upsert("z", id(1)), out.Upsert("a", id(1)))
	}}
	selection := host.Selection{Schemas: map[string]host.SchemaSelection{"other": {Excluded: true}}}
	require.NoError(t, w.sync(t, c, host.SyncRequest{Selection: selection}))
	assert.Equal(t, []string{`upsert a{"id":1}`}, beginning(w.texts(), "upsert"))
}

func TestAPanicOrAGoexitInCheckTableEndsTheSync(t *testing.T) {
	for table, want := range map[string]string{
		"panics": "panic in the destination: index out of range", "exits": "the destination called runtime.Goexit",
	} {
		var w fixed
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: 1}
			tables.Add("a", func(_ context.Context, _ state.State, out connector.Emitter) error {
				return out.Declare(tableOf("wide", table))
			})
			tables.Add("b", deliver("b", 3))
			return tables.Sync(ctx, st, out)
		}}
		require.ErrorContains(t, w.sync(t, c, host.SyncRequest{}), want)
		assert.Empty(t, beginning(w.texts(), "upsert"))
	}
}
