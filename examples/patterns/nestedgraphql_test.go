package patterns_test

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A Storefront is a connector for a GraphQL API that limits the cost of queries.
type Storefront struct {
	BaseURL string `json:"base_url" jsonschema:"format=uri"`

	api *transport.Client
}

// A Purchase is a row of purchases. Lines is the first page of its lines.
type Purchase struct {
	ID        string    `json:"id" schema:"primary_key"`
	UpdatedAt time.Time `json:"updatedAt"`
	Lines     struct {
		Nodes    []Line
		PageInfo struct {
			HasNextPage bool
			EndCursor   string
		}
	} `json:"lines" schema:"-"`
}

// A Line is a row of purchase_lines. The source does not send Purchase.
type Line struct {
	Purchase string `json:"purchase" schema:"primary_key"`
	SKU      string `json:"sku" schema:"primary_key"`
	Quantity int64  `json:"quantity"`
}

const (
	purchasesQuery = `query($since: DateTime!, $after: String) {
		purchases(first: 50, after: $after, updatedSince: $since, sortBy: UPDATED_AT) {
			nodes { id updatedAt lines(first: 5) { nodes { sku quantity } pageInfo { hasNextPage endCursor } } }
			pageInfo { hasNextPage endCursor }
		} }`
	linesQuery = `query($id: ID!, $after: String) {
		purchase(id: $id) {
			lines(first: 100, after: $after) { nodes { sku quantity } pageInfo { hasNextPage endCursor } }
		} }`
)

func (*Storefront) Schema(context.Context) (schema.Schema, error) {
	return schema.New("storefront",
		schema.TableOf[Purchase]("purchases"),
		schema.TableOf[Line]("purchase_lines").Following("purchases"),
	)
}

// Open creates a client that waits for the points that a query lacks.
func (s *Storefront) Open(ctx context.Context) (err error) {
	throttled := func(r *transport.Response) bool { return bytes.Contains(r.Body, []byte(`"THROTTLED"`)) }
	s.api, err = transport.New(s.BaseURL, transport.WithLogger(connector.Logger(ctx)),
		transport.WithRules(transport.Rule{When: throttled, Do: transport.DoRepeat, Wait: waitForPoints}))
	return err
}

func waitForPoints(r *transport.Response) (time.Duration, bool) {
	var body struct {
		Extensions struct {
			Cost struct {
				RequestedQueryCost float64
				ThrottleStatus     struct{ CurrentlyAvailable, RestoreRate float64 }
			}
		}
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return 0, false
	}
	cost, points := body.Extensions.Cost.RequestedQueryCost, body.Extensions.Cost.ThrottleStatus
	seconds := (cost - points.CurrentlyAvailable) / points.RestoreRate
	return time.Duration(seconds * float64(time.Second)), points.RestoreRate > 0
}

func (s *Storefront) Test(ctx context.Context) error {
	_, err := s.api.Do(ctx, transport.GraphQL("/graphql", `{ shop { id } }`, nil))
	return err
}

// Sync advances the cursor once all lines of a purchase have been delivered.
func (s *Storefront) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "purchases", state.Sorted(), state.StartAt(time.Unix(0, 0).UTC()))
	request := transport.GraphQL("/graphql", purchasesQuery, map[string]any{"since": cursor.Start()})
	request.RecordsAt = "data.purchases.nodes"
	for purchase, err := range transport.Records[Purchase](ctx, s.api, request, paging.Relay{At: "data.purchases"}) {
		if err != nil {
			return err
		}
		if err := s.deliver(ctx, &purchase, out); err != nil {
			return err
		}
		cursor.Advance(purchase.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// deliver delivers a purchase and its lines. Most purchases have all lines with them. The
// others need further requests, for the pages of their own connection.
func (s *Storefront) deliver(ctx context.Context, purchase *Purchase, out connector.Emitter) error {
	if err := out.Upsert("purchases", purchase); err != nil {
		return err
	}
	for _, line := range purchase.Lines.Nodes {
		line.Purchase = purchase.ID
		if err := out.Upsert("purchase_lines", line); err != nil {
			return err
		}
	}
	if !purchase.Lines.PageInfo.HasNextPage {
		return nil
	}
	variables := map[string]any{"id": purchase.ID, "after": purchase.Lines.PageInfo.EndCursor}
	request := transport.GraphQL("/graphql", linesQuery, variables)
	request.RecordsAt = "data.purchase.lines.nodes"
	for line, err := range transport.Records[Line](ctx, s.api, request, paging.Relay{At: "data.purchase.lines"}) {
		if err != nil {
			return err
		}
		line.Purchase = purchase.ID
		if err := out.Upsert("purchase_lines", line); err != nil {
			return err
		}
	}
	return nil
}

// Each record of a GraphQL connection has a connection of its own. The query selects the
// pageInfo of both, and a small first page of the inner one, because the source counts
// the cost of a query by the number of records that it may return. If the source refuses a
// query, Wait reads from the body how long to wait.
func Example_nestedGraphQL() {
	newPlatform(costLimited(), nil).sync(&Storefront{})
	// Output:
	// {"type":"RECORD","record":{"storefront":{"purchases":{"id":"p1","updatedAt":"2026-05-01T09:00:00Z"}}}}
	// {"type":"RECORD","record":{"storefront":{"purchase_lines":{"purchase":"p1","sku":"pen","quantity":1}}}}
	// {"type":"RECORD","record":{"storefront":{"purchases":{"id":"p2","updatedAt":"2026-05-01T10:00:00Z"}}}}
	// {"type":"RECORD","record":{"storefront":{"purchase_lines":{"purchase":"p2","sku":"pen","quantity":1}}}}
	// {"type":"RECORD","record":{"storefront":{"purchase_lines":{"purchase":"p2","sku":"ink","quantity":1}}}}
	// {"type":"RECORD","record":{"storefront":{"purchase_lines":{"purchase":"p2","sku":"nib","quantity":1}}}}
	// {"type":"STATE","state":{"purchase_lines":{"_follows":{"number":1,"of":"purchases"}},"purchases":{"_followers":{"number":1,"since":1},"cursor":"2026-05-01T10:00:00Z"}}}
}
