package config

import (
	"reflect"

	"github.com/penstock-sdk/penstock/connector"
)

// Secrets returns the values of all secrets in a connector, except empty ones. It
// finds each [connector.Secret] in exported and unexported fields, in lists and
// maps, and behind pointers, up to 20 levels deep. A value that occurs twice is
// returned twice.
func Secrets(c connector.Connector) []string {
	return secretsIn(nil, reflect.ValueOf(c), 0)
}

// secretsIn appends the values of all secrets within v.
func secretsIn(found []string, v reflect.Value, depth int) []string {
	if depth > 20 || !v.IsValid() || !mayHoldSecret(v.Type()) {
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
		if !mayHoldSecret(v.Type().Key()) && !mayHoldSecret(v.Type().Elem()) {
			return found
		}
		for k, e := range v.Seq2() {
			found = secretsIn(secretsIn(found, k, depth+1), e, depth+1)
		}
	}
	return found
}

// mayHoldSecret reports whether values of the type may contain a secret. It keeps
// the search out of plain data and of the internals of the standard library.
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
