// Package config makes one tree of fields from a connector's struct: its
// configuration. The form that a platform shows, the JSON Schema, the decoder
// and the validation all come from that tree, so they agree on every field.
//
//	type Connector struct {
//		APIKey   connector.Secret `json:"api_key" jsonschema:"title=API key"`
//		BaseURL  string           `json:"base_url" jsonschema:"title=Base URL,format=uri"`
//		PageSize int              `json:"page_size" jsonschema:"minimum=1,maximum=1000"`
//	}
//
//	form, err := config.FormOf(&Connector{PageSize: 100})
//	if err != nil {
//		return err // a mistake in the struct: its author has to fix it
//	}
//	for _, field := range form.Fields {
//		fmt.Println(field.Name, field.Title, field.Kind, field.Required, field.Default)
//	}
//	c, unknown, err := form.Decode([]byte(`{"api_key":"k","base_url":"https://api.example.com"}`))
//
// Hosts use this package. A connector does not need it.
//
// # Fields
//
// The exported fields of the struct are the configuration's fields, and so are
// those of embedded structs. Fields tagged `json:"-"` and unexported fields are
// not. The json tag gives the name; without one it is the Go name. Two fields
// can't have the same name.
//
//	Go type                                        Kind      in the configuration
//	string types                                   Text      text
//	connector.Secret                               Text      text that is never shown
//	types with UnmarshalText, url.URL              Text      text
//	integers                                       Integer   100, "100", 100.0, 1e2
//	floats, json.Number                            Number    0.5, "0.5"
//	bool                                           Bool      true, "true"
//	time.Duration                                  Duration  "1h30m"
//	time.Time                                      Time      "2006-01-02T15:04:05Z", "2006-01-02"
//	[]byte                                         Bytes     base64
//	slices                                         List      ["a","b"], "a, b"
//	arrays                                         List      the same, with exactly as many items
//	maps with string keys                          Map       {"a":1}, or text that holds it
//	structs                                        Object    {"a":1}, or text that holds it
//	any, json.RawMessage, types with UnmarshalJSON JSON      any JSON
//
// A pointer is optional and takes what the type behind it takes. [FormOf]
// refuses other types, types that contain themselves, and embedded fields of
// unexported types that a json tag gives a name, which reflection can't set.
//
// A field that the configuration leaves out keeps what it has in the connector
// that is given to [FormOf]: that is its default. A field is required if it has
// no default and is not a bool, a pointer, an interface, a struct, or tagged
// omitempty or omitzero. Required text is not empty. A field that holds a
// secret has no default in the form.
//
// # Tags
//
// The jsonschema tag has the options of github.com/invopop/jsonschema,
// separated by commas:
//
//   - for all fields: title, description, required, nullable, type, anchor,
//     and oneof_ and anyof_ with required, ref and type;
//   - for text: minLength, maxLength, pattern, format, enum, example, readOnly,
//     writeOnly;
//   - for numbers: minimum, maximum, exclusiveMinimum, exclusiveMaximum,
//     multipleOf, enum, example;
//   - for lists: minItems, maxItems, uniqueItems=true, and the options of the
//     items;
//   - for text that the source may replace during a sync, such as a refresh
//     token: rotates, which becomes "x-rotates": true in the JSON Schema.
//
// An option that takes several values is repeated, as in enum=eu,enum=us. A
// comma within a value is escaped by two backslashes, as in
// `jsonschema:"title=Name\\, first and last"`. The tag jsonschema_description
// holds a description that may contain commas, and jsonschema_extras holds
// further keywords, as in `jsonschema_extras:"x-order=1"`.
//
// A format is one that JSON Schema defines, or period, semver or password. The
// option default is refused unless it repeats the default that the field has in
// the connector.
//
// [FormOf] refuses an option that the field's type does not have, a value that
// can't be parsed, and a value that a comma has cut in two.
package config
