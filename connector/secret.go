package connector

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is shown in place of a secret.
const mask = "[redacted]"

// A Secret is a part of the configuration that must not be seen: a key, a
// password, a token. Formatting, logging or marshalling it gives "[redacted]"
// with any verb or encoder. Only [Secret.Reveal] returns the value, so that a
// search for its calls finds every use. The empty Secret is shown as the empty
// string.
//
// The runtime also removes the value of every Secret in a connector's
// configuration from what it writes: logs, errors, warnings, rows. A state
// that holds one is refused. [Hide] adds secrets that are found at run time.
type Secret string

// Reveal returns the secret itself, for the one place that sends it to the
// source.
func (s Secret) Reveal() string { return string(s) }

// String returns the mask.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// Format writes the mask for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// GoString returns the mask.
func (s Secret) GoString() string { return s.String() }

// LogValue returns the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns the mask as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// MarshalBinary returns the mask.
func (s Secret) MarshalBinary() ([]byte, error) { return s.MarshalText() }
