package bridge

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// tlsLimit is the time that a server has to answer the beginning of a TLS connection.
const tlsLimit = 2 * time.Second

// speaksTLS reports whether the server at an address answers as one of TLS. Such a server,
// above all one written in Go, closes a connection without TLS and sends nothing, as a server
// does that is restarting.
func speaksTLS(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, tlsLimit)
	defer cancel()
	conn, err := (&tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify: true, // nothing is sent, and any certificate will do
		NextProtos:         []string{"h2"},
	}}).DialContext(ctx, "tcp", address)
	if err == nil {
		_ = conn.Close()
		return true
	}
	refusal, ok := errors.AsType[*net.OpError](err)
	return ok && refusal.Op == "remote error" // an alert: for example, the server knows no h2
}
