package airbyte

import (
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

// A choice is what a configured catalog means for the tables of a source.
type choice struct {
	streams   []*stream
	selection host.Selection
	warnings  []string
}

// choose finds the tables of the configured streams. A stream that the source does not
// have causes a warning, because the sync must continue with the other streams.
func choose(tables *tableIndex, configured []configuredStream) (*choice, error) {
	c := new(choice)
	var choices []host.TableChoice
	byTable := map[*schema.Table]descriptor{}
	for _, s := range configured {
		t := tables.find(s.descriptor)
		if t == nil {
			c.warnings = append(c.warnings, fmt.Sprintf("stream %s: %s, so it is not read; refresh the schema of the connection, and remove or replace the stream",
				s.descriptor.shown(), tables.whyUnknown(s.descriptor)))
			continue
		}
		if other, twice := byTable[t]; twice {
			return nil, &connector.Error{Kind: connector.Configuration, Hint: "refresh the schema of the connection",
				Err: fmt.Errorf("the configured catalog: the streams %s and %s both name table %s", other.shown(), s.descriptor.shown(), t)}
		}
		byTable[t] = s.descriptor
		chosen := newStream(s.descriptor, t)
		chosen.overwrites = s.overwrites
		chosen.markDeselected = s.columns != nil && !slices.Contains(s.columns, deletedColumn)
		c.streams = append(c.streams, chosen)
		choices = append(choices, host.TableChoice{Schema: t.Schema, Table: t.Name, Columns: s.columns})
		for _, key := range t.PrimaryKey() {
			if s.columns != nil && !slices.Contains(s.columns, key) {
				c.warnings = append(c.warnings, fmt.Sprintf("column %s of table %s is part of the primary key: it is delivered although it is deselected", key, t))
			}
		}
	}
	c.selection, _ = host.SelectOnly(tables, choices...)
	for _, s := range c.streams {
		if s.table.PrimaryKey() != nil {
			inSchema := c.selection.Schemas[s.table.Schema].Tables
			selected := inSchema[s.table.Name]
			selected.Reserved = []string{cursorColumn, deletedColumn}
			inSchema[s.table.Name] = selected
		}
	}
	return c, nil
}
