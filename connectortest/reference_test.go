package connectortest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/retry"
)

type account struct {
	ID       int64  `json:"id" schema:"primary_key"`
	Name     string `json:"name"`
	SignedUp string `json:"signed_up"`
}

type order struct {
	ID      int64          `json:"id" schema:"primary_key"`
	Updated int64          `json:"updated"`
	Total   schema.Decimal `json:"total"`
	Note    *string        `json:"note"`
	Deleted bool           `json:"deleted" schema:"-"`
	Items   []item         `json:"items" schema:"-"`
}

type item struct {
	OrderID int64  `json:"order_id" schema:"primary_key"`
	Line    int64  `json:"line" schema:"primary_key"`
	SKU     string `json:"sku"`
}

type badItem struct {
	OrderID int64  `json:"order_id" schema:"primary_key"`
	Line    int64  `json:"line"`
	SKU     string `json:"sku"`
}

type happening struct {
	Seq  int64  `json:"seq"`
	What string `json:"what"`
}

type pageOf[T any] struct {
	Rows []T  `json:"rows"`
	More bool `json:"more"`
}

// reference is a connector that is correct unless it has a fault.
type reference struct {
	APIKey   connector.Secret `json:"api_key" jsonschema:"title=API key"`
	PageSize int              `json:"page_size" jsonschema:"title=Page size,minimum=1"`

	url      string
	network  http.RoundTripper // of its clients
	fault    string
	memory   *atomic.Int64 // shared by all copies
	released <-chan struct{}
	api      *transport.Client
	once     *transport.Client // never retries
	events   *atomic.Int64     // read by this copy
}

// has reports whether the connector has a fault.
func (c *reference) has(fault string) bool { return c.fault == fault }

func (c *reference) Schema(context.Context) (schema.Schema, error) {
	items := schema.TableOf[item]("items")
	if c.has("a primary key that lacks a column") {
		items = schema.TableOf[badItem]("items")
	}
	if !c.has("a child that does not follow its parent") {
		items = items.Following("orders")
	}
	orders := schema.TableOf[order]("orders")
	if c.has("a column of another type") {
		orders.Columns[3].Type = schema.TypeXML // of the note
	}
	if c.has("columns in the order of a map") && c.memory.Add(1)%2 == 0 {
		orders.Columns[1], orders.Columns[2] = orders.Columns[2], orders.Columns[1]
	}
	accounts, events := c.accountsTable(), schema.TableOf[happening](c.eventsName())
	if c.has("tables in an order that changes") && c.memory.Add(1)%2 == 0 {
		accounts, events = events, accounts
	}
	tables := []schema.Table{accounts, orders, items, events}
	if c.has("a declared table that no function reads") {
		tables = append(tables, schema.TableOf[account]("customers"))
	}
	return schema.New("shop", tables...)
}

func (c *reference) Open(ctx context.Context) (err error) {
	policy := retry.Policy{Base: 10 * time.Millisecond}
	if c.has("an error that loses its kind") {
		policy.Attempts = 1
	}
	opts := []transport.Option{
		transport.WithAuth(auth.Bearer(c.APIKey.Reveal())),
		transport.WithLogger(connector.Logger(ctx)),
		transport.WithRetry(policy),
	}
	if c.network != nil {
		opts = append(opts, transport.WithRoundTripper(c.network))
	}
	c.events = new(atomic.Int64)
	if c.api, err = transport.New(c.url, opts...); err != nil {
		return err
	}
	c.once, err = transport.New(c.url, append(opts, transport.WithRetry(retry.Policy{Attempts: 1}))...)
	return err
}

func (c *reference) Test(ctx context.Context) error {
	if c.has("a test that always succeeds") {
		return nil
	}
	path := "/ping"
	if c.has("a test that needs no credentials") {
		path = "/public"
	}
	_, err := transport.Get[any](ctx, c.api, transport.Request{Path: path})
	if c.has("a test whose error loses its kind") && err != nil {
		return fmt.Errorf("ping: %v", err) //nolint:errorlint // the fault
	}
	return err
}

