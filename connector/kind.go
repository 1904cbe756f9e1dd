package connector

// A Kind states who can act on an error. The zero Kind is [Defect]: an error
// that is not classified counts as a fault of the connector.
//
// Kind implements error only to serve as the target of errors.Is; see
// [Error.Is].
//
//nolint:errname // Kind is an error only for errors.Is, like syscall.Errno
type Kind uint8

//nolint:errname // see Kind
const (
	// Defect is a fault of the connector or of this library. The author of the
	// connector must act.
	Defect Kind = iota
	// Configuration is a fault that the user of the connector can fix, such as
	// a wrong key, a missing permission, a host that does not exist, or a state
	// from another connector.
	Configuration
	// Transient is a temporary fault. Retry later, from the last state.
	Transient
	// Interrupted is not a fault. The run was told to end before it finished.
	Interrupted
)

// String returns the kind as one lower-case word.
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

// Error returns the same text as String.
func (k Kind) Error() string { return k.String() }
