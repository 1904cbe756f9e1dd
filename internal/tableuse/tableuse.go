// Package tableuse tells package connectortest how a sync has used the tables of its
// source: which it has read, and with which cursors. Operations and states do not
// show that. The suite puts a function into the context of a run, and the runtime calls
// it at the end of each sync.
package tableuse

import "context"

// A Sync describes the tables of a sync.
type Sync struct {
	// Unread holds the tables that nothing has read although functions of their own, as
	// those of connector.Tables are, have read others. The names are those in Tables.
	Unread map[string]bool
	// Warnings are those that the connector has passed to Emitter.Warn. The others are
	// of the runtime.
	Warnings []string
	// Tables holds the tables by their names, with the schema.
	Tables map[string]Table
}

// A Table describes one table.
type Table struct {
	// Named reports whether the connector has named the table in an operation, in a
	// question about the selection or in the use of its state, or has given a
	// function for it or for a table that it follows.
	Named bool
	// Cursor reports whether the connector has created a cursor of the table.
	Cursor bool
	// Sorted reports whether all of these cursors move with each row.
	Sorted bool
	// Moved reports whether the state has a position of the table, or will have one
	// at the end of the table.
	Moved bool
}

type contextKey struct{}

// With returns a copy of ctx that carries report.
func With(ctx context.Context, report func(Sync)) context.Context {
	return context.WithValue(ctx, contextKey{}, report)
}

// From returns the function that ctx carries, or nil.
func From(ctx context.Context) func(Sync) {
	report, _ := ctx.Value(contextKey{}).(func(Sync))
	return report
}
