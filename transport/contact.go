package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
)

// A stage is a step in connecting to the source.
type stage int32

const (
	unknownStage stage = iota // also for a round tripper that reports no stages
	lookupStage
	connectStage
	handshakeStage
	requestStage
)

// A progress records the stage of an attempt, as long as the source has never responded.
// An error then names the stage at which the attempt stopped.
type progress struct {
	host  string
	stage atomic.Int32
	addr  atomic.Pointer[string] // the address to which a connection is being made
}

// trace returns a context in which net/http reports the progress.
func (p *progress) trace(ctx context.Context) context.Context {
	at := func(s stage) { p.stage.Store(int32(s)) }
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { at(lookupStage) },
		ConnectStart:      func(_, addr string) { p.addr.Store(&addr); at(connectStage) },
		TLSHandshakeStart: func() { at(handshakeStage) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { at(requestStage) },
		GotConn:           func(httptrace.GotConnInfo) { at(requestStage) },
	})
}

// silence describes the stage at which the source has not responded.
func (p *progress) silence() string {
	switch stage(p.stage.Load()) {
	case lookupStage:
		return "the name " + p.host + " cannot be looked up: the name server does not respond"
	case connectStage:
		text := p.host + " does not answer"
		if addr := p.addr.Load(); addr != nil && *addr != p.host {
			text += " (connecting to " + *addr + ")"
		}
		return text
	case handshakeStage:
		return p.host + " does not complete the TLS handshake"
	case requestStage:
		return p.host + " accepts the connection but does not respond"
	}
	return p.host + " does not respond"
}

// withoutResponse returns the failure of an attempt that ended before the source had
// responded for the first time. It is nil if the source has responded, or if the attempt was
// not sent.
func (k *call) withoutResponse() error {
	if k.progress == nil || k.client.answered.Load() {
		return nil
	}
	return &silentError{progress: k.progress}
}

// A silentError reports that the source has never responded.
type silentError struct {
	progress *progress
	err      error // the limit that ended the attempt; may be nil
}

func (e *silentError) Error() string {
	if e.err == nil {
		return e.progress.silence()
	}
	return fmt.Sprintf("%s: %v", e.progress.silence(), e.err)
}

func (e *silentError) Unwrap() error { return e.err }

// limitContact returns a context for an attempt. It ends if the source does not respond for
// the first time within a limit.
func (k *call) limitContact(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(limit, func() { cancel(fmt.Errorf("%w: %v", ErrTimeout, limit.Round(time.Second))) })
	k.contacted = func() { timer.Stop() }
	return ctx, func() { timer.Stop(); cancel(nil) }
}

// untilResponse returns how long an attempt waits for a response.
func (k *call) untilResponse() time.Duration {
	if k.contact == nil || k.timeout <= 0 || k.timeout > contactLimit {
		return k.timeout
	}
	left, limited := k.contact()
	if !limited || left >= k.timeout {
		return k.timeout
	}
	return max(left, minAttempt).Truncate(time.Millisecond)
}

// answered records that the source has responded.
func (k *call) answered() {
	if k.client.answered.Load() {
		return
	}
	k.client.answered.Store(true)
	if k.contacted != nil {
		k.contacted()
	}
}

// unreachable reports whether err is a failure to connect to a source that has never
// responded.
func (k *call) unreachable(err error) bool {
	if err == nil || k.client.answered.Load() {
		return false
	}
	if silent, ok := err.(*silentError); ok {
		s := stage(silent.progress.stage.Load())
		return s != unknownStage && s != requestStage
	}
	if login := (*Error)(nil); errors.As(err, &login) {
		return login.unreachable
	}
	return netfailure.Unconnected(err)
}
