// Package netfailure recognizes failures of the network that a user must fix.
package netfailure

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

// Untrusted reports whether the host has no valid certificate or does not speak TLS.
func Untrusted(err error) bool {
	var (
		notTLS  tls.RecordHeaderError
		alert   tls.AlertError
		badCert *tls.CertificateVerificationError
		ca      x509.UnknownAuthorityError
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	return errors.As(err, &badCert) || errors.As(err, &ca) || errors.As(err, &host) || errors.As(err, &invalid) ||
		errors.As(err, &notTLS) || errors.As(err, &alert) || errors.Is(err, http.ErrSchemeMismatch)
}

// Unreachable reports whether the host is unknown, or refuses the TLS connection with
// an alert, for example because a client certificate is missing. If the host has been
// reached before, the failure is probably temporary.
func Unreachable(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &op) && op.Op == "remote error"
}