func (c *reference) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	switch c.fault {
	case "a secret in slog's default log":
		slog.Info("syncing", "key", c.APIKey.Reveal())
	case "a secret in the log package's output":
		log.Printf("authorization: %s", base64.StdEncoding.EncodeToString([]byte("user:"+c.APIKey.Reveal())))
	case "a secret in a warning":
		key := c.APIKey.Reveal()
		if err := out.Warn("using key " + key[:6] + "/" + key[6:12] + "/" + key[12:]); err != nil {
			return err
		}
	case "a leaked goroutine":
		go func() { <-c.released }()
	case "requests without the sync's context":
		ctx = context.WithoutCancel(ctx)
	case "a state that grows":
		var runs []int
		if _, err := st.Shared().Get("runs", &runs); err != nil {
			return err
		}
		if err := st.Shared().Set("runs", append(runs, len(runs))); err != nil {
			return err
		}
	case "a state value that is not from the source":
		if err := st.Table("accounts").Set("run", c.memory.Add(1)); err != nil {
			return err
		}
	case "a state from the future that is rejected":
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		var last time.Time
		if _, err := st.Shared().Get("at", &last); err != nil || last.After(now) {
			return connector.Errorf(connector.Defect, "the state is from the future (error %v)", err)
		}
		if err := st.Shared().Set("at", now); err != nil {
			return err
		}
	case "a secret in the state":
		if err := st.Shared().Set("key", c.APIKey.Reveal()); err != nil {
			return err
		}
	case "a state that contains rows":
		if err := st.Table("accounts").Set("rows", strings.Repeat("account ", 10000)); err != nil {
			return err
		}
	case "a table that was not declared":
		if err := out.Upsert("refunds", account{ID: 1}); err != nil {
			return err
		}
	case "rows of an unknown table whose errors are ignored":
		_ = out.Upsert("refunds", account{ID: 1})
	case "a row without its primary key":
		if err := out.Upsert("accounts", map[string]any{"name": "nobody"}); err != nil {
			return err
		}
	case "a table that must be selected":
		if !out.Selected("accounts") {
			return errors.New("accounts are always needed")
		}
	case "a table declared again with another key":
		orders := schema.TableOf[order]("orders")
		orders.Columns[1].PrimaryKey = true
		if err := out.Declare(orders); err != nil {
			return err
		}
	case "a declared table whose name differs only in case":
		if err := out.Declare(schema.TableOf[account]("Accounts")); err != nil {
			return err
		}
	}
	var tables connector.Tables
	tables.Add("accounts", c.syncAccounts)
	tables.Add("orders", c.syncOrders)
	tables.Add(c.eventsName(), c.syncEvents)
	return c.around(ctx, st, out, &tables)
}

// pages calls do with the rows of each page of a table, from an offset on.
func pages[T any](ctx context.Context, c *reference, path string, since int64, offset int, do func(rows []T) error) error {
	api, size, failures, before := c.api, c.PageSize, 0, 0
	if path == "/events" && c.has("rows delivered again after a failure") {
		api, size = c.once, 1
	}
	for {
		page, err := transport.Get[pageOf[T]](ctx, api, transport.Request{Path: path, Query: url.Values{
			"size": {strconv.Itoa(size)}, "since": {strconv.FormatInt(since, 10)}, "offset": {strconv.Itoa(offset)},
		}})
		if err != nil && api == c.once && failures < 200 && connector.KindOf(err) == connector.Transient {
			failures++
			offset, before = offset-before, 0 // read the last page again
			continue
		}
		if e, ok := errors.AsType[*transport.Error](err); ok && e.Status == http.StatusNotImplemented && c.has("a rejected request that counts as an empty page") {
			return nil
		}
		if err != nil && path == "/accounts" && c.has("an ignored error in one of several tables") {
			return nil
		}
		if err != nil && c.has("an error that is ignored") {
			connector.Logger(ctx).Warn("page failed", "error", err)
			return nil
		}
		if err != nil && c.has("an error that loses its kind") {
			return fmt.Errorf("page failed: %v", err) //nolint:errorlint // the fault
		}
		if err != nil {
			return err
		}
		if err := do(page.Rows); err != nil {
			return err
		}
		if !page.More || c.endsEarly(path, since) {
			return nil
		}
		before = len(page.Rows)
		offset += before
	}
}

