package fivetran

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A service answers the requests of the service fivetran_sdk.v2.SourceConnector.
type service struct {
	dialect Dialect
	newRun  func(ctx context.Context) *host.Run
	ending  context.Context // done when the server has been told to end
	// testHookEnd is called with the failure of a request, or nil, by tests.
	testHookEnd func(error)
}

// errGone is the cause of the end of a run whose client has disconnected, has canceled its
// request, or has set a deadline that has passed.
var errGone = connector.Errorf(connector.Interrupted, "the client has gone, or has canceled the request, before it was answered")

// begin returns the run of a request. It ends with the request, and when the server ends.
func (s *service) begin(request context.Context) *host.Run {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(request))
	stop := context.AfterFunc(s.ending, func() { cancel(context.Cause(s.ending)) })
	context.AfterFunc(request, func() {
		stop()
		cancel(errGone)
	})
	return s.newRun(ctx)
}

// finish ends the run of a request. It returns the failure, which it has logged.
func (s *service) finish(run *host.Run, err error) error {
	err = run.Finish(err, nil, nil)
	if s.testHookEnd != nil {
		s.testHookEnd(err)
	}
	return err
}

// description describes the service to gRPC.
func (s *service) description() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: protocol.Service,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			unary(protocol.MethodForm, s.form),
			unary(protocol.MethodTest, s.test),
			unary(protocol.MethodSchema, s.schema),
		},
		Streams: []grpc.StreamDesc{{
			StreamName:    protocol.MethodUpdate,
			ServerStreams: true,
			Handler:       func(_ any, stream grpc.ServerStream) error { return s.update(stream) },
		}},
	}
}

// unary describes a method with one response.
func unary(name string, answer func(ctx context.Context, request []byte) (mem.BufferSlice, error)) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var request []byte
			if err := decode(&request); err != nil {
				return nil, err
			}
			return answer(ctx, request)
		},
	}
}

// invalid returns the error for a request that cannot be decoded.
func invalid(err error) error {
	return status.Errorf(codes.InvalidArgument, "read the request: %v", err)
}

// form describes the configuration.
func (s *service) form(ctx context.Context, _ []byte) (mem.BufferSlice, error) {
	run := s.begin(ctx)
	form, err := run.Form()
	if err := s.finish(run, err); err != nil {
		return nil, failure(run, err)
	}
	return protocol.Encode(s.formMessage(form)), nil
}

// test checks the connection. The failure of the connection is an answer, not an error.
func (s *service) test(ctx context.Context, request []byte) (mem.BufferSlice, error) {
	var req protocol.TestRequest
	if err := req.Parse(request); err != nil {
		return nil, invalid(err)
	}
	if req.Name != "" && req.Name != connectionTest {
		return nil, status.Errorf(codes.InvalidArgument, "there is no test with this name; the only one is %q", connectionTest)
	}
	run := s.begin(ctx)
	err := s.dialect.configure(run, req.Configuration)
	if err == nil {
		err = run.Test()
	}
	if err = s.finish(run, err); err == nil {
		return protocol.Encode(&protocol.TestResponse{}), nil
	}
	if s.ending.Err() != nil {
		return nil, failure(run, err)
	}
	return protocol.Encode(&protocol.TestResponse{Failure: validText(run.Explain(err))}), nil
}

// schema lists the tables.
func (s *service) schema(ctx context.Context, request []byte) (mem.BufferSlice, error) {
	var req protocol.SchemaRequest
	if err := req.Parse(request); err != nil {
		return nil, invalid(err)
	}
	run := s.begin(ctx)
	_ = s.dialect.configure(run, req.Configuration) // Schema returns the error if it matters
	known, err := run.Schema()
	if err = s.finish(run, err); err != nil {
		return nil, failure(run, err)
	}
	names := newNaming(known)
	return protocol.Encode(&protocol.SchemaResponse{Tables: names.tables(known.Tables())}), nil
}

// update syncs.
func (s *service) update(stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	var req protocol.UpdateRequest
	if err := req.Parse(request); err != nil {
		return invalid(err)
	}
	request = nil
	run := s.begin(stream.Context())
	out := newUpdateStream(stream, s.dialect)
	err := s.finish(run, s.sync(run, &req, out))
	if err == nil {
		return nil
	}
	if connector.KindOf(err) == connector.Configuration {
		_ = out.task(run.Explain(err)) // the status says the same
	}
	return failure(run, err)
}

// sync configures a run and syncs.
func (s *service) sync(run *host.Run, req *protocol.UpdateRequest, out *updateStream) (err error) {
	defer func() {
		if closeErr := out.close(); err == nil {
			err = closeErr
		}
	}()
	if err := s.dialect.configure(run, req.Configuration); err != nil {
		return err
	}
	known, err := run.Schema()
	if err != nil {
		return err
	}
	selection, err := selectionOf(known, req.Selection)
	if err != nil {
		return err
	}
	out.naming = newNaming(known)
	if warning := run.Redact(emptyWarning(known, &selection)); warning != "" {
		run.Log().Warn(warning)
		if err := out.warnUser(warning); err != nil {
			return err
		}
	}
	return run.Sync(host.SyncRequest{State: []byte(req.State), Selection: selection}, out)
}
