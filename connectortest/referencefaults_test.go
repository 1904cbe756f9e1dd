package connectortest_test

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// This file contains the faults of reference that concern pages, names, and what the
// state says about several tables.

type misspelledAccount struct {
	ID       int64  `json:"id" schema:"primary_key"`
	Name     string `json:"name"`
	SignedUp string `json:"singed_up"`
}

type camelCaseAccount struct {
	ID       int64  `json:"id" schema:"primary_key"`
	Name     string `json:"name"`
	SignedUp string `json:"signedUp"`
}

// regional is a connector with a required field that its contract lacks.
type regional struct {
	reference
	Region string `json:"region"`
}

func (c *reference) accountsTable() schema.Table {
	switch c.fault {
	case "a column whose name is misspelled":
		return schema.TableOf[misspelledAccount]("accounts")
	case "a column whose name is in another style":
		return schema.TableOf[camelCaseAccount]("accounts")
	}
	table := schema.TableOf[account]("accounts")
	if c.has("a column that has disappeared") {
		table.Columns = table.Columns[:2]
	}
	return table
}

func (c *reference) eventsName() string {
	if c.has("a table that was renamed") {
		return "happenings"
	}
	return "events"
}

// eventsPart returns the name of the part of the state that holds the cursor of the
// events.
func (c *reference) eventsPart() string {
	if c.has("a cursor in the part of another table") {
		return "accounts"
	}
	return c.eventsName()
}

// endsEarly reports whether the connector stops reading a table although there is
// another page.
func (c *reference) endsEarly(path string, since int64) bool {
	return path == "/accounts" && c.has("a flag for more pages that is ignored") ||
		path == "/orders" && since == 0 && c.has("a first sync that reads one page") ||
		path == "/orders" && since > 0 && c.has("a resumed sync that ends after one page")
}

// otherAccounts returns the function that syncs the accounts, if the fault is in it.
func (c *reference) otherAccounts() connector.TableFunc {
	switch c.fault {
	case "a page token that is misspelled":
		return c.pagedAccounts(paging.PageToken{At: "nextToken", Param: "token", Optional: true})
	case "a next URL that is misspelled":
		return c.pagedAccounts(paging.NextURL{At: "nxt", Optional: true})
	case "a Link header that is ignored":
		return c.pagedAccounts(paging.SinglePage{})
	case "a page that is read twice with different values":
		return c.repeatAccounts
	case "a position that is kept in memory":
		return c.rememberAccounts
	case "a table that is read only with another one":
		return c.accountsWithEvents
	case "a table that is given up after two interrupted syncs":
		return c.giveUpAccounts
	case "a copy of a position that a reset leaves behind":
		return c.accountsWithCopy
	case "a position in the part of another table":
		return c.accountsInOtherPart
	case "a cursor in the part of another table":
		return func(ctx context.Context, _ state.State, out connector.Emitter) error {
			select {
			case <-time.After(100 * time.Millisecond): // the events have been read by then
			case <-ctx.Done():
			}
			return c.allAccounts(ctx, 0, func(a account) error { return out.Upsert("accounts", a) })
		}
	}
	return nil
}

func (c *reference) pagedAccounts(pages transport.Paging) connector.TableFunc {
	return func(ctx context.Context, _ state.State, out connector.Emitter) error {
		request := transport.Request{Path: "/accounts", RecordsAt: "rows", Query: url.Values{"size": {strconv.Itoa(c.PageSize)}}}
		for a, err := range transport.Records[account](ctx, c.api, request, pages) {
			if err != nil {
				return err
			}
			if err := out.Upsert("accounts", a); err != nil {
				return err
			}
		}
		return nil
	}
}

