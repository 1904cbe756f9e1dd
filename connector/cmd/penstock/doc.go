/*
Command penstock runs a connector the way a data platform does, on your own machine.
It stores the connector's tables in a SQLite database and prints a summary.

	go tool penstock sync -- ./restapi
	go tool penstock query "select status, count(*) from shop.orders group by status"

A connector is any program, in any language, that speaks the stdin protocol. To add
the command to your module, so that go tool penstock runs it:

	go get -tool github.com/penstock-sdk/penstock/connector/cmd/penstock

In a checkout of the SDK, use go run instead:

	go run ./connector/cmd/penstock sync -- ./restapi

# Commands

	penstock sync [flags] -- COMMAND [ARGUMENT ...]
	penstock watch [flags] -build "go build -o restapi ." -- COMMAND [ARGUMENT ...]
	penstock query [-format table|csv|json] "select …"
	penstock diff [-format table|csv|json] [-limit 20]
	penstock summary [-json]
	penstock reset
	penstock init [-module PATH] [-sdk DIRECTORY] NAME
	penstock package airbyte [flags] PKG
	penstock package meltano [flags] PKG
	penstock help [COMMAND]

penstock help prints an overview. penstock help sync and penstock sync -h both print
the usage and the flags of sync.

  - sync runs the connector and stores its tables. See "What a sync does".
  - watch builds the connector and runs sync, and repeats both each time a source file,
    the configuration or the selection changes.
  - query runs one SQL statement. The statement cannot write. The quotes around
    "shop.orders" are optional. Without a statement, query lists the tables.
  - diff prints the rows that the last sync added, changed and deleted. It compares the
    warehouse with a copy that the sync made before it wrote anything.
  - summary prints the summary of the last sync again.
  - reset deletes the warehouse and the state.
  - init creates a module with a new connector and tests that pass. The connector is a
    copy of the example restapi. init prints the lines of go.mod that name the SDK.
  - package writes the files with which a platform runs a connector. See "Packages for
    Airbyte and Meltano".

The exit status is 0 for success, 1 for a failure and 2 for a usage error. On an
interrupt, penstock stops the connector and then exits. On a second interrupt, it exits
immediately.

# What a sync does

The configuration is the file configuration.json. It holds a JSON object whose values
are strings or objects. In a string, ${NAME} stands for an environment variable. An
object is sent to the connector as text. The connector converts the strings to the types
of its fields. On Airbyte and as a Singer tap, it accepts the same file, unless the file
has ${NAME}.

sync requests the connector's spec and reports fields that are missing or that the
connector does not know. It then has the connector test the configuration, requests the
schema, and syncs from the last state.

Tables are stored in files/warehouse.db and the state in files/state.json. Each STATE
line commits the state, and the rows before it, in one transaction. If either process is
killed, the warehouse holds exactly the rows that preceded some STATE line. The next
sync resumes from that state. Records after the last STATE line are not stored; the
connector delivers them again. A malformed line ends the sync with an error that quotes
it, because the line may have been a row that a later STATE covers.

You may edit or remove state.json. After an edit, the next sync starts from the edited
state. After a removal, it reads the source from the beginning and replaces the rows in
the warehouse.

# Selection

	penstock sync -selection selection.json -- ./restapi

The selection determines which tables and columns the connector delivers. The file holds
a JSON object in the format of the protocol's selection.tables:

	{"shop": {"orders": {"columns": {"email": false}}, "carts": false}}

Tables and columns that the file does not name are delivered. If the connector delivers
a deselected table or column, the sync fails with an error that names it. The columns of
a primary key cannot be deselected. A warning reports them, and tables that the schema
does not have.

# Replaced secrets

A source may replace a value of the configuration while a connector uses it, as OAuth
servers replace refresh tokens. The connector reports the new value in a SECRETS line,
before an answer or during a sync. Before penstock reads the next line, it writes the
value to the configuration file. It sends the new value in all further requests and
never prints it. The rest of the file does not change. The file is replaced atomically
and keeps its permissions.

A field that the file takes from an environment variable, as ${NAME}, cannot be stored.
The file does not change, and a warning names the variable. penstock sends the new value
until the command ends. The next command sends the old value again.

The connector's spec must mark a field that rotates with "x-rotates": true. A new value
for any other field is an error that names the field. A field inside an object has a
dotted name, such as proxy.password. If the spec has a field with exactly that name, the
name means that field.

# The tables

Table orders of schema shop is stored as the table "shop.orders". It behaves as it would
on a data platform:

  - An upsert replaces the whole row.
  - An update changes only the columns that it contains.
  - A delete or truncate sets _fivetran_deleted on the rows it removes.
  - _fivetran_synced holds the time at which a row was written.
  - A table without a primary key has a column _fivetran_id, which is equal for rows
    with equal values.

Column types map to SQLite as follows:

	BOOLEAN            0 or 1
	SHORT INT LONG     INTEGER
	FLOAT DOUBLE       DOUBLE
	DECIMAL            text, with the digits of the source
	UTC_DATETIME …     text, as the source sent it
	BINARY             BLOB
	JSON               JSON text, for SQLite's -> and ->>
	STRING XML         text

If a row has a column that the schema does not have, the column is added with the type of
its first value. If a value does not fit its column, the column and its stored values are
converted to a wider type: SHORT to INT to LONG to DECIMAL, DOUBLE to DECIMAL, and all
others to STRING.

By default, tables and columns keep the names that the source gives them. The flag
-naming platform renames them by Fivetran's rules, for example userData to user_data. It
is an error if two names become equal.

# What it prints

On a terminal, sync shows a table and keeps it up to date. Otherwise, it prints a line
every 10 seconds. The summary at the end lists, for each table, the number of rows
delivered, the number of rows in the warehouse, the new columns, and the columns that
contained only null. With -json, sync and summary print it as one JSON object.

sync prints the warnings and errors in the connector's log. With -v, it prints the whole
log. If the environment variable NO_COLOR is set, the output has no colors.

With -explain, sync checks the rows for problems that otherwise appear in production:

  - a primary key delivered twice with different rows
  - strings that are all numbers or dates
  - JSON with escaped quotes
  - rows out of the cursor's order
  - timestamps in the future
  - a state that keeps growing
  - too few checkpoints

# Packages for Airbyte and Meltano

	penstock package airbyte -image example/source-shop:1.2.3 ./shop
	penstock package meltano -version 1.2.3 ./shop

PKG is a directory or an import path: a Go package whose main function calls
penstock.Main. package compiles it without cgo, starts it to check that it serves the
platform, and creates a directory:

  - package airbyte creates shop-airbyte. It contains executables for linux/amd64 and
    linux/arm64, a Dockerfile, metadata.yaml and a README. docker build makes an image
    of it that Airbyte runs as a source.
  - package meltano creates shop-meltano, a Meltano project. It contains an executable
    for this machine (or -platform), meltano.yml with a setting for each field of the
    configuration, .env.example with the settings that must be filled in, and a README.

The same source, version of Go and flags yield the same bytes. The name of the image or
plugin is source-NAME or tap-NAME. NAME is the last element of the package path, or
-name, in lower case and with dashes instead of other characters. With -version, the
program prints that version instead of the one in its build information.

If the directory exists, package fails. With -force, it replaces the files that it
writes and keeps all others. An error or an interrupt leaves no new directory. No file
contains a secret: settings that hold one have no default.

package airbyte was tested without Docker and without Airbyte. The Dockerfile, most of
metadata.yaml and the steps in the README follow Airbyte's documentation. The project
for Meltano was run with Meltano 4.4.1.

# Why SQLite

The SQLite driver builds with the Go toolchain alone. The sqlite3 shell and any other
program that reads SQLite can open the file, including DuckDB with its sqlite extension.
Measured on 2 cores with 1,000,000 orders of 9 columns, upserted by key and committed
every 10,000 rows:

	                            SQLite (go-sqlite3)   DuckDB (duckdb-go)
	needs a C compiler          no                    yes
	module downloads, unpacked  60 MB                 977 MB
	program size                12 MB                 67 MB
	first load, rows/s          505,000               275,000
	all rows again, rows/s      586,000               449,000
	own bulk load of CSV        611,000               1,080,000

DuckDB answers queries much faster, but the queries an author runs on a sync's tables
are fast enough in either.
*/
package main
