package auth

import (
	"errors"
	"time"
)

// A missingError reports that the configuration has no credentials, so that the source
// would refuse the request.
type missingError string

func missing(what string) error { return missingError(what) }

func (m missingError) Error() string       { return "the " + string(m) + " is empty" }
func (m missingError) Configuration() bool { return true }

// A configurationError is an error that the user must fix.
type configurationError struct{ error }

func (e configurationError) Configuration() bool { return true }
func (e configurationError) Unwrap() error       { return e.error }

// A temporaryError is an error that may be temporary.
type temporaryError struct {
	error
	wait time.Duration // that the source asks for; 0 if it does not
}

func (e temporaryError) Temporary() bool           { return true }
func (e temporaryError) RetryAfter() time.Duration { return e.wait }
func (e temporaryError) Unwrap() error             { return e.error }

// askedWait returns the wait that the source asks for, according to an error that may be
// temporary, or 0.
func askedWait(err error) time.Duration {
	var temporary interface{ Temporary() bool }
	var asks interface{ RetryAfter() time.Duration }
	if !errors.As(err, &temporary) || !temporary.Temporary() || !errors.As(err, &asks) {
		return 0
	}
	return asks.RetryAfter()
}
