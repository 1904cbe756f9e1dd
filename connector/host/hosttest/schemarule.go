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
	contract: "the answer has all tables in order, with their columns, types and keys; without a configuration, the request succeeds, unless the wire or the connector's Schema needs one: it then fails with the error of the configuration",
	fix:      "call Run.Configure, and return its error if the platform always sends a configuration; then answer with the tables or the error of Run.Schema",
	check: func(c *check) {
		configurations := []string{configured, "", "{}"}
		if !c.adapter.UnconfiguredSchema {
			configurations = configurations[:1]
			c.in("no configuration")
			a := c.serve(call{source: newSource(&script{}), request: Request{Action: Schema, Configuration: []byte("{}")}})
			c.wantFailure(a, connector.Configuration, "token: is required")
		}
		for _, configuration := range configurations {
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
				return nil, errors.New("the source requires a token")
			}
			return shop()
		}})
		a := c.serve(call{source: s, request: Request{Action: Schema, Configuration: []byte(`{"account":"a-1"}`)}})
		c.wantFailure(a, connector.Configuration, "token: is required")
		if len(a.of(Tables)) > 0 {
			c.broken("the host sent tables and the failure")
		}
	},
}

// wantTables checks that the tables arrived complete and in order.
func (c *check) wantTables(a *answer, want schema.Schema) {
	answers := a.of(Tables)
	if len(answers) != 1 {
		c.broken("the host answered with tables %d times, want once", len(answers))
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

// differentTable returns how two tables differ, or "" if they are equal.
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
