package connector

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"reflect"
	"syscall"
)

// KindOf returns the kind of an error. The first [*Error] in its chain decides.
// Without one, an error in the chain that has one of the methods
//
//	Configuration() bool
//	Temporary() bool
//
// and returns true decides, which is how packages that know nothing of this one
// classify their errors. Otherwise
//
//   - files and programs that do not exist or may not be used, addresses that
//     are not valid, unknown hosts, certificates that are not accepted and
//     servers that do not speak TLS are Configuration;
//   - timeouts, refused, reset and unreachable connections, answers that end
//     early, full disks and exhausted file descriptors are Transient;
//   - a cancelled context is Interrupted;
//   - everything else is a Defect.
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

// transient are the errors of the operating system that pass.
var transient = []error{
	io.ErrUnexpectedEOF, os.ErrDeadlineExceeded,
	syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE,
	syscall.EHOSTUNREACH, syscall.EHOSTDOWN, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.ENETRESET,
	syscall.ENOSPC, syscall.EDQUOT, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO, syscall.EBUSY, syscall.ETXTBSY,
}

// unusable are the errors of the operating system that come from a wrong path
// or address in the configuration, or from missing permissions.
var unusable = []error{
	fs.ErrNotExist, fs.ErrPermission,
	syscall.ENOTDIR, syscall.EISDIR, syscall.EROFS, syscall.ELOOP, syscall.ENAMETOOLONG,
	syscall.EADDRNOTAVAIL, syscall.ENOEXEC,
}

// badAddress reports whether an address could not even be read.
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

// comesFrom reports whether an error in the chain has a type of the named
// package. Naming the types instead would link TLS and process control into
// every connector. The errors of os/exec that stand for a process that failed
// are left out: only starting it is a matter of configuration.
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