// syncAccounts reads all accounts in each sync.
func (c *reference) syncAccounts(ctx context.Context, st state.State, out connector.Emitter) error {
	deliver := func(a account) error { return out.Upsert("accounts", a) }
	switch c.fault {
	case "a source that is read far ahead":
		return c.readAheadAccounts(ctx, deliver)
	case "a queue that drops rows when it is full":
		return c.dropAccounts(ctx, deliver)
	case "a position counted twice after a resume":
		return c.countAccounts(ctx, st, out)
	}
	if sync := c.otherAccounts(); sync != nil {
		return sync(ctx, st, out)
	}
	return pages(ctx, c, "/accounts", 0, 0, func(rows []account) error {
		if c.has("a truncate before each page") {
			if err := out.Truncate("accounts"); err != nil {
				return err
			}
		}
		for _, a := range rows {
			switch c.fault {
			case "a refused row whose error is ignored":
				_ = out.Upsert("accounts", map[string]any{"id": "none"})
			case "a wait that ignores the context":
				time.Sleep(6 * time.Second)
			case "a key that is converted to a float":
				a.ID = int64(float64(a.ID))
			case "a table that depends on another one's progress":
				a.Name += fmt.Sprint(" of ", c.events.Load() > 4)
			case "a column that is not from the source":
				a.Name += time.Now().Format(time.RFC3339Nano)
			}
			if err := deliver(a); err != nil {
				return err
			}
		}
		return nil
	})
}

// readAheadAccounts reads the source without waiting for the platform.
func (c *reference) readAheadAccounts(ctx context.Context, deliver func(account) error) error {
	ctx, cancel := context.WithCancel(ctx)
	queue := make(chan account, 1<<20)
	done := make(chan error, 1)
	go func() {
		defer close(queue)
		done <- pages(ctx, c, "/accounts", 0, 0, func(rows []account) error {
			for _, a := range rows {
				queue <- a
			}
			return nil
		})
	}()
	var failed error
	for a := range queue {
		if failed == nil {
			if failed = deliver(a); failed != nil {
				cancel()
			}
		}
	}
	cancel()
	return errors.Join(failed, <-done)
}

// dropAccounts loses rows if the platform is slower than the source.
func (c *reference) dropAccounts(ctx context.Context, deliver func(account) error) error {
	queue := make(chan account, 2)
	done := make(chan error, 1)
	go func() {
		var failed error
		for a := range queue {
			if failed == nil {
				failed = deliver(a)
			}
		}
		done <- failed
	}()
	err := pages(ctx, c, "/accounts", 0, 0, func(rows []account) error {
		for _, a := range rows {
			select {
			case queue <- a:
			case <-time.After(10 * time.Millisecond):
			}
		}
		return nil
	})
	close(queue)
	return errors.Join(err, <-done)
}

