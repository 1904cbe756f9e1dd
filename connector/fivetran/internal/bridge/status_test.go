package bridge_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

func TestAStatusSaysWhatToDo(t *testing.T) {
	var code codes.Code
	s := (&source{schema: oneTable(id), update: func(_ context.Context, _ *protocol.UpdateRequest, deliver func(*protocol.UpdateResponse) error) error {
		if err := deliver(checkpoint(`{"at":1}`)); err != nil {
			return err
		}
		return status.Error(code, "because")
	}}).start(t)
	for _, c := range []struct {
		code codes.Code
		kind connector.Kind
		want string
	}{
		{codes.InvalidArgument, connector.Configuration, "Update: the source answers InvalidArgument: because; correct the configuration"},
		{codes.PermissionDenied, connector.Configuration, "; correct the configuration"},
		{codes.Unavailable, connector.Transient, "see whether the source still runs and what its log says, and try again: the next sync starts from the last state"},
		{codes.DeadlineExceeded, connector.Transient, "try again later"},
		{codes.ResourceExhausted, connector.Transient, "a quota is used up, or the source has too little memory"},
		{codes.Canceled, connector.Transient, "and try again"},
		{codes.Internal, connector.Defect, "this is a defect of the source: see what its log says"},
		{codes.Unknown, connector.Defect, "this is a defect of the source"},
		{codes.Unimplemented, connector.Configuration, "implement Update of the service fivetran_sdk.v2.SourceConnector"},
	} {
		code = c.code
		a := s.ask(t, syncRequest)
		assert.Contains(t, severe(t, a), c.want)
		assert.Equal(t, c.kind, connector.KindOf(a.err), "%v", c.code)
		assert.Equal(t, `{"type":"STATE","state":{"at":1}}`, a.lines[0])
		assert.Len(t, a.lines, 2)
	}
}

func TestTheMessageOfAStatusMayBeAnyBytes(t *testing.T) {
	s := (&source{schema: oneTable(id), update: func(context.Context, *protocol.UpdateRequest, func(*protocol.UpdateResponse) error) error {
		return status.Error(codes.InvalidArgument, "no such key: \xff")
	}}).start(t)
	assert.Contains(t, severe(t, s.ask(t, syncRequest)), "no such key: \uFFFD; correct the configuration")
}

func TestTheTracebackOfAStatusIsLogged(t *testing.T) {
	s := (&source{schema: oneTable(id), update: func(context.Context, *protocol.UpdateRequest, func(*protocol.UpdateResponse) error) error {
		return status.Error(codes.Unknown, "no such key: 'a'\nTraceback:\n line 7")
	}}).start(t)
	a := s.ask(t, syncRequest)
	assert.Equal(t, "Update: the source answers Unknown: no such key: 'a'; this is a defect of the source: see what its log says", severe(t, a))
	assert.Contains(t, a.log, `the source adds: Traceback:\n line 7`)
}

func TestAServerThatGoesAwayLeavesTheLastState(t *testing.T) {
	s := &source{schema: oneTable(id)}
	s.update = func(ctx context.Context, r *protocol.UpdateRequest, deliver func(*protocol.UpdateResponse) error) error {
		if err := send(records(order(protocol.Upsert, 1)), checkpoint(`{"at":1}`), records(order(protocol.Upsert, 2)))(ctx, r, deliver); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
	out, done := serve(t.Context(), s.start(t))
	var lines []string
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if lines = append(lines, scanner.Text()); len(lines) == 3 {
			s.server.Stop()
		}
	}
	err := <-done
	assert.Equal(t, connector.Transient, connector.KindOf(err))
	require.Len(t, lines, 4)
	assert.Equal(t, `{"type":"STATE","state":{"at":1}}`, lines[1])
	assert.Contains(t, lines[3], "Update: the source answers Unavailable: ")
}

func TestAMessageThatIsTooLargeIsReported(t *testing.T) {
	large := make([]byte, protocol.MaxMessage)
	s := (&source{schema: oneTable(id), update: send(&protocol.UpdateResponse{Warning: new(string(large))})}).start(t)
	a := s.ask(t, syncRequest)
	assert.Contains(t, severe(t, a), "send at most 128 MB in a message: fewer records or smaller values")
	assert.Equal(t, connector.Defect, connector.KindOf(a.err))
}

func TestAMessageThatIsNotValidIsReported(t *testing.T) {
	s := (&source{schema: oneTable(id)}).start(t)
	s.raw = map[string][]byte{protocol.MethodUpdate: []byte("\x0a\x05")}
	a := s.ask(t, syncRequest)
	assert.Contains(t, severe(t, a), "message 1 of the sync is not valid: malformed protocol buffer")
	assert.Contains(t, severe(t, a), "generate the source's code from Fivetran's proto files")
	s.raw = map[string][]byte{protocol.MethodForm: []byte("\x0a\x05")}
	assert.Contains(t, severe(t, s.ask(t, syncRequest)), "the answer to ConfigurationForm is not valid")
}

// answering returns the address of a server that answers the first bytes of each connection
// with a text, and closes it.
func answering(t *testing.T, answer string) string {
	t.Helper()
	return accepting(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<16))
		_, _ = conn.Write([]byte(answer))
	})
}

// accepting returns the address of a server that passes each connection to a function, and
// then closes it.
func accepting(t *testing.T, serve func(conn net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	})
	return listener.Addr().String()
}

func TestAServerThatDoesNotSpeakGRPCIsAWrongAddress(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	for name, address := range map[string]string{
		"HTTP/1": web.Listener.Addr().String(), "SSH": answering(t, "SSH-2.0-OpenSSH_9.6\r\n"),
		"TLS": answering(t, "\x15\x03\x01\x00\x02\x02\x46"), // an alert: the protocol version is not supported
	} {
		a := ask(t.Context(), t, syncRequest, bridge.Options{Address: address})
		assert.Equal(t, "the server at "+address+" does not speak gRPC: its answer is not HTTP/2; name the address of a source: a server of gRPC without TLS", severe(t, a), name)
		assert.Equal(t, connector.Configuration, connector.KindOf(a.err), name)
	}
}

// Such a server sends nothing to a client that begins without TLS.
func TestAServerOfTLSIsAWrongAddress(t *testing.T) {
	for name, change := range map[string]func(c *tls.Config){
		"HTTP/2":               func(c *tls.Config) { c.NextProtos = []string{"h2"} },
		"another protocol":     func(c *tls.Config) { c.NextProtos = []string{"other"} },
		"a client certificate": func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert },
		"TLS 1.2":              func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 },
	} {
		certified := httptest.NewTLSServer(http.NotFoundHandler())
		config := &tls.Config{Certificates: certified.TLS.Certificates}
		certified.Close()
		change(config)
		address := accepting(t, func(conn net.Conn) {
			secured := tls.Server(conn, config)
			_ = secured.Handshake()
			_ = secured.Close()
		})
		a := ask(t.Context(), t, syncRequest, bridge.Options{Address: address})
		assert.Equal(t, "the server at "+address+" speaks TLS, but a source is a server of gRPC without TLS; let the source serve without TLS, as Fivetran requires, or name the address of another one", severe(t, a), name)
		assert.Equal(t, connector.Configuration, connector.KindOf(a.err), name)
	}
}

// It may be one that starts or ends.
func TestAServerThatAnswersNothingMayBeTriedAgain(t *testing.T) {
	a := ask(t.Context(), t, syncRequest, bridge.Options{Address: answering(t, "")})
	assert.Contains(t, severe(t, a), "see whether the source still runs")
	assert.Equal(t, connector.Transient, connector.KindOf(a.err))
}
