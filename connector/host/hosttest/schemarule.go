package hosttest

import (
	"context"
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

var schemaRule = rule{
	name:     "Schema",
	contract: "all tables arrive in order, with their columns, types and keys, without a configuration where the schema needs none; a connector that needs one gets the configuration's error",
	check: func(c *check) {
		for _, configuration := range []string{configured, "", "{}"} {
			c.in("configuration %q", configuration)
			s := newSource(&script{schema: func(context.Context, *source) (schema.Schema, error) { return typed() }})
			a := c.succeed(call{source: s, request: Request{Action: Schema, Configuration: []byte(configuration)}})
			want, err := typed()
			if err != nil {
				c.fatal("%v", err)
			}
			c.wantTables(a, want)
		}
		c.in("several schemas")
		s := newSource(&script{schema: func(context.Context, *source) (schema.Schema, error) { return offices() }})
		want, err := offices()
		if err != nil {
			c.fatal("%v", err)
		}
		c.wantTables(c.succeed(call{source: s, request: Request{Action: Schema, Configuration: []byte(configured)}}), want)

		c.in("a schema that needs the configuration")
		s = newSource(&script{schema: func(_ context.Context, s *source) (schema.Schema, error) {
			if s.Token == "" {
				return nil, errors.New("the source wants a token")
			}
			return shop()
		}})
		a := c.serve(call{source: s, request: Request{Action: Schema, Configuration: []byte(`{"account":"a-1"}`)}})
		c.wantFailure(a, connector.Configuration, "token: is required")
		if len(a.of(Tables)) > 0 {
			c.broken("there are tables beside the failure")
		}
	},
}

// wantTables reports tables that did not arrive as they are.
func (c *check) wantTables(a *answer, want schema.Schema) {
	answers := a.of(Tables)
	if len(answers) != 1 {
		c.broken("%d answers have tables, want 1", len(answers))
		return
	}
	got, expected := answers[0].Tables, want.Tables()
	if len(got) != len(expected) {
		c.broken("%d tables arrived, want %d", len(got), len(expected))
		return
	}
	for i, t := range got {
		if why := c.differentTable(t, expected[i]); why != "" {
			c.broken("table %d: %s", i+1, why)
		}
	}
}

func (c *check) differentTable(got, want *schema.Table) string {
	if got.String() != want.String() || len(got.Columns) != len(want.Columns) {
		return fmt.Sprintf("got %v with %d columns, want %v with %d", got, len(got.Columns), want, len(want.Columns))
	}
	for i, column := range want.Columns {
		if c.adapter.Column != nil {
			column = c.adapter.Column(column)
		}
		if got.Columns[i] != column {
			return fmt.Sprintf("%v, column %d: got %+v, want %+v", want, i+1, got.Columns[i], column)
		}
	}
	return ""
}
