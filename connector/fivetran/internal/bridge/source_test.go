package bridge_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// A source is a gRPC source that answers with what its fields hold.
type source struct {
	form   protocol.Form
	test   func(*protocol.TestRequest) (*protocol.TestResponse, error)
	schema func(*protocol.SchemaRequest) (*protocol.SchemaResponse, error)
	update func(ctx context.Context, request *protocol.UpdateRequest, send func(*protocol.UpdateResponse) error) error
	// unimplemented names a method that the source does not have.
	unimplemented string
	// raw holds the only message of the answer of a method.
	raw map[string][]byte

	server  *grpc.Server
	address string
}

// start starts the source on loopback.
func (s *source) start(tb testing.TB) *source {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	s.address = listener.Addr().String()
	s.server = grpc.NewServer(
		grpc.ForceServerCodecV2(protocol.Codec{}), grpc.UnknownServiceHandler(s.serve),
		grpc.MaxRecvMsgSize(protocol.MaxMessage), grpc.MaxSendMsgSize(protocol.MaxMessage+1<<20),
	)
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.server.Serve(listener) })
	tb.Cleanup(func() {
		s.server.Stop()
		serving.Wait()
	})
	return s
}

// serve answers any call.
func (s *source) serve(_ any, stream grpc.ServerStream) error {
	full, _ := grpc.MethodFromServerStream(stream)
	service, method := path.Split(strings.TrimPrefix(full, "/"))
	var message []byte
	if err := stream.RecvMsg(&message); err != nil {
		return err
	}
	if service != protocol.Service+"/" || method == s.unimplemented {
		return status.Errorf(codes.Unimplemented, "unknown method %s", method)
	}
	if raw := s.raw[method]; raw != nil {
		return stream.SendMsg(mem.BufferSlice{mem.SliceBuffer(raw)})
	}
	switch method {
	case protocol.MethodForm:
		return stream.SendMsg(protocol.Encode(&s.form))
	case protocol.MethodTest:
		return respond(stream, message, new(protocol.TestRequest), s.test)
	case protocol.MethodSchema:
		return respond(stream, message, new(protocol.SchemaRequest), s.schema)
	}
	request := new(protocol.UpdateRequest)
	if err := request.Parse(message); err != nil {
		return err
	}
	return s.update(stream.Context(), request, func(m *protocol.UpdateResponse) error {
		return stream.SendMsg(protocol.Encode(m))
	})
}

func respond[Q interface{ Parse(message []byte) error }, A interface{ Append(b []byte) []byte }](stream grpc.ServerStream, message []byte, request Q, answer func(Q) (A, error)) error {
	if err := request.Parse(message); err != nil {
		return err
	}
	a, err := answer(request)
	if err != nil {
		return err
	}
	return stream.SendMsg(protocol.Encode(a))
}

// An answer is what the bridge wrote and returned.
type answer struct {
	lines []string
	log   string
	err   error
}

// ask sends a request to the source through the bridge.
func (s *source) ask(tb testing.TB, request string) *answer {
	tb.Helper()
	return ask(tb.Context(), tb, request, bridge.Options{Address: s.address})
}

func ask(ctx context.Context, tb testing.TB, request string, o bridge.Options) *answer {
	tb.Helper()
	var out, log bytes.Buffer
	o.Log = slog.NewTextHandler(&log, nil)
	a := &answer{err: bridge.Serve(ctx, strings.NewReader(request), &out, o)}
	a.log = log.String()
	text := out.String()
	require.True(tb, text == "" || strings.HasSuffix(text, "\n"), text)
	a.lines = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return a
}

// oneTable returns an answer to Schema with one table.
func oneTable(columns ...protocol.Column) func(*protocol.SchemaRequest) (*protocol.SchemaResponse, error) {
	return func(*protocol.SchemaRequest) (*protocol.SchemaResponse, error) {
		return &protocol.SchemaResponse{Tables: protocol.Tables{WithoutSchema: &protocol.TableList{
			Tables: []protocol.Table{{Name: "orders", Columns: columns}},
		}}}, nil
	}
}

var id = protocol.Column{Name: "id", Type: protocol.Long, PrimaryKey: true}

// send returns an update that sends messages.
func send(messages ...*protocol.UpdateResponse) func(context.Context, *protocol.UpdateRequest, func(*protocol.UpdateResponse) error) error {
	return func(_ context.Context, _ *protocol.UpdateRequest, send func(*protocol.UpdateResponse) error) error {
		for _, m := range messages {
			if err := send(m); err != nil {
				return err
			}
		}
		return nil
	}
}

// records returns a message with records of one table.
func records(encoded ...[]byte) *protocol.UpdateResponse {
	return &protocol.UpdateResponse{Records: encoded}
}

// order returns a record of table orders with an ID and further values.
func order(typ protocol.RecordType, id int64, values ...func([]byte) []byte) []byte {
	b := protocol.NewKey("id").AppendInt(protocol.AppendRecordHead(nil, "", "orders", typ), protocol.LongValue, id)
	for _, v := range values {
		b = v(b)
	}
	return b
}

func text(column string, kind protocol.ValueKind, value string) func([]byte) []byte {
	return func(b []byte) []byte { return protocol.NewKey(column).AppendBytes(b, kind, []byte(value)) }
}

func checkpoint(state string) *protocol.UpdateResponse {
	return &protocol.UpdateResponse{Checkpoint: new(state)}
}

const syncRequest = `{"selection":{"action":"sync"}}`
