package connectortest

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// A field is a field of a connector's configuration, with its full name.
type field struct {
	name string // in the configuration, such as "proxy.password"
	config.Field
}

// fieldsOf returns the fields of a connector's configuration, including those of
// nested structs. If the configuration has no spec, which Spec reports, fieldsOf
// returns nil.
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
		if f.Secret && f.text(c) != "" {
			found = append(found, f)
		}
	}
	return found
}

// withWrongSecret returns a copy of the connector whose field holds wrongSecret.
func (f field) withWrongSecret(c connector.Connector) connector.Connector {
	other, err := f.With(c, connector.Secret(wrongSecret))
	if err != nil {
		return c // the secret is part of another field
	}
	return other
}

// text returns the value of the field as text.
func (f field) text(c connector.Connector) string {
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
