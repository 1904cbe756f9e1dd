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

penstock init prints how to add the command to a module from a checkout.

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
	penstock package fivetran [flags] PKG
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
    Airbyte, Meltano and Fivetran".

The exit status is 0 for success, 1 for a failure and 2 for a usage error. On an
interrupt, or when the terminal is closed, penstock stops the connector and then exits. On
a second interrupt, or 15 seconds after the first, it kills the connector and exits
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
delivered, the number of rows in the warehouse, the new columns, and the columns in which
the warehouse has only null. With -json, sync and summary print it as one JSON object.

sync warns of a table in which more than a tenth of the rows, and at least 10, replaced a
different row of the same sync. Either the primary key lacks a column, or the source
delivers several versions of a row. If a table has more than 10,000 rows, a sample of them
is compared.

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

# Connectors and data that are not trusted

penstock runs any program, and a source can put anything into a name or a row. The
following holds for every connector and all data.

Text on a terminal. Control characters, bytes that are not UTF-8, and characters that are
invisible or change the direction of text are printed as escapes, such as \x1b and \u202e.
This includes rows, names, the connector's log and messages, errors, and the output of the
build command of watch. Lines of a message after the first are indented, so that they
cannot pass for a line of penstock. The formats csv and json, and the summary as JSON, are
exact if they go to a file or a pipe. On a terminal they are escaped, too. JSON keeps its
values. A program can still open the terminal itself.

Secrets. penstock knows the values of the fields that the connector's spec calls secret,
also within objects: fields with "writeOnly", "x-rotates", "airbyte_secret", "sensitive" or
"secret", or with the format "password". Without a spec, it goes by the names of the fields.
It masks the values in everything that it prints and stores, as [redacted], and names the
field and the place:

  - In a row, the warehouse holds the masked value, and a warning counts the rows. A secret
    in a primary key or in the name of a table fails the sync.
  - In a state or in the schema, a secret fails the sync. The state is not stored.
  - In a message, in the log and in an error, a warning counts the occurrences.

Secrets of fewer than 8 bytes are not looked for in rows and states, where they would match
data by chance. The connector's log of the action spec is printed once the spec is known.

Files. The database, the copy of it, the state and the lock are readable for you alone,
regardless of the umask. If others could read one of them, sync changes its mode and says
so. A directory that penstock creates is for you alone. An existing directory does not
change; if every user can replace its files, sync says so. In a directory that every user
can write to, penstock follows no symbolic link and uses no file of another user. The
configuration file keeps its mode; if it holds secrets and others can read it, sync says so.

Command lines. No flag of penstock takes a secret, because other users can see command
lines, and shells keep them in their history. The same holds for the arguments of the
connector: put secrets into the configuration file, or name environment variables there.
Errors about the configuration file do not quote it.

Processes. A connector runs in its own process group. When it has exited, its children have
one second to end, and are then killed. What the connector wrote before is read first. A
child in another group is not killed, but penstock does not wait for it. Windows has no such
groups: there, only the connector itself is ended.

Sizes. A line of an answer has at most 64 MiB. A longer one fails the sync as soon as that
much of it has been read. A log line of more than 64 KB is printed in pieces, each with a
mark. Neither needs a line end for that.

Queries. A query cannot attach files, load extensions or change settings.

# Packages for Airbyte, Meltano and Fivetran

	penstock package airbyte -image example/source-shop:1.2.3 ./shop
	penstock package meltano -version 1.2.3 ./shop
	penstock package fivetran -decimal 38,10 ./shop

PKG is a directory or an import path: a Go package whose main function calls
penstock.Main. package compiles it without cgo, starts it to check that it serves the
platform, and creates a directory:

  - package airbyte creates shop-airbyte. It contains executables for linux/amd64 and
    linux/arm64, a Dockerfile, metadata.yaml and a README. docker build makes an image
    of it that Airbyte runs as a source.
  - package meltano creates shop-meltano, a Meltano project. It contains an executable
    for this machine (or -platform), meltano.yml with a setting for each field of the
    configuration, .env.example with the settings that must be filled in, and a README.
  - package fivetran creates shop-fivetran, the folder that fivetran deploy takes. It
    contains executables for linux/amd64 and linux/arm64 and a connector.py, the same for
    every connector, with which Fivetran's Connector SDK runs them. The form and the
    tables are read from the connector and written into penstock.json. The Connector SDK
    requires a precision of each DECIMAL column: -decimal sets it for columns that declare
    none. If the tables depend on the configuration, -configuration names a file with one.

The same source, version of Go and flags yield the same bytes. The name of the image or
plugin is source-NAME or tap-NAME. NAME is the last element of the package path, or
-name, in lower case and with dashes instead of other characters. With -version, the
program prints that version instead of the one in its build information.

If the directory exists, package fails. With -force, it replaces the files that it
writes and keeps all others, and the configuration.json of a folder for Fivetran. An
error or an interrupt leaves no new directory. No file contains a secret: settings that
hold one have no default.

package airbyte was tested without Docker and without Airbyte. The Dockerfile, most of
metadata.yaml and the steps in the README follow Airbyte's documentation. The project
for Meltano was run with Meltano 4.4.1. package fivetran is experimental: the folder was
run with the server of fivetran-connector-sdk 2.13.1, and never by Fivetran. Its README
lists what is not known.

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
