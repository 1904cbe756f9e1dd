package connectortest

import (
	"bytes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

var specRule = rule{
	name:     "Spec",
	contract: "the exported fields of a connector are its configuration: they can be described by a JSON Schema, their values are valid, and every secret is a connector.Secret",
	fix:      "see package host/config for the tags of fields; tag fields that are not part of the configuration `json:\"-\"`",
	check:    checkSpec,
}

// The fixes of configurations that have a spec.
const (
	fixSpecDiffers   = "don't make the spec depend on the clock, the environment or the order of a map"
	fixConfiguration = "pass Run a configuration that a user could save, or correct the limits in the tags of the fields"
	fixSecretField   = "let the field be a connector.Secret; if it holds no secret, give it a name that does not suggest one"
)

func checkSpec(s *suite, c *check) {
	spec, err := specOf(s.connector)
	if err != nil {
		c.fatalf("the configuration has no spec: %v", err)
	}
	if again, err := specOf(s.connector); err != nil || !bytes.Equal(spec, again) {
		c.failWithf(fixSpecDiffers, "a second spec differs from the first (error %v):\n%s\n%s", err, spec, again)
	}
	valid := func(storedRun) error { return nil }
	if err := s.secrets.withRun(c.Context(), s.connector, valid); err != nil {
		c.failWithf(fixConfiguration, "the configuration that was passed to Run is not valid: %v", err)
	}
	for _, f := range fieldsOf(s.connector) {
		if f.Kind == config.Text && !f.Secret && secretname.Field(f.name) {
			c.failWithf(fixSecretField, "field %s is a %T, so logs, errors and forms may show its value", f.name, f.Get(s.connector))
		}
	}
}

// specOf returns the JSON Schema of a connector's configuration.
func specOf(c connector.Connector) ([]byte, error) {
	form, err := config.FormOf(c)
	if err != nil {
		return nil, err
	}
	return form.Spec()
}
