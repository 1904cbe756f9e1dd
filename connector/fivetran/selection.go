package fivetran

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/schema"
)

var errNoSchemaNamed = errors.New("selection: it names no schema, but the source has several: select the tables of each schema again in Fivetran")

// selectionOf converts a selection. Without one, everything is selected.
func selectionOf(known schema.Schema, m *protocol.Selection) (host.Selection, error) {
	switch {
	case m == nil || m.WithSchema == nil && m.WithoutSchema == nil:
		return host.Selection{}, nil
	case m.WithSchema != nil:
		sel := host.Selection{Schemas: map[string]host.SchemaSelection{}, OnlyNamed: !m.WithSchema.IncludeNewSchemas}
		for _, s := range m.WithSchema.Schemas {
			sel.Schemas[s.Name] = schemaSelection(s.Tables, s.Included, s.IncludeNewTables)
		}
		return sel, nil
	}
	if newNaming(known).several {
		return host.Selection{}, &connector.Error{Kind: connector.Configuration, Err: errNoSchemaNamed}
	}
	only := schemaSelection(m.WithoutSchema.Tables, true, m.WithoutSchema.IncludeNewTables)
	return host.Selection{Others: &only}, nil
}

func schemaSelection(tables []protocol.TableSelection, included, includeNew bool) host.SchemaSelection {
	sel := host.SchemaSelection{Tables: map[string]host.TableSelection{}, OnlyNamed: !includeNew, Excluded: !included}
	for _, t := range tables {
		sel.Tables[t.Name] = host.TableSelection{Columns: t.Columns, OnlyNamed: !t.IncludeNewColumns, Excluded: !t.Included}
	}
	return sel
}

// emptyWarning returns a warning for the user if a selection includes no table of the source,
// and "" otherwise. This is not an error: the user may have deselected all of them, and a
// selection of schemas that the source used to have is one that Fivetran may send.
func emptyWarning(known schema.Schema, sel *host.Selection) string {
	tables := known.Tables()
	if len(tables) == 0 || slices.ContainsFunc(tables, func(t *schema.Table) bool { return sel.WantsTable(t.Schema, t.Name) }) {
		return ""
	}
	const nothing = "no table of the source is selected, so the rows of its tables are not delivered: "
	has, lacks := map[string]bool{}, map[string]bool{}
	for _, t := range tables {
		has[t.Schema] = true
	}
	for name, s := range sel.Schemas {
		if !s.Excluded && !has[name] {
			lacks[name] = true
		}
	}
	if len(lacks) == 0 {
		return nothing + "select tables in Fivetran"
	}
	return fmt.Sprintf("%sthe selection names %s, and the source has %s; let Fivetran read the tables of the source again, and select them", nothing, schemaNames(lacks), schemaNames(has))
}

// maxNames is the number of schemas that a warning names.
const maxNames = 5

// schemaNames returns the names of schemas as a phrase.
func schemaNames(set map[string]bool) string {
	names := slices.Sorted(maps.Keys(set))
	noun := "the schema "
	if len(names) > 1 {
		noun = "the schemas "
	}
	var shown []string
	for _, name := range names[:min(len(names), maxNames)] {
		shown = append(shown, pasted.Label(name))
	}
	if len(names) > maxNames {
		shown = append(shown, "…")
	}
	return noun + strings.Join(shown, ", ")
}
