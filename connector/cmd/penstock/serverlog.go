package main

import (
	"bytes"
	"io"
)

// A serverLog is the standard output of a program from which an answer is expected. It finds
// the log that a gRPC server for Fivetran writes instead.
type serverLog struct {
	r     io.Reader
	found func() // called once
	seen  bool
}

// Read implements io.Reader. A server writes each line of its log at once.
func (l *serverLog) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if !l.seen && bytes.Contains(b[:n], []byte(`"message-origin":"sdk_connector"`)) {
		l.seen = true
		l.found()
	}
	return n, err
}
