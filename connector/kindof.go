package connector

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"reflect"
	"syscall"
)

// KindOf returns the kind of an error. It looks through the errors that err
// wraps.
//
// The first [*Error] that it finds determines the kind. If there is no *Error,
// an error with one of these methods determines the kind, provided that the
// method returns true:
//
//	Configuration() bool // the kind is Configuration
//	Temporary() bool     // the kind is Transient
//
// A package can implement these methods to classify its errors without
// importing this package. Otherwise:
//
//   - A file or program that does not exist or may not be accessed, an invalid
//     address, an unknown host, a rejected certificate and a server that does
//     not speak TLS are of kind Configuration.
//   - A timeout, a refused, reset or unreachable connection, a lost connection
//     to a database (driver.ErrBadConn), a response that ends early (io.EOF,
//     io.ErrUnexpectedEOF), a full disk and exhausted file descriptors are of
//     kind Transient.
//   - A canceled context is of kind Interrupted.
//   - Every other error is a Defect.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
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
	case errors.As(err, &timeout) && timeout.Timeout(), isAny(err, transient):
		return Transient
	case isAny(err, unusable), badAddress(err),
		comesFrom(err, "crypto/x509"), comesFrom(err, "crypto/tls"), comesFrom(err, "os/exec"):
		return Configuration
	}
	return Defect
}

// transient lists temporary errors, most of them from the operating system.
var transient = []error{
	io.EOF, io.ErrUnexpectedEOF, os.ErrDeadlineExceeded, driver.ErrBadConn,
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE,
	syscall.EHOSTUNREACH, syscall.EHOSTDOWN, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.ENETRESET,
	syscall.ENOSPC, syscall.EDQUOT, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO, syscall.EBUSY, syscall.ETXTBSY, syscall.ESTALE,
}

// unusable lists operating system errors that indicate a wrong path or address
// in the configuration, or a missing permission.
var unusable = []error{
	fs.ErrNotExist, fs.ErrPermission,
	syscall.ENOTDIR, syscall.EISDIR, syscall.EROFS, syscall.ELOOP, syscall.ENAMETOOLONG,
	syscall.EADDRNOTAVAIL, syscall.ENOEXEC,
}

// badAddress reports whether err says that an address could not be parsed.
func badAddress(err error) bool {
	_, addr := errors.AsType[*net.AddrError](err)
	_, parse := errors.AsType[*net.ParseError](err)
	_, network := errors.AsType[net.UnknownNetworkError](err)
	return addr || parse || network
}

func isAny(err error, targets []error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// comesFrom reports whether an error in the tree of err has a type from the
// named package. Naming the types instead would link TLS and process control
// into every connector. An ExitError of os/exec does not count: a failure to
// start a process is a matter of configuration, but the failure of the process
// itself is not.
func comesFrom(err error, pkg string) bool {
	for err != nil {
		t := reflect.TypeOf(err)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.PkgPath() == pkg && t.Name() != "ExitError" {
			return true
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				if comesFrom(inner, pkg) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}
