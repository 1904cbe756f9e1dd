package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
)

// failure returns an error that says what to do about a failed call. It returns io.EOF
// unchanged.
func (c *client) failure(ctx context.Context, method string, err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if unreachable := c.dial.failure(); unreachable != nil {
		return &connector.Error{
			Kind: connector.Configuration, Hint: "start the source there, or name the address of one that runs",
			Err: fmt.Errorf("no source answers at %s: %w", c.address, unreachable),
		}
	}
	s := status.Convert(err)
	if s.Code() == codes.Unavailable && c.dial.isForeign() {
		return &connector.Error{
			Kind: connector.Configuration, Hint: "name the address of a source: a server of gRPC without TLS",
			Err: fmt.Errorf("the server at %s does not speak gRPC: its answer is not HTTP/2", c.address),
		}
	}
	if s.Code() == codes.Unavailable && c.dial.isSilent() && speaksTLS(ctx, c.address) {
		return &connector.Error{
			Kind: connector.Configuration, Hint: "let the source serve without TLS, as Fivetran requires, or name the address of another one",
			Err: fmt.Errorf("the server at %s speaks TLS, but a source is a server of gRPC without TLS", c.address),
		}
	}
	kind, hint := advice(s)
	if s.Code() == codes.Unimplemented {
		hint = fmt.Sprintf("implement %s of the service %s, or name the address of a source: a destination has another service", method, protocol.Service)
	}
	// The message of a status may be any bytes, because it is a header.
	message, rest, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(s.Message(), "\uFFFD")), "\n")
	return &connector.Error{Kind: kind, Hint: hint, Err: &statusError{
		text: fmt.Sprintf("%s: the source answers %v: %s", method, s.Code(), cmp.Or(message, "no message")),
		rest: rest,
	}}
}

// A statusError is a status that a source has returned.
type statusError struct {
	text string
	rest string // the lines of its message after the first one, such as a traceback of Python
}

func (e *statusError) Error() string { return e.text }

// advice returns the kind of an error with a status, and what to do about it.
func advice(s *status.Status) (connector.Kind, string) {
	switch s.Code() {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.Unauthenticated, codes.PermissionDenied, codes.NotFound, codes.OutOfRange:
		return connector.Configuration, "correct the configuration"
	case codes.Unavailable:
		return connector.Transient, "see whether the source still runs and what its log says, and try again: the next sync starts from the last state"
	case codes.DeadlineExceeded:
		return connector.Transient, "try again later: something that the source waits for takes too long"
	case codes.ResourceExhausted:
		if strings.Contains(s.Message(), "larger than max") { // gRPC says so, not the source
			return connector.Defect, fmt.Sprintf("send at most %d MB in a message: fewer records or smaller values", protocol.MaxMessage>>20)
		}
		return connector.Transient, "try again later: a quota is used up, or the source has too little memory"
	case codes.Aborted, codes.Canceled:
		return connector.Transient, "see what the log of the source says, and try again"
	case codes.Unimplemented:
		return connector.Configuration, ""
	}
	return connector.Defect, "this is a defect of the source: see what its log says"
}
