package main

import (
	"fmt"
	"io"
)

// A manual is a command's usage text.
type manual struct {
	name      string
	arguments string // follow the flags
	summary   string // one sentence that describes the command
}

// manuals lists the commands in the order in which help prints them.
var manuals = []manual{
	{"sync", "-- COMMAND [ARGUMENT ...]", "Sync tests the connector's configuration, reads its schema and syncs its tables into files/warehouse.db."},
	{"watch", "-- COMMAND [ARGUMENT ...]", "Watch builds the connector and runs sync, and repeats both each time a source file, the configuration or the selection changes."},
	{"query", `["SELECT ..."]`, "Query runs an SQL query on the warehouse and prints the rows. Without a query, it lists the tables."},
	{"diff", "", "Diff prints the rows that the last sync added, changed and deleted."},
	{"summary", "", "Summary prints the summary of the last sync again."},
	{"reset", "", "Reset deletes the warehouse and the state, so that the next sync reads the source from the beginning."},
	{"init", "NAME", "Init creates a module with a new connector and tests that pass."},
	{"package airbyte", "PKG", "Package airbyte builds the connector in the Go package PKG for Linux and writes the files of an image that Airbyte runs as a source."},
	{"package meltano", "PKG", "Package meltano builds the connector in the Go package PKG and writes a Meltano project that runs it as a Singer tap."},
	{"package fivetran", "PKG", "Package fivetran builds the connector in the Go package PKG for Linux and writes the folder that fivetran deploy takes: a connector in Python that runs it. This is experimental."},
}

func manualOf(name string) manual {
	for _, m := range manuals {
		if m.name == name {
			return m
		}
	}
	return manual{name: name}
}

// line returns the command's usage line.
func (m manual) line() string {
	line := "penstock " + m.name + " [flags]"
	if m.arguments != "" {
		line += " " + m.arguments
	}
	return line
}

// overview prints the usage of all commands.
func overview(w io.Writer) {
	fmt.Fprint(w, `Penstock runs a connector the way a data platform does. It stores the connector's
tables in a SQLite database that you can query.

Usage:

`)
	for _, m := range manuals {
		fmt.Fprintf(w, "    %s\n        %s\n", m.line(), m.summary)
	}
	fmt.Fprint(w, `    penstock help [COMMAND]
        Help prints this text. With a command, it prints the command's flags, as
        penstock COMMAND -h does.

Examples:

    penstock sync -- ./restapi
    penstock query "select status, count(*) from shop.orders group by status"
`)
}
