package patterns_test

import (
	"context"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
)

// An Agency is a connector for a source that is queried for one account at a time.
type Agency struct {
	BaseURL  string   `json:"base_url" jsonschema:"format=uri"`
	Accounts []string `json:"accounts" jsonschema:"minItems=1,uniqueItems=true"`

	api *transport.Client
}

// A Campaign is a row of campaigns. Its id is unique within its account.
type Campaign struct {
	Account   string    `json:"account" schema:"primary_key"`
	ID        int64     `json:"id" schema:"primary_key"`
	UpdatedAt time.Time `json:"updated_at"`
}

func (*Agency) Schema(context.Context) (schema.Schema, error) {
	return schema.New("agency", schema.TableOf[Campaign]("campaigns"))
}

// Open creates one client for all accounts, so that they share its limit.
func (a *Agency) Open(ctx context.Context) (err error) {
	limit := ratelimit.Limit{Concurrent: 4}
	a.api, err = transport.New(a.BaseURL, transport.WithLimit(limit), transport.WithLogger(connector.Logger(ctx)))
	return err
}

func (a *Agency) Test(ctx context.Context) error {
	_, err := a.api.Do(ctx, transport.Request{Path: "/campaigns", Query: url.Values{"account": a.Accounts[:1]}})
	return err
}

// Sync reads all accounts at the same time. Each has a cursor of its own.
func (a *Agency) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursors := state.NewPartitions[time.Time](st, "campaigns", 1000, state.Sorted(), state.StartAt(time.Unix(0, 0).UTC()))
	var reads []func(context.Context) error
	for _, account := range a.Accounts {
		reads = append(reads, func(ctx context.Context) error {
			return a.syncAccount(ctx, account, cursors.Cursor(account), out)
		})
	}
	wait := connector.Go(ctx, reads...)
	return wait()
}

func (a *Agency) syncAccount(ctx context.Context, account string, cursor *state.Cursor[time.Time], out connector.Emitter) error {
	query := url.Values{"account": {account}, "updated_since": {cursor.Start().Format(time.RFC3339Nano)}}
	request := transport.Request{Path: "/campaigns", Query: query, RecordsAt: "data"}
	for campaign, err := range transport.Records[Campaign](ctx, a.api, request, paging.NextURL{At: "next"}) {
		if err != nil {
			return err
		}
		campaign.Account = account
		if err := out.Upsert("campaigns", campaign); err != nil {
			return err
		}
		cursor.Advance(campaign.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// The source has several accounts, or regions with a host each. Partitions keeps a cursor
// for each of them, and Go reads them at the same time. Here, an earlier sync has read the
// account acme, and the user has added globex since, which is read from its beginning.
// For thousands of accounts, use children.Each, which reads a few of them at a time.
func Example_partitions() {
	platform := newPlatform(campaigns, map[string]any{"accounts": []string{"acme", "globex"}})
	platform.state = []byte(`{"campaigns":{"partitions":{"acme":"2026-05-02T00:00:00Z"}}}`)
	platform.sync(&Agency{})
	// Unordered output:
	// {"type":"RECORD","record":{"agency":{"campaigns":{"account":"acme","id":2,"updated_at":"2026-05-02T00:00:00Z"}}}}
	// {"type":"RECORD","record":{"agency":{"campaigns":{"account":"globex","id":1,"updated_at":"2026-05-01T00:00:00Z"}}}}
	// {"type":"RECORD","record":{"agency":{"campaigns":{"account":"globex","id":2,"updated_at":"2026-05-02T00:00:00Z"}}}}
	// {"type":"STATE","state":{"campaigns":{"partitions":{"acme":"2026-05-02T00:00:00Z","globex":"2026-05-02T00:00:00Z"}}}}
}
