// Package state keeps what a sync leaves behind for the next one: how far each
// table has been read.
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
// # The state's form
//
// A state is one JSON object. It has a member for each table, which is an
// object too and is called the table's part, one that is shared, and the
// version of its shape:
//
//	{
//		"orders":   {"cursor": "2026-01-02T03:04:05.678Z"},
//		"invoices": {"partitions": {"eu": 4711, "us": 815}},
//		"_shared":  {"account": "acme"},
//		"_version": 1
//	}
//
// Instants are strings in the format of RFC 3339, in UTC; integers are numbers
// with every digit; strings and tokens are strings. A [Cursor] is kept under
// "cursor", or where [Key] says, the cursors of [Partitions] under
// "partitions", and [Part.Set] keeps anything else under a key of its own.
// What a connector does not ask for is kept as it is.
//
// [Document.Saved] writes the object on one line, sorted by name: equal states
// are equal bytes. Parts with nothing in them are left out. [Parse] refuses
// what Saved can't have written, with an [*Error] that says what is wrong and
// that the state has to be reset: anything but an object of objects, a name
// that stands twice, text that is not UTF-8. Nothing is written that Parse
// would refuse.
//
// # Saving
//
// What a state is and what of it is saved are two things. Advancing a cursor
// changes the first only; a checkpoint ([Document.Checkpoint], which the
// runtime calls for a connector) makes it the second, for all tables or for
// some. So a table that fails leaves what its own last checkpoint saved, and
// its neighbours go on.
//
// A checkpoint promises that every row it covers has been handed over. The
// promise is kept by the order of calls: hand the row over, then advance, then
// checkpoint.
//
// # Cursors
//
// A cursor holds a value that the rows of a table bear and that grows as they
// change: an instant, an integer, or a string that sorts. Or it holds a [Token]
// that only the source understands.
//
// A resumed sync reads from [Cursor.Start] on, that value included. Equal
// values are why. Let a source deliver pages of two rows, sorted by updated_at:
//
//	page 1    a 09:00    b 10:00
//	page 2    c 10:00    d 11:00
//
// A sync that dies between the pages has saved 10:00. Were the next one to ask
// for what came after 10:00, it would never see c. It asks for 10:00 and later,
// gets b once more and c for the first time; b is the same row, and an upsert
// that is done twice is done once. For the same reason a source that can only
// be asked for what comes after a value needs the option [Exclusive], which
// keeps the cursor one value behind: at 09:00, as long as more rows at 10:00
// may follow.
//
// When the cursor moves depends on the source:
//
//   - Sorted by the value, and the option [Sorted] says so: with each row. The
//     order is checked. A value less than the one before it is an
//     [*OrderError], and puts the cursor back to where the sync found it:
//     rows less than what was saved may be missing.
//   - In any order: at the end, when all of the table has been read
//     ([Document.Finish]). A sync that dies begins again where it began.
//   - Tokens: wherever they are advanced to, at once.
//
// A cursor never moves back, and never past the bound of [UpTo]. Take the bound
// before the first request. A row that changes while the sync runs may show up
// late, with a value that is less than others already seen; it is past the
// bound, so the next sync reads it. [Lookback] makes syncs begin earlier, for
// sources that show rows later than that.
//
// # Partitions
//
// A table that is read piece by piece, for each account or for each parent, has
// a cursor for each piece: see [NewPartitions]. Their number is capped. Above
// the cap one cursor serves all, and the state stays small.
//
// # Versions
//
// A connector whose state changes its shape gives Parse a [Migration] for each
// change. Their number is the state's version. A state without a version is of
// version 0; one of a version that the connector does not know is refused, for
// it was written by a newer one. An empty state needs no migration.
//
// # Secrets
//
// Platforms keep states in the open. Part.Set refuses a value that holds a
// secret: one whose type has a method Reveal() string, however deep within it.
// A secret that has been made a plain string can't be told from another here;
// the connector's runtime looks for the values of configured secrets in each
// state that it sends.
//
// # Faults
//
// Advance and NewCursor return no error, so that reading a source stays
// readable. What is wrong is kept and returned by [Document.Err] and by every
// checkpoint of the table, and the runtime ends the table's sync with it.
package state
