package netfailure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Describe returns err with a description in plain words before its text. u is the URL of
// the request that got no response. If Describe does not recognize the failure, it returns
// err itself.
func Describe(err error, u *url.URL) error {
	text := words(err, u)
	if text == "" {
		return err
	}
	var record tls.RecordHeaderError
	if errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/" {
		// net/http makes this replacement only if it sees the error itself.
		err = http.ErrSchemeMismatch
	}
	return &described{text: text, err: err}
}

// Broken is like Describe, for a failure to read a response that has begun.
func Broken(err error, u *url.URL) error {
	if !closed(err) {
		return err
	}
	return &described{text: "the connection to " + Address(u) + " broke", err: err}
}

// described is an error with a description.
type described struct {
	text string
	err  error
}

func (d *described) Error() string { return d.text + ": " + d.err.Error() }
func (d *described) Unwrap() error { return d.err }

// Unconnected reports whether no connection to the host could be made, or the host closed
// it without a response.
func Unconnected(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") ||
		closed(err) || refused(err) || routeless(err) || handshakeTimeout(err) || notHTTP(err)
}

func words(err error, u *url.URL) string {
	host := Address(u)
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host named " + dns.Name
	case errors.As(err, &dns):
		return "the name " + dns.Name + " cannot be looked up"
	case refused(err):
		return "nothing listens at " + host
	case routeless(err):
		return "there is no route to " + host
	case errors.As(err, &op) && op.Op == "dial" && timedOut(err):
		return host + " does not answer"
	case errors.As(err, &op) && op.Op == "remote error":
		return host + " refuses the TLS connection"
	case handshakeTimeout(err):
		return host + " does not complete the TLS handshake"
	case Untrusted(err):
		return untrusted(err, u)
	case notHTTP(err):
		return host + " does not speak HTTP; the scheme or the port of the URL may be wrong"
	case closed(err):
		return host + " closed the connection without a response"
	}
	return ""
}

// untrusted describes an error about the certificate of a host.
func untrusted(err error, u *url.URL) string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		notTLS  tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.As(err, &notTLS), errors.Is(err, http.ErrSchemeMismatch):
		return Address(u) + " does not speak TLS; the scheme or the port of the URL may be wrong"
	case errors.As(err, &alert):
		return "no TLS connection to " + Address(u) + " can be made"
	case errors.As(err, &name):
		return "the certificate is not valid for " + u.Hostname()
	case errors.As(err, &unknown):
		return "the certificate of " + u.Hostname() + " is signed by an unknown authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of " + u.Hostname() + " has expired or is not valid yet"
	}
	return "the certificate of " + u.Hostname() + " is not valid"
}

// Address returns the host and the port of a URL.
func Address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func refused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED)
}

func routeless(err error) bool {
	return errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) ||
		errors.Is(err, syscall.EHOSTDOWN) || errors.Is(err, syscall.ENETDOWN)
}

// closed reports whether the other side closed the connection.
func closed(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF)
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT) || strings.Contains(err.Error(), "i/o timeout")
}

// handshakeTimeout and notHTTP look at the text, because net/http exports no types for
// these errors.
func handshakeTimeout(err error) bool { return strings.Contains(err.Error(), "TLS handshake timeout") }

func notHTTP(err error) bool { return strings.Contains(err.Error(), "malformed HTTP ") }
