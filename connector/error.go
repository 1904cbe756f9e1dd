package connector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Kind says who can do something about an error. Its zero value is Defect:
// what nobody has classified is the connector's own fault.
type Kind uint8

const (
	// Defect is a fault of the connector or of this library: its author has to
	// act.
	Defect Kind = iota
	// Configuration is a fault that the user of the connector can mend: a wrong
	// key, a missing permission, a host that does not exist, a foreign state.
	Configuration
	// Transient is a fault that passes: try again later, from the last state.
	Transient
	// Interrupted is no fault: the sync was told to end before it was done.
	Interrupted
)

// String returns the kind in one lower-case word.
func (k Kind) String() string {
	switch k {
	case Configuration:
		return "configuration"
	case Transient:
		return "transient"
	case Interrupted:
		return "interrupted"
	}
	return "defect"
}

// An Error is what a run of a connector returns: an error with its kind. Take
// it out of an error chain with errors.As to act on the kind. A connector may
// return one of its own to decide the kind, or to give a hint.
type Error struct {
	// Kind says who can do something about it.
	Kind Kind
	// Table is the table that it is about. Optional.
	Table string
	// Hint says what to do, as a clause such as "create a key with read
	// access". Optional: without it the kind decides what is said.
	Hint string
	// Err is the cause. Required.
	Err error
}

// Error returns the table, the cause and the hint.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Table != "" {
		b.WriteString("table " + e.Table + ": ")
	}
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an *Error of the given kind, with a cause formatted as by
// fmt.Errorf.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// KindOf returns the kind of an error. An [*Error] in its chain decides. If
// there is none, an error in the chain that has one of the methods
//
//	Configuration() bool
//	Temporary() bool
//
// and returns true there decides; so packages that know nothing of this one
// can classify what they return. Timeouts, refused and reset connections and
// answers that end early are transient, an unknown host is a matter of
// configuration, a cancelled context an interruption. All else is a defect.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	var configuration interface{ Configuration() bool }
	if errors.As(err, &configuration) && configuration.Configuration() {
		return Configuration
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return Configuration
	}
	var temporary interface{ Temporary() bool }
	if errors.As(err, &temporary) && temporary.Temporary() {
		return Transient
	}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, syscall.ECONNREFUSED),
		errors.Is(err, syscall.ECONNRESET):
		return Transient
	}
	return Defect
}

// classified returns err as an *Error, as it is or with the kind that KindOf
// finds.
func classified(err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return &Error{Kind: KindOf(err), Err: err}
}

// advice ends a message to a person who runs the connector.
func advice(err error) string {
	for e, ok := errors.AsType[*Error](err); ok; e, ok = errors.AsType[*Error](e.Err) {
		if e.Hint != "" {
			return ""
		}
	}
	if _, ok := errors.AsType[requestError](err); ok {
		return ""
	}
	if _, ok := errors.AsType[*state.Error](err); ok {
		return "" // it says what to do
	}
	switch KindOf(err) {
	case Configuration:
		return "; check the configuration"
	case Transient:
		return "; try again later"
	case Interrupted:
		return ""
	}
	if _, ok := errors.AsType[*schema.RowError](err); ok {
		return "; the connector and its schema disagree, which is a defect of the connector"
	}
	return "; this is a defect of the connector"
}

// ErrClosed is what an [Emitter] returns once the Sync that it was made for
// has returned.
var ErrClosed = errors.New("connector: the emitter was used after its sync had returned")
