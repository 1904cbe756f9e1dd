package singer

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A catalogEntry is a stream of a catalog that was passed to the tap.
type catalogEntry struct {
	ID                string `json:"tap_stream_id"`
	Stream            string `json:"stream"`
	TableName         string `json:"table_name"`
	ReplicationMethod string `json:"replication_method"`
	Selected          choice `json:"selected"` // by tools that predate the metadata
	Schema            struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Selected   choice                     `json:"selected"` // likewise
	} `json:"schema"`
	Metadata []struct {
		Breadcrumb []any    `json:"breadcrumb"` // may contain the index of an item
		Metadata   metadata `json:"metadata"`
	} `json:"metadata"`
}

// metadata is the metadata of a stream or property.
type metadata struct {
	Inclusion         string `json:"inclusion"`
	Selected          choice `json:"selected"`
	SelectedByDefault choice `json:"selected-by-default"`
	SchemaName        string `json:"schema-name"`
	Method            string `json:"replication-method"`
	ForcedMethod      string `json:"forced-replication-method"`
}

// isSelected returns the first answer of: the inclusion, whether the user has selected
// it, and the default.
func (m metadata) isSelected() bool {
	switch strings.ToLower(m.Inclusion) {
	case "unsupported":
		return false
	case "automatic":
		return true
	}
	return cmp.Or(m.Selected, m.SelectedByDefault, chosen) == chosen
}

// or returns m, in which the members of older replace those that m lacks.
func (m metadata) or(older metadata) metadata {
	m.Inclusion = cmp.Or(m.Inclusion, older.Inclusion)
	m.Selected = cmp.Or(m.Selected, older.Selected)
	m.SelectedByDefault = cmp.Or(m.SelectedByDefault, older.SelectedByDefault)
	return m
}

// name returns the name of the stream.
func (e *catalogEntry) name() string { return cmp.Or(e.ID, e.Stream) }

// own returns the metadata of the stream itself.
func (e *catalogEntry) own() metadata {
	var own metadata
	for _, m := range e.Metadata {
		if len(m.Breadcrumb) == 0 {
			own = m.Metadata
		}
	}
	own.Selected = cmp.Or(own.Selected, e.Selected, e.Schema.Selected)
	return own
}

// columns reports for each property whether it is selected. If the schema has no
// properties, it reports on those that have metadata.
func (e *catalogEntry) columns() (map[string]bool, error) {
	all := make(map[string]bool, len(e.Schema.Properties))
	old := map[string]metadata{} // of tools that predate the metadata
	for name, raw := range e.Schema.Properties {
		var m metadata
		if rawjson.Value(raw).IsObject() {
			if err := json.Unmarshal(raw, &m); err != nil {
				return nil, err
			}
		}
		old[name], all[name] = m, m.isSelected()
	}
	for _, m := range e.Metadata {
		if len(m.Breadcrumb) != 2 || m.Breadcrumb[0] != "properties" {
			continue
		}
		name, ok := m.Breadcrumb[1].(string)
		if _, known := e.Schema.Properties[name]; known || ok && len(e.Schema.Properties) == 0 {
			column := m.Metadata.or(old[name])
			all[name] = column.isSelected()
		}
	}
	return all, nil
}

// isFullTable reports whether the user wants the whole table in each sync. The choice
// of the user comes first. The other two are those of discovery, unless they were
// edited.
func (e *catalogEntry) isFullTable() bool {
	own := e.own()
	if own.Method != "" {
		return isFullTable(own.Method)
	}
	return isFullTable(e.ReplicationMethod) || isFullTable(own.ForcedMethod)
}

func isFullTable(method string) bool { return strings.EqualFold(method, "FULL_TABLE") }
