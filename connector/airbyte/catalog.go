package airbyte

import (
	"encoding/json"

	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/schema"
)

// A catalog is the answer to discover.
type catalog struct {
	Streams []catalogStream `json:"streams"`
}

type catalogStream struct {
	Name                    string       `json:"name"`
	Namespace               string       `json:"namespace,omitempty"`
	JSONSchema              streamSchema `json:"json_schema"`
	SupportedSyncModes      []string     `json:"supported_sync_modes"`
	SourceDefinedCursor     bool         `json:"source_defined_cursor"`
	DefaultCursorField      []string     `json:"default_cursor_field,omitempty"`
	SourceDefinedPrimaryKey [][]string   `json:"source_defined_primary_key,omitempty"`
	IsResumable             bool         `json:"is_resumable"`
}

// A streamSchema is the JSON Schema of the records of a stream.
type streamSchema struct {
	Type                 string     `json:"type"`
	Description          string     `json:"description,omitempty"`
	Properties           properties `json:"properties"`
	AdditionalProperties bool       `json:"additionalProperties"`
}

// properties holds the schemas of columns in the order of the columns.
type properties []property

type property struct {
	name   string
	schema columnSchema
}

// MarshalJSON implements [json.Marshaler].
func (p properties) MarshalJSON() ([]byte, error) {
	members := make([]rawjson.Member, len(p))
	for i, column := range p {
		value, err := json.Marshal(column.schema)
		if err != nil {
			return nil, err
		}
		members[i] = rawjson.Member{Name: column.name, Value: value}
	}
	return rawjson.Object(members), nil
}

// catalogOf returns the catalog of a source. Descriptions may come from the source, so
// redact masks secrets in them.
func catalogOf(tables schema.Schema, redact func(string) string) *catalog {
	all := &catalog{Streams: []catalogStream{}}
	namespaced := hasSeveralSchemas(tables)
	for _, t := range tables.Tables() {
		stream := catalogStream{
			Name: t.Name,
			JSONSchema: streamSchema{
				Type: "object", Description: redact(t.Description), Properties: properties{}, AdditionalProperties: true,
			},
			SupportedSyncModes: []string{"full_refresh", "incremental"}, SourceDefinedCursor: true, IsResumable: true,
		}
		if namespaced {
			stream.Namespace = t.Schema
		}
		for _, c := range t.Columns {
			c.Description = redact(c.Description)
			stream.JSONSchema.Properties = append(stream.JSONSchema.Properties, property{c.Name, schemaOf(c)})
		}
		for _, key := range t.PrimaryKey() {
			stream.SourceDefinedPrimaryKey = append(stream.SourceDefinedPrimaryKey, []string{key})
		}
		added := addedTo(t)
		if added.cursor {
			stream.DefaultCursorField = []string{cursorColumn}
		}
		stream.JSONSchema.Properties = append(stream.JSONSchema.Properties, added.properties()...)
		all.Streams = append(all.Streams, stream)
	}
	return all
}

// hasSeveralSchemas reports whether the tables need a namespace.
func hasSeveralSchemas(tables schema.Schema) bool {
	all := tables.Tables()
	for _, t := range all {
		if t.Schema != all[0].Schema {
			return true
		}
	}
	return false
}
