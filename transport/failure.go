package transport

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/penstock-sdk/penstock/transport/internal/netfailure"
)

// judgeError decides how to handle an attempt without a usable response. It repeats
// requests unless the failure is known to be final, because networks fail in more ways
// than can be listed.
func (k *call) judgeError(err error) verdict {
	v := verdict{kind: temporary, again: k.idempotent, reason: k.mask().text(err.Error())}
	var (
		auth   *authError
		hook   *hookError
		paused *pausedError
		proxy  *proxyError
		op     *net.OpError
	)
	switch {
	case errors.As(err, &paused):
		return verdict{kind: temporary}
	case errors.As(err, &auth):
		v.kind = kindOf(auth.err, defect)
		v.again = v.kind == temporary
		v.waitFor(auth.err)
		var login *Error
		if errors.As(auth.err, &login) && !v.asked && login.Attempts >= k.client.retry.MaxAttempts() {
			v.again = false // the login has been repeated as often as the policy allows
		}
	case errors.As(err, &hook):
		return verdict{kind: kindOf(hook.err, defect)}
	case errors.Is(err, errRedirects), errors.As(err, new(foreignRedirectError)):
		// The redirects of a source that has never been reached are probably those of a
		// wrong address.
		if k.client.reached.Load() {
			return verdict{kind: defect}
		}
		return verdict{kind: configuration}
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrForeignHost),
		errors.Is(err, ErrNoRecords), errors.Is(err, ErrReported), errors.Is(err, ErrNotModified), errors.Is(err, errFinal):
		return verdict{kind: defect}
	case errors.Is(err, ErrNotJSON):
		if k.client.reached.Load() {
			return verdict{kind: defect}
		}
		return verdict{kind: configuration}
	case errors.As(err, &proxy):
		return proxy.judge(k.client.reached.Load(), v.reason)
	case netfailure.Untrusted(err):
		return verdict{kind: configuration}
	case netfailure.Unreachable(err):
		// If the host has responded before, the failure is temporary.
		if !k.client.reached.Load() {
			return verdict{kind: configuration}
		}
		v.again = true
	case errors.As(err, &op) && op.Op == "dial", errors.Is(err, syscall.ECONNREFUSED):
		// Nothing was sent yet.
		v.again = true
	}
	return v
}

// errFinal marks an error as final, even if it wraps an error that is not.
var errFinal = errors.New("final error")

type finalError struct{ error }

func (f finalError) Unwrap() error        { return f.error }
func (f finalError) Is(target error) bool { return target == errFinal }

// final marks an error that repeating the request does not fix.
func final(err error) error { return finalError{err} }

// kindOf returns the kind that an error reports by its methods Configuration and
// Temporary. If it has neither, kindOf returns the given kind.
func kindOf(err error, otherwise kind) kind {
	var c interface{ Configuration() bool }
	var t interface{ Temporary() bool }
	var e *Error
	switch {
	case errors.As(err, &e) && e.kind != defect: // of another request, such as a login
		return e.kind
	case errors.Is(err, ErrTimeout): // the limit of an attempt, not that of the caller
		return temporary
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return defect
	case errors.As(err, &c) && c.Configuration():
		return configuration
	case errors.As(err, &t) && t.Temporary():
		return temporary
	}
	return otherwise
}
