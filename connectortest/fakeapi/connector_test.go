package fakeapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// The test runs in virtual time, with latency, a rate limit and faults.
func TestAClientThatRetriesReadsEveryStyleOfPaging(t *testing.T) {
	for name, tt := range map[string]struct {
		options []fakeapi.CollectionOption
		request transport.Request
		paging  transport.Paging
	}{
		"token": {[]fakeapi.CollectionOption{fakeapi.ByToken("token", "meta.next")},
			transport.Request{RecordsAt: "data"}, paging.PageToken{At: "meta.next", Param: "token"}},
		"token, in the body": {[]fakeapi.CollectionOption{fakeapi.ByToken("page.token", "next"), fakeapi.InBody(), fakeapi.HasMore("more")},
			transport.Request{Method: http.MethodPost, Idempotent: true, RecordsAt: "data", Body: map[string]any{}}, paging.PageToken{At: "next", Param: "page.token", MoreAt: "more", InBody: true}},
		"page": {[]fakeapi.CollectionOption{fakeapi.ByPage("page", "per_page")},
			transport.Request{}, paging.PageNumber{}},
		"offset": {[]fakeapi.CollectionOption{fakeapi.ByOffset("offset", "limit"), fakeapi.Total("total")},
			transport.Request{RecordsAt: "data", Query: url.Values{"limit": {"4"}}}, paging.Offset{TotalAt: "total", SizeParam: "limit"}},
		"link": {[]fakeapi.CollectionOption{fakeapi.ByLink()},
			transport.Request{}, paging.LinkHeader{}},
		"next URL": {[]fakeapi.CollectionOption{fakeapi.ByNextURL("links.next"), fakeapi.Under("rows"), fakeapi.Since("since", "updated_at")},
			transport.Request{RecordsAt: "rows"}, paging.NextURL{At: "links.next"}},
		"key": {[]fakeapi.CollectionOption{fakeapi.ByKey("after", "id")},
			transport.Request{}, paging.Keyset{KeyAt: "id", Param: "after"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(t,
					fakeapi.Collection("/v1/orders", orders(50), append(tt.options, fakeapi.PageSize(4))...),
					fakeapi.Bearer("key-0123456789"),
					fakeapi.Latency(30*time.Millisecond),
					fakeapi.RateLimit(5, time.Second),
					fakeapi.Faults(0.4, 3))
				client, err := transport.New("http://shop.test", transport.WithAuth(auth.Bearer("key-0123456789")),
					transport.WithLogger(slog.New(slog.DiscardHandler)))
				require.NoError(t, err)
				tt.request.Path = "/v1/orders"
				var got []order
				for row, err := range transport.Records[order](transport.NewContext(t.Context(), recorded{api}), client, tt.request, tt.paging) {
					require.NoError(t, err)
					got = append(got, row)
				}
				assert.Equal(t, orders(50), got)
			})
		})
	}
}

// shop is a connector for the API.
type shop struct {
	Key    connector.Secret `json:"key"`
	client *transport.Client
}

type sale struct {
	ID      int64     `json:"id" schema:"primary_key"`
	Updated time.Time `json:"updated_at"`
}

func (s *shop) Open(ctx context.Context) (err error) {
	s.client, err = transport.New("http://shop.test", transport.WithAuth(auth.Bearer(s.Key.Reveal())), transport.WithLogger(connector.Logger(ctx)))
	return err
}

func (s *shop) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[sale]("sales"))
}

func (s *shop) Test(ctx context.Context) error {
	_, err := s.client.Do(ctx, transport.Request{Path: "/ping"})
	return err
}

func (s *shop) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "sales", state.Sorted())
	request := transport.Request{Path: "/sales", RecordsAt: "data", Query: url.Values{}}
	if !cursor.First() {
		request.Query.Set("since", cursor.Start().Format(time.RFC3339Nano))
	}
	for row, err := range transport.Records[sale](ctx, s.client, request, paging.PageToken{At: "next", Param: "token"}) {
		if err != nil {
			return err
		}
		if err := out.Upsert("sales", row); err != nil {
			return err
		}
		cursor.Advance(row.Updated)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func TestAConnectorPassesTheSuiteWithAFakeAPI(t *testing.T) {
	connectortest.Run(t, &shop{Key: "key-0123456789"}, connectortest.Source(func() http.Handler {
		return fakeapi.New(t,
			fakeapi.Collection("/sales", orders(30), fakeapi.ByToken("token", "next"), fakeapi.PageSize(4), fakeapi.Since("since", "updated_at")),
			fakeapi.Object("/ping", map[string]bool{"ok": true}),
			fakeapi.Bearer("key-0123456789"),
			fakeapi.RateLimit(20, time.Second),
			fakeapi.Latency(20*time.Millisecond),
			fakeapi.Faults(0.1, 1))
	}), connectortest.Restarts(10))
}

// catalog is a connector for a GraphQL API with access tokens.
type catalog struct {
	Secret connector.Secret `json:"client_secret"`
	client *transport.Client
}

func (c *catalog) Open(ctx context.Context) (err error) {
	c.client, err = transport.New("http://shop.test", transport.WithLogger(connector.Logger(ctx)),
		transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: "http://shop.test/token", ClientID: "catalog", ClientSecret: c.Secret.Reveal(), CredentialsIn: "body"})))
	return err
}

func (c *catalog) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[sale]("products"))
}

func (c *catalog) Test(ctx context.Context) error {
	_, err := c.client.Do(ctx, transport.Request{Path: "/ping"})
	return err
}

func (c *catalog) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "products", state.Sorted())
	variables := map[string]any{"first": 4}
	if !cursor.First() {
		variables["since"] = cursor.Start().Format(time.RFC3339Nano)
	}
	request := transport.GraphQL("/graphql", `query($first: Int!, $after: String, $since: DateTime) {
		shop { products(first: $first, after: $after, since: $since) {
			nodes { id updated_at } pageInfo { hasNextPage endCursor } } } }`, variables)
	request.RecordsAt = "data.shop.products.nodes"
	for row, err := range transport.Records[sale](ctx, c.client, request, paging.Relay{At: "data.shop.products"}) {
		if err != nil {
			return err
		}
		if err := out.Upsert("products", row); err != nil {
			return err
		}
		cursor.Advance(row.Updated)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func TestAConnectorPassesTheSuiteWithGraphQLAndAccessTokens(t *testing.T) {
	connectortest.Run(t, &catalog{Secret: "secret-0123456789"}, connectortest.Source(func() http.Handler {
		return fakeapi.New(t,
			fakeapi.OAuth("/token", "catalog", "secret-0123456789", fakeapi.ExpiresIn(time.Second)),
			fakeapi.GraphQL("/graphql", fakeapi.Connection("shop.products", orders(20), fakeapi.Since("since", "updated_at"))),
			fakeapi.Object("/ping", map[string]bool{"ok": true}),
			fakeapi.RateLimit(20, time.Second, fakeapi.ForbiddenUntilReset()),
			fakeapi.Latency(20*time.Millisecond),
			fakeapi.Compress(),
			fakeapi.FailOn("/graphql", 2, fakeapi.Status(503)))
	}), connectortest.Restarts(10))
}
