package connectortest

import (
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// A field is a field of a connector's configuration.
type field struct {
	name string // as in the configuration, such as "proxy.password"
	config.Field
}

// fieldsOf returns the fields of a connector's configuration, those of structs
// within it included. A connector that has no form has none; Spec says so.
func fieldsOf(c connector.Connector) []field {
	form, err := config.FormOf(c)
	if err != nil {
		return nil
	}
	var all []field
	for name, f := range form.Walk() {
		all = append(all, field{name, f})
	}
	return all
}

// secretFields returns the fields that hold a secret.
func secretFields(c connector.Connector) []field {
	var found []field
	for _, f := range fieldsOf(c) {
		if f.Secret && f.of(c) != "" {
			found = append(found, f)
		}
	}
	return found
}

// wrong returns a copy of the connector in which the field holds a secret that
// no source has.
func (f field) wrong(c connector.Connector) connector.Connector {
	other, err := f.With(c, connector.Secret(wrongSecret))
	if err != nil {
		return c // the field holds no secret by itself
	}
	return other
}

// of returns the value that the field of a connector holds, as text.
func (f field) of(c connector.Connector) string {
	switch v := f.Get(c).(type) {
	case connector.Secret:
		return v.Reveal()
	case *connector.Secret:
		if v == nil {
			return ""
		}
		return v.Reveal()
	default:
		return fmt.Sprint(v)
	}
}

// soundsSecret reports whether a field's name is that of something that nobody
// else may know.
func soundsSecret(name string) bool {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r != '_' && r != '-' {
			b.WriteRune(r)
		}
	}
	for _, end := range []string{
		"password", "passwd", "passphrase", "secret", "apikey", "privatekey", "secretkey",
		"accesstoken", "refreshtoken", "authtoken", "bearertoken", "apitoken",
	} {
		if strings.HasSuffix(b.String(), end) {
			return true
		}
	}
	return false
}
