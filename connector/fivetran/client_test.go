package fivetran_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// A grpcClient calls the methods of a server.
type grpcClient struct{ conn *grpc.ClientConn }

// dial returns a client of an address. The end of the test disconnects it.
func dial(t testing.TB, address string, opts ...grpc.DialOption) *grpcClient {
	t.Helper()
	c, err := newGRPCClient(address, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.conn.Close() }) // the test may have closed it
	return c
}

func newGRPCClient(address string, opts ...grpc.DialOption) (*grpcClient, error) {
	opts = append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(protocol.Codec{}), grpc.MaxCallRecvMsgSize(protocol.MaxMessage), grpc.MaxCallSendMsgSize(2*protocol.MaxMessage)),
		grpc.WithNoProxy(),
	}, opts...)
	conn, err := grpc.NewClient(address, opts...)
	return &grpcClient{conn}, err
}

// call calls a method with one response.
func (c *grpcClient) call(ctx context.Context, method string, request []byte, opts ...grpc.CallOption) (response []byte, err error) {
	err = c.conn.Invoke(ctx, "/"+protocol.Service+"/"+method, mem.BufferSlice{mem.SliceBuffer(request)}, &response, opts...)
	return response, err
}

// test requests the test of the connection. The failure is "" if it succeeds.
func (c *grpcClient) test(t testing.TB, configuration map[string]string) (failure string) {
	t.Helper()
	raw, err := c.call(t.Context(), protocol.MethodTest, (&protocol.TestRequest{Name: "connection", Configuration: configuration}).Append(nil))
	require.NoError(t, err)
	var response protocol.TestResponse
	require.NoError(t, response.Parse(raw))
	return response.Failure
}

// schema requests the tables.
func (c *grpcClient) schema(t testing.TB, configuration map[string]string) *protocol.SchemaResponse {
	t.Helper()
	raw, err := c.call(t.Context(), protocol.MethodSchema, (&protocol.SchemaRequest{Configuration: configuration}).Append(nil))
	require.NoError(t, err)
	var response protocol.SchemaResponse
	require.NoError(t, response.Parse(raw))
	return &response
}

// A clientStream receives the messages of a sync.
type clientStream struct{ stream grpc.ClientStream }

// update requests a sync.
func (c *grpcClient) update(ctx context.Context, request *protocol.UpdateRequest, opts ...grpc.CallOption) (*clientStream, error) {
	return c.updateRaw(ctx, request.Append(nil), opts...)
}

func (c *grpcClient) updateRaw(ctx context.Context, request []byte, opts ...grpc.CallOption) (*clientStream, error) {
	desc := &grpc.StreamDesc{StreamName: protocol.MethodUpdate, ServerStreams: true}
	stream, err := c.conn.NewStream(ctx, desc, "/"+protocol.Service+"/"+protocol.MethodUpdate, opts...)
	if err != nil {
		return nil, err
	}
	// After a failure of SendMsg, RecvMsg returns the status.
	if err := stream.SendMsg(mem.BufferSlice{mem.SliceBuffer(request)}); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return &clientStream{stream}, stream.CloseSend()
}

// sync requests a sync and fails the test if it does not begin.
func (c *grpcClient) sync(t testing.TB, configuration map[string]string, state string) *clientStream {
	t.Helper()
	s, err := c.update(t.Context(), &protocol.UpdateRequest{Configuration: configuration, State: state})
	require.NoError(t, err)
	return s
}

// next returns the next message. The error is io.EOF after a successful sync, and a status
// after another.
func (s *clientStream) next(t testing.TB) (*protocol.UpdateResponse, error) {
	t.Helper()
	var raw []byte
	if err := s.stream.RecvMsg(&raw); err != nil {
		return nil, err
	}
	return parsedUpdate(t, raw), nil
}

// parsedUpdate decodes a message of a sync and checks its limits.
func parsedUpdate(t testing.TB, raw []byte) *protocol.UpdateResponse {
	t.Helper()
	m := new(protocol.UpdateResponse)
	require.NoError(t, m.Parse(raw))
	require.LessOrEqual(t, len(m.Records), protocol.MaxRecords)
	return m
}

// rest receives all messages up to the end of the sync. The error is nil after a successful
// sync.
func (s *clientStream) rest(t testing.TB, take func(m *protocol.UpdateResponse)) error {
	t.Helper()
	for {
		m, err := s.next(t)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		take(m)
	}
}

// wantStatus checks the code of a status and that its message contains a text.
func wantStatus(t testing.TB, err error, code codes.Code, text string) {
	t.Helper()
	require.Error(t, err)
	s, ok := status.FromError(err)
	require.True(t, ok, "not a status: %v", err)
	require.Equal(t, code, s.Code(), s.Message())
	require.Contains(t, s.Message(), text)
}
