/*
Command penstock is a platform on your own machine. It runs a connector, stores
what it delivers in a database, and prints a summary.

	go tool penstock sync -- ./restapi
	go tool penstock query "select status, count(*) from shop.orders group by status"

A connector is any program that speaks the stdin protocol, in any language. In a
module of your own,

	go get -tool github.com/penstock-sdk/penstock/connector/cmd/penstock

makes the command available as go tool penstock. In a checkout of the SDK, it is

	go run ./connector/cmd/penstock sync -- ./restapi

# Commands

	penstock sync [flags] -- COMMAND [ARGUMENT ...]
	penstock watch [flags] -build "go build -o restapi ." -- COMMAND [ARGUMENT ...]
	penstock query [-format table|csv|json] "select …"
	penstock diff [-format table|csv|json] [-limit 20]
	penstock summary [-json]
	penstock reset
	penstock init [-module PATH] [-sdk DIRECTORY] NAME
	penstock help [COMMAND]

penstock help prints an overview. penstock help sync and penstock sync -h print the
usage and the flags of sync.

watch builds the connector and syncs, now and each time a source file, the
configuration or the selection changes. query only reads; the quotes of
"shop.orders" can be left out. diff prints the rows that the last sync added,
changed and deleted. It compares the warehouse with a copy that was made before the
sync. init creates a module with a new connector, a copy of the example restapi,
whose tests pass, and prints the lines of its go.mod that name the SDK.

The exit status is 0 for success, 1 for a failure and 2 for a usage error. An
interrupt ends the connector first; a second one ends at once.

# What a sync does

sync reads configuration.json, a JSON object of strings in which ${NAME} stands for
an environment variable, and of objects of them, which are sent as text. It asks the
connector for its spec, and reports fields that are missing or that the connector
does not know. Then it has the configuration tested, asks for the schema, and syncs
from the last state.

It stores tables in files/warehouse.db and the state in files/state.json. Rows and
state are committed together, at each STATE line, in one transaction. If either
process is killed at any time, the warehouse holds the rows that stood before some
STATE, and the next sync resumes from that state. A malformed line ends the sync
with an error that quotes it: it may have been a row that a later STATE covers.
Records after the last STATE are not stored, and are delivered again.

A state.json that was edited or removed takes effect. If it was removed, the next
sync reads the source from the beginning and replaces the rows of the warehouse.

# Selection

	penstock sync -selection selection.json -- ./restapi

passes the tables and columns to deliver to the connector. The file is a JSON object
as in selection.tables of the protocol:

	{"shop": {"orders": {"columns": {"email": false}}, "carts": false}}

Everything that the file does not name is delivered. If a row of a deselected table
or a deselected column is delivered all the same, the sync fails with an error that
names it. The columns of a primary key can't be deselected: a warning says so, as it
does for a table that the schema does not have.

# Replaced secrets

A source may replace a value of the configuration while it is used, as OAuth servers
replace refresh tokens. The connector hands the new value back in a SECRETS line,
before any answer or during a sync. penstock writes the value to the configuration's
file before it reads on, sends it in all further requests, and never prints it. The
rest of the file stays as it is. The file is replaced as a whole, with the same
permissions.

A field that the file takes from an environment variable, as ${NAME}, stays as it
is. A warning names the variable and says that the new value could not be stored: it
is sent until the command ends, and the next command sends the old value again.

The connector's spec must mark such a field "x-rotates": true. A new value of any
other field is an error that names the field. A field within an object has a dotted
name, such as proxy.password, unless the spec has a field of that very name.

# The tables

A table orders of the schema shop is the table "shop.orders" of the file, with the
semantics of a platform: an upsert replaces the whole row, an update changes the
columns that it has, deletes and truncates mark rows in _fivetran_deleted.
_fivetran_synced says when a row was written, and a table without primary key has
_fivetran_id, which is the same for the same values.

	BOOLEAN            0 or 1
	SHORT INT LONG     INTEGER
	FLOAT DOUBLE       DOUBLE
	DECIMAL            text, with the digits of the source
	UTC_DATETIME …     text, as the source sent it
	BINARY             BLOB
	JSON               JSON text, for SQLite's -> and ->>
	STRING XML         text

A column that the schema does not have is added with its first value, whose type it
gets. A column whose type does not hold a value is widened, together with its stored
values: SHORT to INT to LONG to DECIMAL, DOUBLE to DECIMAL, all else to STRING.
-naming platform renames tables and columns as Fivetran does, userData to user_data.
Names that become the same are an error.

# What it prints

On a terminal, sync draws a table and updates it; elsewhere it prints a line now and
then. At the end it prints for each table how many rows were delivered, how many the
warehouse holds, which columns are new, and which had no value but null. penstock
summary prints this again, -json prints it for scripts, and NO_COLOR turns colours
off. Of the connector's log, it prints warnings and errors, and with -v everything.

With -explain, sync examines the rows for problems that authors otherwise find in
production: primary keys that are delivered again with another row, strings that are
all numbers or dates, JSON with escaped quotes, rows out of the cursor's order,
instants in the future, a state that grows, too few checkpoints.

# Why SQLite

SQLite is built by Go alone, and its file can be opened by sqlite3 and by every other
program that reads SQLite, including DuckDB with its sqlite extension. Measured on 2
cores, for 1,000,000 orders of 9 columns, upserted by key with a commit every 10,000
rows:

	                            SQLite (go-sqlite3)   DuckDB (duckdb-go)
	needs a C compiler          no                    yes
	module downloads, unpacked  60 MB                 977 MB
	size of a program           12 MB                 67 MB
	first load, rows/s          505,000               275,000
	all rows again, rows/s      586,000               449,000
	own bulk load of CSV        611,000               1,080,000

DuckDB answers queries much faster. The queries of an author about a sync's tables
do not take long in either.
*/
package main
