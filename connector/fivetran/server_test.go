package fivetran_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// A load balancer may check with such a connection that the server listens.
func TestAConnectionThatSendsNothingDoesNotKeepAServerFromEnding(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{"nothing": "", "half of a greeting": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			ctx, stop := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			srv := &fivetran.Server{Connector: &scripted{}, Options: []host.Option{fixture.Quiet, host.Grace(0)}}
			go func() { ended <- srv.Serve(ctx, l) }()
			conn, err := net.Dial("tcp", l.Addr().String())
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, text)
			require.NoError(t, err)
			_, err = io.ReadFull(conn, make([]byte, 9)) // gRPC has begun to serve it
			require.NoError(t, err)
			stop()
			require.NoError(t, <-ended)
		})
	}
}
