package fivetran

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // requests may be compressed
	"google.golang.org/grpc/keepalive"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A Server serves a connector to Fivetran within a program of your own, such as a test. The
// main function of a connector uses [Host] instead.
//
// A Server may be copied before it is used, and Serve may be called several times, also at the
// same time.
type Server struct {
	// Connector is the connector. Each request uses a copy of it, so requests may overlap.
	// Required.
	Connector connector.Connector
	// Dialect is the variant of the service. The default is PartnerSDK.
	Dialect Dialect
	// Options change how the connector is run; see package host. Optional.
	Options []host.Option

	testHookEnd func(error)
}

// Serve accepts connections from l and answers their requests until ctx is done. It then
// stops listening, and tells the requests that are being answered to end: a sync sends its last
// state. A client that is not reading has as long as the option [host.Grace] sets. Serve
// returns nil after all requests have ended, and an error if l fails.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	opts := append([]host.Option{keepsSecrets}, s.Options...)
	run := host.New(ctx, s.Connector, opts...)
	grace := run.Grace()
	if err := run.Close(); err != nil {
		return err
	}
	sv := &service{
		dialect:     s.Dialect,
		testHookEnd: s.testHookEnd,
		newRun:      func(ctx context.Context) *host.Run { return host.New(ctx, s.Connector, opts...) },
	}
	return sv.serve(ctx, l, func() time.Duration { return grace + time.Second })
}

// keepsSecrets makes connector.ReplaceSecret return ErrNotReplaced, because no message can hand
// a new value to the platform.
var keepsSecrets = host.ReplacedSecretsTo(nil)

// serve serves until ctx is done. The function patience returns how long the requests that
// are being answered may take from then on.
func (s *service) serve(ctx context.Context, l net.Listener, patience func() time.Duration) error {
	s.ending = ctx
	conns := new(connections)
	srv := grpc.NewServer(
		grpc.Creds(conns),
		grpc.ForceServerCodecV2(protocol.Codec{}),
		grpc.MaxRecvMsgSize(protocol.MaxMessage),
		grpc.MaxSendMsgSize(math.MaxInt32), // updateStream checks the size of a row, with a better error
		grpc.WriteBufferSize(0),            // see connection.onWritten
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 2 * time.Minute, Timeout: time.Minute}),
	)
	srv.RegisterService(s.description(), nil)
	var stopping sync.WaitGroup
	ended := make(chan struct{})
	stopping.Go(func() {
		select {
		case <-ctx.Done():
		case <-ended:
		}
		conns.end()
		timer := time.AfterFunc(patience(), func() {
			conns.closeAll() // Stop waits for those that gRPC does not know yet
			srv.Stop()
		})
		srv.GracefulStop()
		timer.Stop()
	})
	err := srv.Serve(l)
	close(ended)
	stopping.Wait()
	if err == nil || ctx.Err() != nil {
		return nil //nolint:nilerr // a listener that was closed on purpose
	}
	return fmt.Errorf("serve gRPC on %v: %w", l.Addr(), err)
}

// listen listens on an address of the machine.
func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		err := &connector.Error{Kind: connector.Configuration, Hint: "choose another address with --address", Err: fmt.Errorf("serve gRPC: %w", err)}
		if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
			err.Hint = "choose another port with --port"
		}
		return nil, err
	}
	return l, nil
}

// serveProcess serves until a signal ends the process, and returns the exit status.
func (s *service) serveProcess(p *host.Process, address string, handler slog.Handler) int {
	log := slog.New(handler)
	l, err := listen(p.Context(), address)
	if err != nil {
		log.Error(err.Error())
		return 1
	}
	if s.dialect == ConnectorSDK {
		fmt.Fprintf(p.Stdout, "Running on fivetran_connector_sdk: %s\n", p.Version())
	}
	log.Info(fmt.Sprintf("serving gRPC on %v", l.Addr()), "dialect", s.dialect.String())
	err = s.serve(p.Context(), l, func() time.Duration {
		at, _ := p.Deadline()
		return time.Until(at) - stopMargin
	})
	if err != nil {
		log.Error(err.Error())
		return 1
	}
	return 0
}
