package auth

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
type temporaryError struct{ error }

func (e temporaryError) Temporary() bool { return true }
func (e temporaryError) Unwrap() error   { return e.error }
