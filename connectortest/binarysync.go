package connectortest

var binarySyncRule = rule{
	name:     "Sync",
	contract: "a sync writes lines that are JSON objects of type RECORD, STATE, LOG or SECRETS; the last one is a STATE, and the exit status is 0; in one table, rows with the same primary key are equal, an update follows the upsert of its row, and no row is lost to a later truncate; a sync that never ends by itself also writes a STATE meanwhile",
	fix:      "write messages for people to standard error; look for a page that is read twice, for a primary key that lacks a column, and for updates that should be upserts; name a table that is a change log in the option Repeats",
	onlyFix:  true,
	check:    checkSync,
}
