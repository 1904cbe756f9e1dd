package connector

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
)

// mask stands wherever a secret would.
const mask = "[redacted]"

// A Secret is a part of the configuration that must not be seen: a key, a
// password, a token. Formatting, logging and marshalling it gives
// "[redacted]", by whatever verb or encoder; [Secret.Reveal] alone gives the
// value, so that a search for it finds every use. The empty Secret is shown as
// what it is.
//
// The runtime also removes the value of every Secret in a connector's
// configuration from what it writes: logs, errors, warnings, rows. A state
// that would hold one is refused.
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

// Format writes the mask whatever the verb is.
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

var secretType = reflect.TypeFor[Secret]()

// secretsIn appends the values of all secrets within v: in fields, lists, maps
// and behind pointers. Unexported fields are looked into as well.
func secretsIn(found []string, v reflect.Value, depth int) []string {
	if depth > 20 || !v.IsValid() {
		return found
	}
	if v.Type() == secretType {
		if v.Len() > 0 {
			found = append(found, v.String())
		}
		return found
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return secretsIn(found, v.Elem(), depth+1)
	case reflect.Struct:
		if !mayHoldSecret(v.Type()) {
			return found
		}
		for i := range v.NumField() {
			found = secretsIn(found, v.Field(i), depth+1)
		}
	case reflect.Slice, reflect.Array:
		if !mayHoldSecret(v.Type().Elem()) {
			return found
		}
		for i := range v.Len() {
			found = secretsIn(found, v.Index(i), depth+1)
		}
	case reflect.Map:
		for k, e := range v.Seq2() {
			found = secretsIn(secretsIn(found, k, depth+1), e, depth+1)
		}
	}
	return found
}

// mayHoldSecret keeps the search out of the insides of the standard library
// and of plain data.
func mayHoldSecret(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		switch t.PkgPath() {
		case "sync", "time", "net/http", "net/url", "reflect", "context", "database/sql", "log/slog":
			return false
		}
		return true
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Array, reflect.Map:
		return true
	}
	return t == secretType
}
