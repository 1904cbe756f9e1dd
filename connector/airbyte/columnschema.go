package airbyte

import "github.com/penstock-sdk/penstock/schema"

// A columnSchema is the JSON Schema of the values of a column. Without a type, it
// allows every value.
type columnSchema struct {
	Type            any    `json:"type,omitempty"` // a string or a list of strings
	Description     string `json:"description,omitempty"`
	Format          string `json:"format,omitempty"`
	AirbyteType     string `json:"airbyte_type,omitempty"`
	ContentEncoding string `json:"contentEncoding,omitempty"`
}

// columnSchemas holds the schema of each type of column, in the form for a key, which is
// never null.
var columnSchemas = map[schema.Type]columnSchema{
	schema.TypeBoolean: {Type: "boolean"},
	schema.TypeShort:   {Type: "integer", AirbyteType: "integer"},
	schema.TypeInt:     {Type: "integer", AirbyteType: "integer"},
	schema.TypeLong:    {Type: "integer", AirbyteType: "integer"},
	schema.TypeFloat:   {Type: "number"},
	schema.TypeDouble:  {Type: "number"},
	// Airbyte decodes a number as a float, which would lose digits.
	schema.TypeDecimal:       {Type: "string"},
	schema.TypeNaiveDate:     {Type: "string", Format: "date"},
	schema.TypeNaiveDatetime: {Type: "string", Format: "date-time", AirbyteType: "timestamp_without_timezone"},
	schema.TypeUTCDatetime:   {Type: "string", Format: "date-time", AirbyteType: "timestamp_with_timezone"},
	schema.TypeBinary:        {Type: "string", ContentEncoding: "base64"},
	schema.TypeXML:           {Type: "string"},
	schema.TypeString:        {Type: "string"},
	schema.TypeJSON:          {},
}

// schemaOf returns the schema of a column.
func schemaOf(c schema.Column) columnSchema {
	s := columnSchemas[c.Type]
	if c.Object {
		s.Type = "object"
	}
	if s.Type != nil && !c.PrimaryKey {
		s.Type = []any{"null", s.Type}
	}
	s.Description = c.Description
	return s
}
