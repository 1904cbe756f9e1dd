// Package state records how far a sync has read each table of a source, so that
// the next sync can resume there.
//
// # Terminology
//
// A state is a JSON object that a platform stores between two syncs. The part
// of a table is the member of the state that belongs to the table. A cursor is
// a value in a part that records how far the table has been read. A checkpoint
// saves the parts of tables, so that a sync that is interrupted resumes there.
// The runtime is the code that calls the methods of a connector and delivers
// its rows.
//
// # Example
//
// The orders of a source are sorted by the time of their last change. The
// connector continues from the time that the previous sync reached:
//
//	func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
//		since := state.NewCursor[time.Time](st, "orders", state.Sorted())
//		for order, err := range c.orders(ctx, since.Start()) {
//			if err != nil {
//				return err
//			}
//			if err := out.Upsert("orders", &order); err != nil {
//				return err
//			}
//			since.Advance(order.UpdatedAt)
//			if err := out.Checkpoint(); err != nil {
//				return err
//			}
//		}
//		return nil
//	}
//
// # Form of a state
//
// A state is one JSON object. It has one member for each table, which is the
// table's part. The member "_shared" is the shared part, which belongs to no
// table in particular. The member "_version" is the version of the state:
//
//	{
//		"orders":   {"cursor": "2026-01-02T03:04:05.678Z"},
//		"invoices": {"partitions": {"eu": 4711, "us": 815}},
//		"_shared":  {"account": "acme"},
//		"_version": 1
//	}
//
// Each part is a JSON object:
//
//   - A [Cursor] is stored under the key "cursor", or under the key given by
//     the option [Key].
//   - The cursors of [Partitions] are stored under the key "partitions", or
//     under the key given by the option Key.
//   - [Part.Set] stores any other value under a key of the connector's choice.
//   - Keys that begin with an underscore belong to the runtime. The key
//     "_partitions" has the common cursor of Partitions.
//
// The value of a cursor is a string in the format of RFC 3339 in UTC for a
// time, a number with all of its digits for an integer, a string for a string
// or [Token], and an array of two values for a [Pair]. Members that a connector
// does not use are kept unchanged. [Part.Delete] and [Partitions.DeleteAll]
// delete members. A cursor that is in use when its member is deleted never
// writes it again.
//
// [Document.Saved] returns a state on a single line, with its parts and their
// keys sorted. Equal states have equal bytes. Empty parts are omitted.
//
// [Parse] returns an [*Error] if a state is not an object of objects, has a
// duplicate name, or contains text that is not UTF-8. The error tells the user
// to reset the state. This package never writes a state that Parse rejects. For
// the sake of other readers of JSON, Part.Set also rejects a value that is nested
// more than 500 deep.
//
// # Checkpoints
//
// Changes are not saved immediately. [Cursor.Advance] and Part.Set change the
// current state. A checkpoint saves the current state of all tables or of some
// of them. A connector calls the Checkpoint method of its emitter, and the
// runtime calls [Document.Checkpoint]. If a table fails, its saved state stays
// as it was at its last checkpoint. Other tables are not affected.
//
// There is one exception. If the rows of a table are deleted, or if the table must be
// read from the beginning, the saved state loses its old position at once. A sync that
// resumed there would never deliver the deleted rows again.
//
// A checkpoint promises that every row it covers has been delivered. A
// connector keeps this promise by making its calls in order: it delivers the
// row, then advances the cursor, then makes a checkpoint.
//
// # Cursors
//
// The value of a cursor is taken from the rows of a table. It must increase as
// rows change. It is a time, an integer, or a string that is compared byte by
// byte. It can also be a Pair of these, or a Token, which only the source
// understands.
//
// A sync resumes reading at [Cursor.Start] and includes that value, because
// several rows can have equal values. For example, suppose that a source
// returns pages of two rows, sorted by updated_at:
//
//	page 1    a 09:00    b 10:00
//	page 2    c 10:00    d 11:00
//
// A sync that is interrupted between the pages has saved 10:00. If the next
// sync requested the rows after 10:00, it would never read c. It therefore
// requests the rows at 10:00 and later. It reads b for the second time and c
// for the first time. Reading b twice does no harm, because it is the same row
// and the second upsert changes nothing.
//
// Some sources can only return the rows after a value. They need the option
// [Exclusive], which keeps the cursor one value behind. In the example, the
// cursor stays at 09:00 as long as there may be more rows at 10:00.
//
// If thousands of rows have equal values, a sync that is always interrupted among
// them makes no progress. If the source can also sort these rows by a second
// value, such as their ID, the connector uses a cursor of both values (see
// [Pair]).
//
// When a cursor moves depends on the source:
//
//   - If the rows are sorted by the value, the connector passes the option
//     [Sorted]. The cursor then moves with each row. The order is checked. A
//     value that is less than the one before it is an [*OrderError], and the
//     cursor returns to where the sync started, because rows with smaller
//     values than the saved one may be missing.
//   - If the rows are in any other order, the cursor moves when the whole table
//     has been read: when the function of the table or Sync returns nil. A sync
//     that is interrupted starts again from where it started.
//   - If the value is a Token, the cursor moves to each value immediately.
//
// Except for tokens, a cursor never moves back. It also never moves past the
// bound given by the option [UpTo]. Determine the bound before the first
// request. A row that changes during the sync may become visible after rows
// with greater values. Its value is past the bound, so the next sync reads the
// row. The option [Lookback] makes each sync start earlier, for sources in
// which rows become visible even later.
//
// Two kinds of values move no cursor. Their rows are delivered like any other.
//
//   - A zero value, because a decoder leaves it for a null. It may be in any
//     position of the order: some sources sort nulls first, others last. See
//     [Cursor.Advance] for the definition, and [Cursor.AdvanceNullable] for
//     pointers.
//   - A time that is more than one year in the future, unless the connector
//     passes the option [AllowFuture]. A single wrong date would otherwise make
//     all later syncs miss the rows before it. The user receives a warning.
//
// # Tables that follow another table
//
// The rows of some tables come with the rows of another one, as the items of an
// order come with the order. Such a table has no position of its own: the
// position of the other table covers it. The schema declares which table
// follows which.
//
// A user may deselect a follower for some syncs, or reset it alone. The state
// therefore records which position covers each follower. While a follower is in
// step, its part has the number of the other table's position. Each sync that moves
// the position gives it a new number. When the follower falls behind, its part gets a
// copy of that position:
//
//	{
//		"orders":      {"_followers": {"number": 2, "since": 1}, "cursor": 4711},
//		"order_items": {"_follows": {"number": 1, "of": "orders", "position": {"cursor": 815}}}
//	}
//
// Once the user selects order_items again, the next sync reads orders from 815.
// If it is unknown which position covers a follower, the next sync reads the
// other table from the beginning. This is also the case if the source did not have the
// follower when the position moved, if the follower has followed another table, or
// if it has fallen behind and the connector has since deleted a position of the other
// table. If the user selects only order_items, the
// cursor of orders is a copy in the part of order_items, and the position of
// orders stays the same. A connector does nothing for this: it reads from
// [Cursor.Start].
//
// # Platforms that store each table separately
//
// Some platforms store the part of each table separately. If a sync is interrupted,
// they may keep parts of different checkpoints. The numbers above do not show this,
// because all checkpoints of a sync have the same number. Such a platform stores the
// parts that [Snapshot.Parts] returns. Each of them states by itself what it covers:
//
//	{
//		"orders":      {"_followers": {"passed": {"hashes": "e9DPuLYJ2FvR8mTs"}}, "cursor": 4711},
//		"order_items": {"_follows": {"of": "orders", "passed": {"hashes": "e9DPuLYJ"}, "position": {"cursor": 4699}}}
//	}
//
// A part lists hashes of positions that its table has passed. The last hash is that of
// the position in the part. A sync can start from any of these positions without losing a
// row of the table. The part of a follower has a copy of its position. Both parts can also
// have a copy of an earlier position.
//
// The sync reads the tables from the last position that all of them have passed and of
// which a part has a copy. In the example, this is 4699. If there is none, it reads them
// from the beginning. A list has the last 32 positions and a sample of up to 64 earlier
// ones, so its size is at most 768 bytes. A copy of an earlier position has at most 4 kB,
// unless the follower was read without the other table.
//
// If the connector deletes a position, the table may be read again, so the list starts
// over. The member "epoch" then changes, which tells the positions before and after the
// deletion apart. A connector that starts again at the first page must therefore delete
// its position instead of setting it to an earlier value. A migration removes the copies,
// but not the hashes, so tables that are at the same position stay in step.
//
// # Positions that tables share
//
// If several tables follow one position of the source, such as a position in a
// replication log, the position is stored in the shared part. A table that the
// user has not selected, or that has failed, misses the rows that the position
// passes. [State.Missed] returns these tables, and the connector reads them
// before it continues. If the platform stores each part separately, Missed also returns
// the tables whose part is from an earlier checkpoint than the shared part.
//
// # Columns
//
// If the source adds a column, or the user selects a deselected column again,
// the rows that were delivered earlier lack it. The runtime warns the user about
// a column that is selected again. A connector can read such rows again; see
// [Part.NewColumns].
//
// # Partitions
//
// Some tables are read in pieces, for example one account or one parent at a
// time. Such a table has one cursor for each piece (see [NewPartitions]). The
// number of these cursors is limited. Above the limit, a common cursor replaces
// the cursors of the partitions that a sync has read, so that the state stays
// small. The state lists these partitions, by a hash of each name. A partition
// that is not listed is new, and is read from its start.
//
// Partitions can be listed ([Partitions.Names]), removed ([Partitions.Delete]),
// ended as a whole ([Partitions.DeleteAll]), and read by several goroutines. A
// table can have several sets of partitions, each with a key of its own, beside
// a cursor.
//
// # Versions
//
// If a new version of a connector changes the form of its state, it supplies a
// [Migration] from the previous form. The runtime passes all migrations to
// Parse. The version of a state is the number of migrations. A state without a
// version has version 0. A state with a version greater than the number of
// migrations was written by a newer connector, and Parse returns an error. An
// empty state needs no migration.
//
// # Secrets
//
// Platforms store states unencrypted. Part.Set rejects a value that contains a
// secret at any depth. A secret is a value whose type has a method Reveal()
// string. This package cannot recognize a secret that has been converted to a
// plain string. The runtime searches each state that it sends for the values of
// known secrets.
//
// # Errors
//
// NewCursor and Advance do not return errors, which keeps the code that reads a
// source simple. Instead, the state records the first error of each table. The next
// operation or checkpoint of the table returns it. A runtime finds it with
// [Document.Err].
//
// # Warnings
//
// A state also records problems that the user of the platform should know but that
// do not stop the sync, such as a value far in the future or more partitions than the
// limit. [Document.TakeWarnings] returns these warnings.
//
// # Runtimes
//
// A [Document] is the State that a runtime passes to Sync. Authors of connectors do
// not need its further methods. A runtime calls them as follows:
//
//   - Before the sync, it calls Parse with the state of the last sync,
//     [Document.SetNames] if a table can have several names, [Document.Declare] for
//     each table of the source, and [Document.Begin].
//   - For each operation of the connector, it returns the result of [Document.Err].
//     The runtime itself drops the rows of tables that are not selected.
//   - Before the rows of a table are deleted, it calls [Document.Truncate].
//   - When the connector makes a checkpoint, it calls [Document.Checkpoint]. When a
//     table has been read to the end, it calls [Document.Finish] for the table. When
//     a table has failed, it calls [Document.Hold]. If these operations concern many
//     tables, it uses a [TableSet].
//   - When Sync has returned, it calls [Document.Freeze]. If Sync returned nil, it
//     then calls Finish for the whole state.
//   - To deliver a state, it first delivers the rows that the state covers and the
//     warnings that TakeWarnings returns, and then [Document.Saved]. A platform that
//     stores the state of each table separately uses [Document.Snapshot] and [Join].
//   - At the end of the sync, it can warn the user about positions that do not progress.
//     [Document.Unsaved], [Document.Unmoved] and [Document.Uncovered] return the tables.
//     [Document.TableUses], [Document.UsesTable] and [Document.UsesShared] return which
//     parts the connector has used.
//
// A runtime that declares no tables may omit SetNames, Declare and Begin. Each name
// is then a table that is selected, [State.Missed] and [Part.NewColumns] return
// nothing, and no table follows another one.
package state
