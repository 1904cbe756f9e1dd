package connectortest_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type payment struct {
	ID   int64  `json:"id" schema:"primary_key"`
	Note string `json:"note"`
}

// payments returns the rows of a table of a database, with a column of some width that
// the connector does not deliver.
func payments(count, width int) []string {
	rows := make([]string, count)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"id":%d,"note":"note %d","scan":"%s"}`, i+1, i+1, strings.Repeat(".", width))
	}
	return rows
}

// databaseReader is a connector for a database. It is correct unless it has a fault.
// If it is correct, each sync reads the whole table outgoing, which has no position.
type databaseReader struct {
	Address  string           `json:"address"`
	Password connector.Secret `json:"password"`

	reconnects int // after a broken connection, per table
	fault      string
	paused     <-chan struct{} // closed when the platform pauses
}

func (c *databaseReader) Schema(context.Context) (schema.Schema, error) {
	return schema.New("bank", schema.TableOf[payment]("incoming"), schema.TableOf[payment]("outgoing"))
}

func (c *databaseReader) open() *sql.DB {
	return sql.OpenDB(databaseDriver{c.Address, c.Password.Reveal()})
}

func (c *databaseReader) Test(ctx context.Context) error {
	db := c.open()
	defer func() { _ = db.Close() }()
	return db.PingContext(ctx)
}

func (c *databaseReader) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	db := c.open()
	defer func() { _ = db.Close() }()
	var tables connector.Tables
	for _, name := range []string{"incoming", "outgoing"} {
		tables.Add(name, func(ctx context.Context, st state.State, out connector.Emitter) error {
			return c.syncTable(ctx, db, name, st, out)
		})
	}
	return tables.Sync(ctx, st, out)
}

func (c *databaseReader) syncTable(ctx context.Context, db *sql.DB, name string, st state.State, out connector.Emitter) error {
	order := []state.Option{state.Sorted()}
	if c.fault == "rows read again with other values after a reconnect" {
		order = nil
	}
	var cursor *state.Cursor[int64]
	var next int64
	if name != "outgoing" || c.fault != "" {
		cursor = state.NewCursor[int64](st, name, order...)
		next = cursor.Start()
	}
	for attempt := 0; ; attempt++ {
		last, err := c.deliver(ctx, db, name, next, attempt, cursor, out)
		if err == nil || attempt == c.reconnects || connector.KindOf(err) != connector.Transient {
			if err != nil && c.fault == "an error of a driver that loses its kind" {
				return fmt.Errorf("read %s: %v", name, err) //nolint:errorlint // the fault
			}
			return err
		}
		next = last + 1
		if c.fault == "a reconnect that skips a row" {
			next++
		}
		if c.fault == "rows read again with other values after a reconnect" {
			next = cursor.Start()
		}
	}
}

// deliver delivers the rows of a table from an id on. The cursor is nil if the table has
// no position. It returns the id of the last row.
func (c *databaseReader) deliver(ctx context.Context, db *sql.DB, name string, from int64, attempt int, cursor *state.Cursor[int64], out connector.Emitter) (last int64, err error) {
	last = from - 1
	if c.fault == "rows read without the sync's context" {
		ctx = context.WithoutCancel(ctx)
	}
	rows, err := db.QueryContext(ctx, fmt.Sprint("SELECT ", name, " ", from))
	if err != nil {
		return last, err
	}
	defer func() { _ = rows.Close() }()
	next, stop := c.rows(rows)
	defer stop()
	for {
		text, ok := next()
		if !ok {
			break
		}
		text, _, _ = bytes.Cut(text, []byte(`,"scan":`))
		var p payment
		if err := json.Unmarshal(append(text, '}'), &p); err != nil {
			return last, err
		}
		if attempt > 0 && c.fault == "rows read again with other values after a reconnect" {
			p.Note = fmt.Sprint(p.Note, " (attempt ", attempt, ")")
		}
		if err := out.Upsert(name, p); err != nil {
			return last, err
		}
		last = p.ID
		if cursor != nil {
			cursor.Advance(p.ID)
		}
		if p.ID%5 == 0 {
			if err := out.Checkpoint(); err != nil {
				return last, err
			}
		}
	}
	if c.fault == "an error of rows that is ignored" {
		return last, nil
	}
	return last, rows.Err()
}

// rows returns a function that returns the next row, and one that ends the reading.
func (c *databaseReader) rows(rows *sql.Rows) (next func() (sql.RawBytes, bool), stop func()) {
	scan := func() (text sql.RawBytes, ok bool) {
		return text, rows.Next() && rows.Scan(&text) == nil
	}
	if c.fault != receivingAhead {
		return scan, func() {}
	}
	// Until the platform pauses, each row is read when it is delivered, so that the rows
	// are still to come then, however fast this machine is.
	texts, asked, done := make(chan sql.RawBytes, 1000), make(chan struct{}), make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() {
		defer close(texts)
		for {
			select {
			case <-c.paused:
			case <-asked:
			case <-done:
				return
			}
			text, ok := scan()
			if !ok {
				return
			}
			texts <- append(sql.RawBytes(nil), text...)
		}
	})
	next = func() (sql.RawBytes, bool) {
		select {
		case text, ok := <-texts:
			return text, ok
		case asked <- struct{}{}:
			text, ok := <-texts
			return text, ok
		}
	}
	return next, func() { close(done); reader.Wait() }
}

// receivingAhead is a fault that needs a source with many bytes.
const receivingAhead = "rows received far ahead"
