package fivetran_test

import (
	"context"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A scripted is a connector whose methods a test defines. Its schema has the tables.
type scripted struct {
	Key connector.Secret `json:"key,omitempty"`

	tables []*schema.Table
	test   error
	sync   func(ctx context.Context, out connector.Emitter) error
}

func (s *scripted) Schema(context.Context) (schema.Schema, error) {
	var all []schema.Schema
	for _, t := range s.tables {
		i := slices.IndexFunc(s.tables, func(other *schema.Table) bool { return other.Schema == t.Schema })
		if s.tables[i] != t {
			continue // its schema has been added
		}
		var tables []schema.Table
		for _, other := range s.tables {
			if other.Schema == t.Schema {
				tables = append(tables, *other)
			}
		}
		one, err := schema.New(t.Schema, tables...)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return schema.Join(all...)
}

func (s *scripted) Test(context.Context) error { return s.test }

func (s *scripted) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	return s.sync(ctx, out)
}

// served serves a connector until the end of the test, and returns a client.
func served(t testing.TB, c connector.Connector, d fivetran.Dialect) *grpcClient {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- (&fivetran.Server{Connector: c, Dialect: d, Options: []host.Option{fixture.Quiet, fixture.Each}}).Serve(ctx, l)
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return dial(t, l.Addr().String())
}