// allAccounts calls do with each account from an offset on.
func (c *reference) allAccounts(ctx context.Context, offset int, do func(account) error) error {
	return pages(ctx, c, "/accounts", 0, offset, func(rows []account) error {
		for _, a := range rows {
			if err := do(a); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *reference) repeatAccounts(ctx context.Context, _ state.State, out connector.Emitter) error {
	for _, suffix := range []string{"", " again"} {
		err := c.allAccounts(ctx, 0, func(a account) error {
			a.Name += suffix
			return out.Upsert("accounts", a)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *reference) rememberAccounts(ctx context.Context, _ state.State, out connector.Emitter) error {
	return c.allAccounts(ctx, int(c.memory.Load()), func(a account) error {
		c.memory.Add(1)
		return out.Upsert("accounts", a)
	})
}

func (c *reference) accountsWithEvents(ctx context.Context, _ state.State, out connector.Emitter) error {
	if !out.Selected("events") {
		return nil
	}
	return c.allAccounts(ctx, 0, func(a account) error { return out.Upsert("accounts", a) })
}

// giveUpAccounts counts the syncs that did not complete the table.
func (c *reference) giveUpAccounts(ctx context.Context, st state.State, out connector.Emitter) error {
	part := st.Table("accounts")
	var tries int
	if _, err := part.Get("tries", &tries); err != nil || tries == 2 {
		return err
	}
	if err := part.Set("tries", tries+1); err != nil {
		return err
	}
	if err := out.Checkpoint(); err != nil {
		return err
	}
	if err := c.allAccounts(ctx, 0, func(a account) error { return out.Upsert("accounts", a) }); err != nil {
		return err
	}
	return part.Set("tries", 0)
}

// accountsFrom delivers the accounts from a position on, and saves each new one.
func (c *reference) accountsFrom(ctx context.Context, out connector.Emitter, position int, save func(int) error) error {
	return c.allAccounts(ctx, position, func(a account) error {
		if err := out.Upsert("accounts", a); err != nil {
			return err
		}
		position++
		if err := save(position); err != nil {
			return err
		}
		return out.Checkpoint()
	})
}

// accountsWithCopy keeps the position in the part of the table and, at the end, in the
// shared part.
func (c *reference) accountsWithCopy(ctx context.Context, st state.State, out connector.Emitter) error {
	part, shared := st.Table("accounts"), st.Shared()
	var position int
	found, err := part.Get("position", &position)
	if err == nil && !found {
		_, err = shared.Get("accounts", &position)
	}
	if err != nil {
		return err
	}
	save := func(position int) error { return part.Set("position", position) }
	if err := c.accountsFrom(ctx, out, position, save); err != nil {
		return err
	}
	return shared.Set("accounts", accounts)
}

// accountsInOtherPart keeps the position in the part of the events.
func (c *reference) accountsInOtherPart(ctx context.Context, st state.State, out connector.Emitter) error {
	part := st.Table("events")
	var position int
	if _, err := part.Get("accounts", &position); err != nil {
		return err
	}
	return c.accountsFrom(ctx, out, position, func(position int) error { return part.Set("accounts", position) })
}

// around syncs the tables. Faults that concern several tables are here.
func (c *reference) around(ctx context.Context, st state.State, out connector.Emitter, tables *connector.Tables) error {
	switch c.fault {
	case "a first load that is recorded for all tables":
		return c.loadOnce(ctx, st, out, tables)
	case "a table that is not read again once it was deselected":
		return c.skipOnce(ctx, st, out, tables)
	case "a position that all tables share":
		return c.readLog(ctx, st, out)
	}
	return tables.Sync(ctx, st, out)
}

func (c *reference) loadOnce(ctx context.Context, st state.State, out connector.Emitter, tables *connector.Tables) error {
	var loaded bool
	if _, err := st.Shared().Get("loaded", &loaded); err != nil || loaded {
		return err
	}
	if err := tables.Sync(ctx, st, out); err != nil {
		return err
	}
	return st.Shared().Set("loaded", true)
}

// skipOnce remembers that the accounts were not selected.
func (c *reference) skipOnce(ctx context.Context, st state.State, out connector.Emitter, tables *connector.Tables) error {
	var skip bool
	if _, err := st.Shared().Get("skip_accounts", &skip); err != nil {
		return err
	}
	switch {
	case !out.Selected("accounts"):
		if err := st.Shared().Set("skip_accounts", true); err != nil {
			return err
		}
	case skip:
		tables = &connector.Tables{}
		tables.Add("orders", c.syncOrders)
		tables.Add("events", c.syncEvents)
	}
	return tables.Sync(ctx, st, out)
}

// readLog delivers the accounts and then the orders, and keeps one position for both.
func (c *reference) readLog(ctx context.Context, st state.State, out connector.Emitter) error {
	var position int
	if _, err := st.Shared().Get("position", &position); err != nil {
		return err
	}
	save := func(position int) error { return st.Shared().Set("position", position) }
	if position < accounts {
		if err := c.accountsFrom(ctx, out, position, save); err != nil {
			return err
		}
		position = accounts
	}
	return pages(ctx, c, "/orders", 0, position-accounts, func(rows []order) error {
		for i := range rows {
			if err := c.deliver(out, &rows[i], nil); err != nil {
				return err
			}
			position++
			if err := save(position); err != nil {
				return err
			}
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}
