package bridge

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// spec returns the form as a JSON Schema. A field within conditional fields is never
// required there.
func (f *form) spec() []byte {
	b := []byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{`)
	var names, required []string
	for _, i := range f.inputs() {
		if slices.Contains(names, i.Name) { // within another condition
			continue
		}
		b = append(rawjson.AppendString(rawjson.AppendComma(b, len(names)), i.Name), ':')
		b = i.appendProperty(b)
		names = append(names, i.Name)
		if i.Required && len(i.conditions) == 0 && i.Default == "" {
			required = append(required, i.Name)
		}
	}
	b = append(b, '}')
	if len(required) > 0 {
		b = rawjson.AppendStrings(append(b, `,"required":`...), required)
	}
	return append(b, '}')
}

// appendProperty appends the JSON Schema of the field.
func (i input) appendProperty(b []byte) []byte {
	toggle := i.Type == protocol.ToggleField
	if toggle {
		b = append(b, `{"type":"boolean"`...)
	} else {
		b = append(b, `{"type":"string"`...)
	}
	text := func(keyword, value string) {
		if value != "" {
			b = rawjson.AppendString(append(b, `,"`+keyword+`":`...), value)
		}
	}
	text("title", i.Label)
	text("description", i.Description)
	if i.secret() {
		return append(b, `,"format":"password","writeOnly":true}`...)
	}
	switch {
	case toggle && (i.Default == "true" || i.Default == "false"):
		b = append(b, `,"default":`+i.Default...)
	case !toggle:
		text("default", i.Default)
	}
	if i.Type == protocol.DropdownField && len(i.Choices) > 0 {
		b = rawjson.AppendStrings(append(b, `,"enum":`...), i.Choices)
	}
	if i.Placeholder != "" && !toggle {
		b = rawjson.AppendStrings(append(b, `,"examples":`...), []string{i.Placeholder})
	}
	return append(b, '}')
}
