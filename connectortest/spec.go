package connectortest

import (
	"bytes"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

var specRule = rule{
	name:     "Spec",
	contract: "a connector's exported fields are its configuration: a form can be made of them, what they hold is valid, and whatever nobody else may know is a connector.Secret",
	mend:     "see package host/config for the tags that fields can have; tag fields that are no configuration `json:\"-\"`",
	check: func(s *suite, c *check) {
		spec, err := specOf(s.connector)
		if err != nil {
			c.hopeless("there is no spec: %v", err)
		}
		if again, err := specOf(s.connector); err != nil || !bytes.Equal(spec, again) {
			c.broken("a second spec is another one (error %v):\n%s\n%s", err, spec, again)
		}
		if _, err := configured(c.Context(), s.connector); err != nil {
			c.broken("the configuration that Run was given is not valid: %v", err)
		}
		for _, f := range fieldsOf(s.connector) {
			if f.Kind == config.Text && !f.Secret && soundsSecret(f.name) {
				c.broken("field %s is a %T: it can be logged and printed, and forms show it", f.name, f.Get(s.connector))
			}
		}
	},
}

// specOf returns the JSON Schema of a connector's configuration.
func specOf(c connector.Connector) ([]byte, error) {
	form, err := config.FormOf(c)
	if err != nil {
		return nil, err
	}
	return form.Spec()
}
