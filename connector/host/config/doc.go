// Package config derives the configuration of a connector from its struct. It
// builds one tree of fields. The form that a platform shows, the JSON Schema,
// the decoder and the validation all come from that tree, so they agree on
// every field.
//
// Hosts use this package. A connector does not need it.
//
// # Example
//
// A connector declares its configuration as exported fields:
//
//	type Connector struct {
//		APIKey   connector.Secret `json:"api_key" jsonschema:"title=API key"`
//		BaseURL  string           `json:"base_url" jsonschema:"title=Base URL,format=uri"`
//		PageSize int              `json:"page_size" jsonschema:"minimum=1,maximum=1000"`
//	}
//
// A host shows the fields to a person and decodes the result:
//
//	form, err := config.FormOf(&Connector{PageSize: 100})
//	if err != nil {
//		return err // a defect: the author of the connector must fix it
//	}
//	for _, field := range form.Fields {
//		fmt.Println(field.Name, field.Title, field.Kind, field.Required, field.Default)
//	}
//	c, unknown, err := form.Decode([]byte(`{"api_key":"k","base_url":"https://api.example.com"}`))
//	if err != nil {
//		return err // a mistake in the configuration: the user must fix it
//	}
//	for _, name := range unknown {
//		log.Printf("ignoring the unknown field %s", name)
//	}
//	err = c.Test(ctx)
//
// # Fields
//
// The configuration has one field for each exported field of the struct,
// including those of embedded structs. Unexported fields and fields tagged
// `json:"-"` are not part of the configuration. The json tag sets the name;
// without one, the name is the Go name. It is an error if two fields have the
// same name.
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
//	arrays                                         List      the same, with the exact number of items
//	maps with string keys                          Map       {"a":1}, or the same as text
//	structs                                        Object    {"a":1}, or the same as text
//	any, json.RawMessage, types with UnmarshalJSON JSON      any JSON
//
// An any has the values that encoding/json gives it, except that an integer that a float64
// cannot hold, such as a long ID, is a json.Number.
//
// A pointer accepts the same values as the type it points to, and is optional.
// [FormOf] rejects all other types, types that contain themselves, and embedded
// fields of an unexported type whose json tag sets a name, because reflection
// cannot set those.
//
// # Defaults
//
// A field that the configuration omits keeps the value it has in the connector
// passed to [FormOf]. That value is its default. In the form, a field that
// holds a secret never has a default.
//
// A field is required if it has no default, unless it is a bool, a pointer or an
// interface, or its json tag has the option omitempty or omitzero. An Object is
// required if one of its fields is. The required option of the jsonschema tag
// makes any field required. Required text must not be empty.
//
// # Tags
//
// The jsonschema tag holds options of github.com/invopop/jsonschema, separated
// by commas:
//
//   - All fields accept title, description, required, nullable, type and
//     anchor, and the options oneof_required, oneof_ref, oneof_type,
//     anyof_required, anyof_ref and anyof_type.
//   - Text accepts minLength, maxLength, pattern, format, enum, example,
//     readOnly and writeOnly.
//   - Numbers accept minimum, maximum, exclusiveMinimum, exclusiveMaximum,
//     multipleOf, enum and example.
//   - Lists accept minItems, maxItems, uniqueItems=true, and the options of
//     their items.
//   - Text that the source may replace during a sync, such as a refresh token,
//     accepts rotates. In the JSON Schema, it becomes "x-rotates": true.
//   - Text that rotates, or whose format is password, is a secret even if its type is
//     not connector.Secret: hosts mask it.
//
// To give an option several values, repeat it, as in enum=eu,enum=us. To put a
// comma into a value, escape it with two backslashes, as in
// `jsonschema:"title=Name\\, first and last"`. Alternatively, the tag
// jsonschema_description holds a description that may contain commas. The tag
// jsonschema_extras adds further keywords, as in `jsonschema_extras:"x-order=1"`.
//
// The option format accepts the formats that JSON Schema defines, and also
// period, semver and password. The option default is rejected unless it repeats
// the value that the field has in the connector.
//
// A type may write its own JSON Schema with the methods JSONSchema and JSONSchemaExtend. It
// may use all keywords of draft 2020-12 except $dynamicRef, unevaluatedItems and
// unevaluatedProperties. A $ref must be a JSON Pointer into the document, such as
// "#/properties/region", or into the innermost schema around it that has an $id. Patterns
// are those of package regexp. The first [Form.Decode] reports a schema that is not valid.
//
// [FormOf] rejects an option that does not apply to the type of the field, a
// value that it cannot parse, and a value that a comma has split in two.
package config
