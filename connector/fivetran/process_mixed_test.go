//go:build unix

package fivetran_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func init() { programs["mixed"] = func() { penstock.Main(&mixed{}, fivetran.Host) } }

// A mixed is a connector of which the table complete succeeds, and the table failing fails with
// an error of a kind.
type mixed struct {
	Kind string `json:"kind" jsonschema:"title=Kind,enum=configuration,enum=transient,enum=defect,enum=panic,enum=endless"`
}

var errorKinds = map[string]connector.Kind{
	"configuration": connector.Configuration, "transient": connector.Transient, "defect": connector.Defect,
}

func (*mixed) Schema(context.Context) (schema.Schema, error) {
	key := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	return schema.New("shop", schema.Table{Name: "complete", Columns: key}, schema.Table{Name: "failing", Columns: key})
}

// Test fails with the number of goroutines that serve requests.
func (*mixed) Test(context.Context) error {
	buf := make([]byte, 1<<20)
	stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	n := 0
	for _, stack := range stacks {
		if strings.Contains(stack, "/connector/fivetran.(*service)") || strings.Contains(stack, "/connector/host.(*session)") || strings.Contains(stack, "fivetran_test.(*mixed)") {
			n++
		}
	}
	return fmt.Errorf("%d goroutines serve requests", n)
}

func (m *mixed) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	defer fmt.Fprintln(os.Stderr, "Sync returned")
	var tables connector.Tables
	tables.Add("complete", m.complete)
	tables.Add("failing", func(context.Context, state.State, connector.Emitter) error { return m.fail(out) })
	return tables.Sync(ctx, st, out)
}

// completeRows is the number of rows of the table complete.
const completeRows = 500

func (m *mixed) complete(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "complete", state.Sorted())
	for id := cursor.Start() + 1; id <= completeRows || m.Kind == "endless"; id++ {
		if err := out.Upsert("complete", fmt.Appendf(nil, `{"id":%d}`, id)); err != nil {
			return err
		}
		cursor.Advance(id)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func (m *mixed) fail(out connector.Emitter) error {
	if m.Kind == "endless" {
		return nil
	}
	if err := out.Upsert("failing", []byte(`{"id":1}`)); err != nil {
		return err
	}
	if m.Kind == "panic" {
		panic("the connector has a bug")
	}
	return &connector.Error{Kind: errorKinds[m.Kind], Err: errors.New("the orders cannot be read"), Hint: "look at the source"}
}
