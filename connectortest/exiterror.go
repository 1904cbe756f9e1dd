package connectortest

// An exitError describes an unexpected end of a process.
type exitError struct{ ending string }

func (e *exitError) Error() string { return e.ending }
