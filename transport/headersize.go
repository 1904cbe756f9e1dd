package transport

import (
	"fmt"
	"net/http"
	"strings"
)

// maxHeaderBytes is the largest size of the headers of a response. Parsed headers take
// several times the memory of their text. Servers send a few KiB, and browsers accept no
// more than this either.
const maxHeaderBytes = 256 << 10

// A headerSizeError reports headers that are too large. Repeating the request does not
// help.
type headerSizeError struct{ err error } // of net/http, or nil

func (e *headerSizeError) Error() string {
	return fmt.Sprintf("the headers of the response: %v: more than %d KiB: the source, or a proxy before it, must send less", ErrTooLarge, maxHeaderBytes>>10)
}

func (e *headerSizeError) Unwrap() error { return e.err }

func (e *headerSizeError) Is(target error) bool { return target == ErrTooLarge }

// checkHeaderSize returns an error if the headers of a response are too large. The network
// of this package enforces the limit itself, but a custom round tripper may not.
func checkHeaderSize(h http.Header) error {
	n := 0
	for name, lines := range h {
		for _, line := range lines {
			n += len(name) + len(line) + len(": \r\n")
		}
	}
	if n > maxHeaderBytes {
		return &headerSizeError{}
	}
	return nil
}

// explainHeaderSize returns an error of a round tripper. If package net/http has refused
// headers that are too large, for which it has no error value, the error says so.
func explainHeaderSize(err error) error {
	text := err.Error()
	if strings.Contains(text, "server response headers exceeded") || strings.Contains(text, "response header list larger than advertised limit") {
		return &headerSizeError{err}
	}
	return err
}
