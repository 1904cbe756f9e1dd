package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http/httptrace"
	"net/url"
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
	responseStage
)

// A progress records the stage of an attempt, as long as the source has never responded.
// An error then names the stage at which the attempt stopped. It also records the requests
// that obtain the credentials, which may be sent to another host, and redirects.
type progress struct {
	host  atomic.Pointer[string]
	outer *progress // of the call that waits for the credentials; may be nil
	stage atomic.Int32
	addr  atomic.Pointer[string] // the address to which a connection is being made
}

// progressKey is the key of the progress in the context of a request.
type progressKey struct{}

// newProgress returns the progress of an attempt, and a context in which it is reported.
func newProgress(ctx context.Context, u *url.URL) (*progress, context.Context) {
	p := &progress{}
	p.outer, _ = ctx.Value(progressKey{}).(*progress)
	p.reach(u)
	return p, context.WithValue(p.trace(ctx), progressKey{}, p)
}

// reach notes that a request to a host begins.
func (p *progress) reach(u *url.URL) {
	host := netfailure.Address(u)
	for ; p != nil; p = p.outer {
		p.host.Store(&host)
		p.stage.Store(int32(unknownStage))
	}
}

// responded notes that the host has begun to respond.
func (p *progress) responded() {
	for ; p != nil; p = p.outer {
		p.stage.Store(int32(responseStage))
	}
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
	host := *p.host.Load()
	switch stage(p.stage.Load()) {
	case lookupStage:
		return "the name " + host + " cannot be looked up: the name server does not respond"
	case connectStage:
		text := host + " does not answer"
		if addr := p.addr.Load(); addr != nil && *addr != host {
			text += " (connecting to " + *addr + ")"
		}
		return text
	case handshakeStage:
		return host + " does not complete the TLS handshake"
	case requestStage:
		return host + " accepts the connection but does not respond"
	case responseStage:
		return host + " began to respond but did not complete the response"
	}
	return host + " does not respond"
}

// incomplete returns the failure of an attempt that was ended in the middle of the response
// resp or of a login, or before the source had responded for the first time. It is nil for
// later attempts without a response, and if the attempt was not sent.
func (k *call) incomplete(resp *Response) error {
	switch {
	case resp != nil:
		return errors.New(netfailure.Address(k.url) + " began to respond but did not complete the response")
	case k.progress == nil, k.client.answered.Load() && stage(k.progress.stage.Load()) != responseStage:
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
		return s != unknownStage && s != requestStage && s != responseStage
	}
	if login := (*Error)(nil); errors.As(err, &login) {
		return login.unreachable
	}
	return netfailure.Unconnected(err)
}
