package connectortest

// An exitError describes how a process ended that should have ended otherwise.
type exitError struct{ ending string }

func (e *exitError) Error() string { return e.ending }
