package connector

import (
	"fmt"
	"io"
	"log/slog"
)

// mask replaces a secret.
const mask = "[redacted]"

// A Secret is a confidential value of the configuration, such as a key, a
// password or a token. Formatting, logging or marshaling a Secret produces
// "[redacted]", whatever the verb or encoder. Only [Secret.Reveal] returns the
// value, so a search for calls of Reveal finds every use. The empty Secret is
// shown as the empty string.
//
// The runtime also masks the value of every Secret in the configuration in
// logs, errors, warnings and rows, and refuses a state that contains it. Use
// [Hide] for a secret that is obtained during a run.
type Secret string

// Reveal returns the value of the secret. Call it only where the value is sent
// to the source.
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
