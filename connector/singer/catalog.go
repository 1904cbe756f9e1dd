package singer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/schema"
)

// errCatalog reports a catalog that cannot be used.
func errCatalog(format string, args ...any) error {
	return &connector.Error{
		Kind: connector.Configuration, Hint: "run the tap with --discover to get a new catalog",
		Err: fmt.Errorf("catalog: %w", fmt.Errorf(format, args...)),
	}
}

// choose replaces the selection by that of a catalog. A stream or property that the
// catalog lacks is not selected. A stream whose replication method is FULL_TABLE is
// marked for a full load.
func (s *streams) choose(path string, log *slog.Logger) error {
	var raw json.RawMessage
	if err := host.ReadJSON(path, &raw); err != nil {
		return errCatalog("%w", err)
	}
	entries, err := parseCatalog(raw)
	if err != nil {
		return err
	}
	s.selection = host.Selection{OnlyNamed: true, Listed: true, Schemas: map[string]host.SchemaSelection{}}
	for _, e := range entries {
		if err := s.chooseStream(&e, log); err != nil {
			return err
		}
	}
	return nil
}

// parseCatalog decodes a catalog.
func parseCatalog(raw []byte) ([]catalogEntry, error) {
	var catalog struct {
		Streams *[]catalogEntry `json:"streams"`
	}
	if err := json.Unmarshal(raw, &catalog); err != nil {
		return nil, errCatalog("want an object with a list of streams, as --discover prints it: %w", plainError(err))
	}
	if catalog.Streams == nil {
		return nil, errCatalog("it has no list of streams")
	}
	seen := map[string]bool{}
	for i := range *catalog.Streams {
		e := &(*catalog.Streams)[i]
		name := e.name()
		switch {
		case name == "":
			return nil, errCatalog("stream %d has no tap_stream_id", i+1)
		case seen[name]:
			return nil, errCatalog("stream %q is listed twice", pasted.Label(name))
		}
		seen[name] = true
	}
	return *catalog.Streams, nil
}

// plainError returns the part of an error of encoding/json that does not name Go types.
func plainError(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s has the wrong type, %s", cmp.Or(e.Field, "the catalog"), e.Value)
	}
	return err
}

// chooseStream selects one stream of a catalog. If the source does not have the stream,
// its table may still be declared during the sync.
func (s *streams) chooseStream(e *catalogEntry, log *slog.Logger) error {
	own := e.own()
	if !own.isSelected() {
		return nil
	}
	columns, err := e.columns()
	if err != nil {
		return errCatalog("stream %q: %w", pasted.Label(e.name()), plainError(err))
	}
	sel := host.TableSelection{OnlyNamed: len(e.Schema.Properties) > 0, Columns: columns}
	stream := s.byName[e.name()]
	if stream == nil {
		log.Warn("the source does not have a stream that the catalog selects: run the tap with --discover to get a new catalog", "stream", pasted.Label(e.name()))
		late := tableKey{cmp.Or(own.SchemaName, s.schemaName), cmp.Or(e.TableName, e.name())}
		if s.byTable[late] == nil { // otherwise the catalog selects it by its present name or not at all
			s.selectTable(late.schema, late.table, sel)
		}
		return nil
	}
	for _, name := range stream.table.PrimaryKey() {
		columns[name] = true
	}
	s.selectTable(stream.table.Schema, stream.table.Name, sel)
	stream.fullLoad.wanted = e.isFullTable()
	s.warnAboutUnlisted(stream, log)
	return nil
}

// warnAboutUnlisted warns about the columns of a stream that are not delivered because
// the catalog does not list them. It warns about each column once: a connector may
// declare a table again and again.
func (s *streams) warnAboutUnlisted(stream *stream, log *slog.Logger) {
	sel := s.selection.Schemas[stream.table.Schema].Tables[stream.table.Name]
	if !sel.OnlyNamed {
		return
	}
	var unlisted []string
	for _, c := range stream.table.Columns {
		_, listed := sel.Columns[c.Name]
		if !listed && !c.PrimaryKey && !isMark(c.Name) && !stream.unlisted[c.Name] {
			unlisted = append(unlisted, c.Name)
		}
	}
	if len(unlisted) == 0 {
		return
	}
	if stream.unlisted == nil {
		stream.unlisted = make(map[string]bool, len(unlisted))
	}
	for _, name := range unlisted {
		stream.unlisted[name] = true
	}
	log.Warn("the catalog does not list columns of a selected stream, so they are not delivered: run the tap with --discover to get a new catalog", "stream", stream.name, "columns", unlisted)
}

// wantedColumns returns the function that schemaMessage takes.
func (s *streams) wantedColumns(t *schema.Table) func(*schema.Column) bool {
	return func(c *schema.Column) bool { return s.wants(t, c) }
}

// selected returns the selected streams.
func (s *streams) selected() []*stream {
	return slices.DeleteFunc(slices.Clone(s.all), func(stream *stream) bool { return !s.isSelected(stream) })
}
