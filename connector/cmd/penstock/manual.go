package main

import (
	"fmt"
	"io"
)

// A manual is the text of a command's usage.
type manual struct {
	name      string
	arguments string // after the flags
	summary   string // what the command does, in one sentence
}

// manuals are the commands, in the order in which they are listed.
var manuals = []manual{
	{"sync", "-- COMMAND [ARGUMENT ...]", "Sync tests the connector's configuration, reads its schema and syncs its tables into files/warehouse.db."},
	{"watch", "-- COMMAND [ARGUMENT ...]", "Watch builds the connector and syncs, now and each time a source file changes."},
	{"query", `["SELECT ..."]`, "Query prints the rows of an SQL query of the warehouse or, without a query, a list of its tables."},
	{"diff", "", "Diff prints the rows that the last sync added, changed and deleted."},
	{"summary", "", "Summary prints the summary of the last sync again."},
	{"reset", "", "Reset deletes the warehouse and the state, so that the next sync reads the source from the beginning."},
	{"init", "NAME", "Init creates a module with a new connector, whose tests pass."},
}

func manualOf(name string) manual {
	for _, m := range manuals {
		if m.name == name {
			return m
		}
	}
	return manual{name: name}
}

// line is the command's usage line.
func (m manual) line() string {
	line := "penstock " + m.name + " [flags]"
	if m.arguments != "" {
		line += " " + m.arguments
	}
	return line
}

// overview prints the usage of all commands.
func overview(w io.Writer) {
	fmt.Fprint(w, `Penstock runs a connector as a platform does, and stores what it delivers in a
database that you can query.

Usage:

`)
	for _, m := range manuals {
		fmt.Fprintf(w, "    %s\n        %s\n", m.line(), m.summary)
	}
	fmt.Fprint(w, `    penstock help [COMMAND]
        Help prints this text, or the flags of a command, as penstock COMMAND -h does.

For example:

    penstock sync -- ./restapi
    penstock query "select status, count(*) from shop.orders group by status"
`)
}
