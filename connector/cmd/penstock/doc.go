/*
Command debug is a platform on your own machine: it runs a connector, keeps what
it delivers in a database, and says what happened.

	go tool debug -- ./restapi
	go tool debug query "select status, count(*) from shop.orders group by status"

A connector is any program that speaks the stdin protocol, in whatever language.
In a module of your own,

	go get -tool github.com/penstock-sdk/penstock/connector/cmd/penstock

makes go tool debug run it. In a checkout of the SDK it is go run ./connector/cmd/penstock.

# What a sync does

	debug [flags] -- COMMAND [ARGUMENT ...]

reads configuration.json, a JSON object of texts in which ${NAME} is a variable of
the environment. It asks the connector for its spec, and names the fields that are
missing or that the connector doesn't know; then it has the configuration tested,
asks for the schema, and makes a sync from the last state.

Tables are kept in files/warehouse.db, the state in files/state.json. Rows and
state are committed together, at each STATE line, in one transaction: whichever
process is killed, and when, the warehouse holds what stood before some STATE, and
the next sync goes on from there. A line that is none of the protocol ends the
sync, with its number and text: a STATE after it might cover a row that it was.
Records after the last STATE are not kept, and come again.

A state.json that was edited counts, and so does one that was removed: then the
next sync begins from nothing, and replaces what is there.

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
	UTC_DATETIME …     text, as it came
	BINARY             BLOB
	JSON               JSON text, for SQLite's -> and ->>
	STRING XML         text

Columns that the schema doesn't have are added as values come, with the type of
the first one. A column whose type does not hold a value is widened, and what it
holds with it: SHORT to INT to LONG to DECIMAL, DOUBLE to DECIMAL, all else to
STRING. -naming platform renames tables and columns as Fivetran does, userData to
user_data; names that become the same are an error.

# What it shows

On a terminal, a table that is drawn anew; elsewhere a line now and then. At the
end, for each table what came, what is there now, columns that are new, and those
that had nothing but null. debug summary shows it once more, -json prints it for
scripts, NO_COLOR leaves the colours out. With -v everything is shown that the
connector logs; else warnings and errors are.

With -explain it looks at the rows for what authors find out in production
otherwise: primary keys that come again with another row, texts that are all
numbers or dates, JSON with escaped quotes, rows out of the order of the cursor,
instants in the future, a state that grows, checkpoints that are too few.

# Commands

	debug watch [flags] -build "go build -o restapi ." -- ./restapi
	debug query [-format table|csv|json] "select …"
	debug diff [-format table|csv|json] [-limit 20]
	debug summary [-json]
	debug reset
	debug init [-module PATH] NAME

watch builds and syncs each time a source file changes. query only reads; the
quotes of "shop.orders" can be left out. diff says which rows the last sync added,
changed and took away, by a copy of the warehouse that was made before. init makes
a connector, from the example restapi, whose tests pass at once.

The exit status is 0 for success, 1 for a failure and 2 for a command line that is
none. An interrupt ends the connector first; a second one ends at once.

# Why SQLite

It is built by Go alone, and its file is opened by sqlite3 and by whatever else
reads SQLite, DuckDB with its sqlite extension among it. Measured on 2 cores, for 1,000,000 orders of 9 columns, upserted by
key with a commit every 10,000 rows:

	                            SQLite (go-sqlite3)   DuckDB (duckdb-go)
	needs a C compiler          no                    yes
	module downloads, unpacked  60 MB                 977 MB
	size of a program           12 MB                 67 MB
	first load, rows/s          505,000               275,000
	all rows again, rows/s      586,000               449,000
	own bulk load of CSV        611,000               1,080,000

DuckDB is by far the faster one to ask; what an author asks of a sync's tables
doesn't take long in either.
*/
package main