// countAccounts keeps the offset in the state, and saves a wrong one in a resumed sync.
func (c *reference) countAccounts(ctx context.Context, st state.State, out connector.Emitter) error {
	part := st.Table("accounts")
	var offset int
	resumed, err := part.Get("offset", &offset)
	if err != nil {
		return err
	}
	count, position := 0, offset
	return pages(ctx, c, "/accounts", 0, offset, func(rows []account) error {
		for _, a := range rows {
			if err := out.Upsert("accounts", a); err != nil {
				return err
			}
			count++
			if position = offset + count; resumed {
				position = offset + count*2
			}
			if err := part.Set("offset", min(position, accounts)); err != nil {
				return err
			}
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}

// syncOrders resumes from the time of the last order.
func (c *reference) syncOrders(ctx context.Context, st state.State, out connector.Emitter) error {
	if columns, err := out.SelectedColumns("orders"); c.has("children delivered only with their parent") && len(columns) == 0 {
		return err
	}
	cursor := state.NewCursor[int64](st, "orders", state.Sorted())
	since, offset, resumed := cursor.Start(), 0, !cursor.First()
	if resumed && c.has("a resumed sync that starts after the cursor's value") {
		since++
	}
	if resumed && c.has("a resumed sync that skips a page") {
		offset = c.PageSize
	}
	var late []order
	err := pages(ctx, c, "/orders", since, offset, func(rows []order) error {
		if c.has("a checkpoint for rows not yet delivered") && len(rows) > 0 {
			cursor.Advance(rows[len(rows)-1].Updated + 1)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		if c.has("rows in another order than promised") {
			slices.Reverse(rows)
		}
		for i := range rows {
			if c.has("a checkpoint before the row") {
				cursor.Advance(rows[i].Updated + 1)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			if c.has("a resumed sync that omits a value") && resumed {
				rows[i].Note = nil
			}
			if c.has("a resumed sync that forgets a deletion") && resumed {
				rows[i].Deleted = false
			}
			if c.has("a delete that follows its checkpoint") && rows[i].Deleted {
				late = append(late, rows[i])
			} else if err := c.deliver(out, &rows[i], cursor); err != nil {
				return err
			}
			if c.has("a checkpoint for rows not yet delivered") || c.has("a checkpoint before the row") || c.has("a checkpoint between a row and its children") {
				continue
			}
			switch c.fault {
			case "a cursor that is never advanced":
			case "a cursor that is advanced to a zero value":
				n, _ := strconv.ParseInt(fmt.Sprint(rows[i].Updated, "s"), 10, 64)
				cursor.Advance(n)
			default:
				cursor.Advance(rows[i].Updated)
			}
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range late {
		err = errors.Join(err, c.deliver(out, &late[i], cursor))
	}
	return err
}

// deliverNote delivers the note of an order on its own, if the fault is to do so.
func (c *reference) deliverNote(out connector.Emitter, o *order) error {
	emit := out.Update
	switch {
	case o.Deleted || o.Note == nil:
		return nil
	case c.has("updates without asking whether the platform accepts them"):
	case c.has("partial rows that replace whole ones"):
		if !out.TakesUpdates() {
			emit = out.Upsert
		}
	default:
		return nil
	}
	return emit("orders", map[string]any{"id": o.ID, "note": *o.Note})
}

func (c *reference) deliver(out connector.Emitter, o *order, cursor *state.Cursor[int64]) error {
	emit := out.Upsert
	if o.Deleted {
		emit = out.Delete
	}
	if c.has("an amount that is converted to a float") {
		total, err := strconv.ParseFloat(string(o.Total), 64)
		if err != nil {
			return err
		}
		o.Total = schema.Decimal(strconv.FormatFloat(total, 'f', -1, 64))
	}
	if err := emit("orders", o); err != nil {
		return err
	}
	if err := c.deliverNote(out, o); err != nil {
		return err
	}
	emit = out.Upsert
	if c.has("updates of rows that were never delivered") {
		emit = out.Update
	}
	for _, i := range o.Items {
		if c.has("a checkpoint between a row and its children") {
			cursor.Advance(o.Updated + 1)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		if err := emit("items", i); err != nil {
			return err
		}
	}
	return nil
}

// syncEvents resumes after the last event. The table has no primary key.
func (c *reference) syncEvents(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, c.eventsPart(), state.Sorted())
	since := cursor.Start()
	if !cursor.First() {
		since++ // no two events have the same number
	}
	if c.has("a truncate in a sync that resumes") {
		if err := out.Truncate("events"); err != nil {
			return err
		}
	}
	checkpoint := func() error { return out.Checkpoint() }
	if c.has("a state saved before the table begins") {
		orders := st.Table("accounts")
		if done, err := orders.Get("done", new(bool)); err != nil || done {
			since = 1 << 40
		} else if err := orders.Set("done", true); err != nil {
			return err
		}
		if err := out.Scope("accounts").Checkpoint(); err != nil {
			return err
		}
	}
	last := int64(-1)
	return pages(ctx, c, "/events", since, 0, func(rows []happening) error {
		if c.has("a second sync that panics") {
			_ = rows[len(rows)-1]
		}
		c.events.Add(int64(len(rows)))
		for _, e := range rows {
			if err := out.Upsert(c.eventsName(), e); err != nil {
				return err
			}
			if again := c.has("rows delivered again after a failure") && e.Seq <= last; again {
				continue
			}
			last = e.Seq
			cursor.Advance(e.Seq)
			if err := checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}

// open is a connector whose password is not a connector.Secret.
type open struct {
	reference
	Password string `json:"password"`
}
