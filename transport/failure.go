package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"syscall"
)

// judgeError says what to do about a try that came to no answer, or to one that
// can't be used. What is not known to be final is repeated: networks fail in
// more ways than can be listed.
func (k *call) judgeError(err error) verdict {
	v := verdict{kind: temporary, again: k.idempotent, reason: k.mask().text(err.Error())}
	var (
		auth    *authError
		dns     *net.DNSError
		op      *net.OpError
		notTLS  tls.RecordHeaderError
		alert   tls.AlertError
		badCert *tls.CertificateVerificationError
		ca      x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		quota   *quotaError
	)
	switch {
	case errors.As(err, &quota):
		return verdict{kind: temporary}
	case errors.As(err, &auth):
		v.kind = kindOf(auth.err, defect)
		v.again = v.kind == temporary
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrForeignHost), errors.Is(err, errRedirects),
		errors.Is(err, ErrNoRecords), errors.Is(err, ErrReported), errors.Is(err, errFinal):
		return verdict{kind: defect}
	case errors.Is(err, ErrNotJSON):
		if k.client.reached.Load() {
			return verdict{kind: defect}
		}
		return verdict{kind: configuration}
	case errors.As(err, &badCert), errors.As(err, &ca), errors.As(err, &host), errors.As(err, &invalid),
		errors.As(err, &notTLS), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return verdict{kind: configuration}
	case errors.As(err, &dns) && dns.IsNotFound:
		// A host that was there a moment ago is a resolver's accident.
		if !k.client.reached.Load() {
			return verdict{kind: configuration}
		}
		v.again = true
	case errors.As(err, &op) && op.Op == "remote error":
		// A TLS alert: no common version, a client certificate that is missing.
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

// errFinal marks an error that is no accident, whatever it wraps.
var errFinal = errors.New("not an accident")

type finalError struct{ error }

func (f finalError) Unwrap() error        { return f.error }
func (f finalError) Is(target error) bool { return target == errFinal }

// final marks err as one that repeating doesn't mend.
func final(err error) error { return finalError{err} }

// kindOf returns the kind of an error that says it itself, by the methods that
// Error has, or else the given one.
func kindOf(err error, otherwise kind) kind {
	var c interface{ Configuration() bool }
	var t interface{ Temporary() bool }
	switch {
	case errors.Is(err, ErrTimeout): // a try's own limit, not the caller's
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
