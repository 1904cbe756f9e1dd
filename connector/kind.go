package connector

// A Kind says who can do something about an error. Its zero value is Defect: an
// error that nobody has classified is the connector's own fault.
//
// A Kind is an error only so that errors.Is can look for it; see [Error.Is].
type Kind uint8 //nolint:errname // it is an error for errors.Is only, as syscall.Errno is

const (
	// Defect is a fault of the connector or of this library. Its author has to
	// act.
	Defect Kind = iota //nolint:errname // see Kind
	// Configuration is a fault that the user of the connector can fix: a wrong
	// key, a missing permission, a host that does not exist, a foreign state.
	Configuration //nolint:errname // see Kind
	// Transient is a fault that passes: try again later, from the last state.
	Transient //nolint:errname // see Kind
	// Interrupted is not a fault: the sync was told to end before it was done.
	Interrupted //nolint:errname // see Kind
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

// Error returns the same as String.
func (k Kind) Error() string { return k.String() }
