package fivetran

import (
	"encoding/json"
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// configure passes the values of a form, all of which are text, to a run. Package config
// converts text to the types of the fields. A field that takes any JSON also takes text, so
// text that is JSON is passed on as such.
//
// A field that the user has left empty arrives as an empty text, which is not passed on, so
// that the field is not set.
func (d Dialect) configure(run *host.Run, values map[string]string) error {
	form, err := run.Form()
	if err != nil {
		return err
	}
	object := map[string]any{}
	for name, value := range values {
		f, known := form.Lookup(name)
		switch {
		case known && value == "" && d.isLeftEmpty(&f):
		case known && isJSON(&f, value):
			object[name] = json.RawMessage(value)
		default:
			object[name] = value
		}
	}
	configuration, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return run.Configure(configuration)
}

// isLeftEmpty reports whether an empty text for a field means that the user has not set it.
//
// The form of the Connector SDK shows a default as a placeholder, so the default remains. That
// of the Partner SDK contains the default, so the user has removed it. If there is none, or if
// the field must have one of several values, the user has made no choice.
func (d Dialect) isLeftEmpty(f *config.Field) bool {
	return d == ConnectorSDK || f.Default == nil || len(f.Choices) > 0 && !slices.Contains(f.Choices, any(""))
}

// isJSON reports whether the text for a field is passed on as JSON.
func isJSON(f *config.Field, text string) bool {
	return f.Kind == config.JSON && !f.TakesJSONText() && json.Valid([]byte(text))
}
