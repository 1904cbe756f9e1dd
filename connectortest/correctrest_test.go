package connectortest_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A post is a record of a REST source. Its member notes is not a column, and its
// member note is never set.
type post struct {
	ID      int64    `json:"id" schema:"primary_key"`
	Updated int64    `json:"updated"`
	Note    string   `json:"note"`
	Notes   []string `json:"notes" schema:"-"`
}

func posts(n int) (all []post) {
	for i := range n {
		all = append(all, post{ID: int64(i + 1), Updated: int64(i / 2), Notes: []string{"n"}})
	}
	return all
}

// A correctREST is a correct connector and its source.
type correctREST struct {
	connector *planned
	source    func() http.Handler
}

// readsPosts returns a connector whose function receives a client.
func readsPosts(sync func(ctx context.Context, api *transport.Client, st state.State, out connector.Emitter) error) *planned {
	client := func(ctx context.Context) (*transport.Client, error) {
		return transport.New("http://api.test", transport.WithLogger(connector.Logger(ctx)))
	}
	return &planned{
		tables: []schema.Table{schema.TableOf[post]("posts")},
		test: func(ctx context.Context) error {
			api, err := client(ctx)
			if err != nil {
				return err
			}
			_, err = api.Do(ctx, transport.Request{Path: "/posts"})
			return err
		},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			api, err := client(ctx)
			if err != nil {
				return err
			}
			return sync(ctx, api, st, out)
		},
	}
}

// allPosts returns a connector that reads all posts in each sync.
func allPosts(pages transport.Paging) *planned {
	return readsPosts(func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
		for p, err := range transport.Records[post](ctx, api, transport.Request{Path: "/posts", RecordsAt: "data"}, pages) {
			if err != nil {
				return err
			}
			if err := out.Upsert("posts", p); err != nil {
				return err
			}
		}
		return nil
	})
}

func servePosts(options ...fakeapi.CollectionOption) func() http.Handler {
	options = append(options, fakeapi.PageSize(4), fakeapi.Under("data"))
	return func() http.Handler { return fakeapi.New(nil, fakeapi.Collection("/posts", posts(18), options...)) }
}

// pagesWithLinks serves posts by page number. Each page also has the URL of the next
// one, the flag has_more and a total.
func pagesWithLinks(sorted func(a, b post) int) func() http.Handler {
	return func() http.Handler {
		all := posts(18)
		slices.SortStableFunc(all, sorted)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			number, _ := strconv.Atoi(r.URL.Query().Get("page"))
			number = max(number, 1)
			from := min((number-1)*4, len(all))
			page := map[string]any{"data": all[from:min(from+4, len(all))], "total": len(all), "has_more": from+4 < len(all)}
			if from+4 < len(all) {
				page["next"] = fmt.Sprintf("/posts?order=default&page=%d", number+1)
			}
			_ = json.NewEncoder(w).Encode(page)
		})
	}
}

func ascending(a, b post) int  { return cmp.Compare(a.ID, b.ID) }
func descending(a, b post) int { return cmp.Compare(b.ID, a.ID) }

// newestFirst stops at the first post that an earlier sync has delivered or, in a first
// sync, at one that is too old.
func newestFirst(ctx context.Context, api *transport.Client, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "posts", state.StartAt[int64](3))
	for p, err := range transport.Records[post](ctx, api, transport.Request{Path: "/posts", RecordsAt: "data"}, paging.NextURL{At: "next"}) {
		if err != nil {
			return err
		}
		if p.Updated < cursor.Start() {
			return nil
		}
		if err := out.Upsert("posts", p); err != nil {
			return err
		}
		cursor.Advance(p.Updated)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// firstPosts delivers the first posts up to a limit.
func firstPosts(limit int) func(context.Context, *transport.Client, state.State, connector.Emitter) error {
	return func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
		left := limit
		for p, err := range transport.Records[post](ctx, api, transport.Request{Path: "/posts", RecordsAt: "data"}, paging.NextURL{At: "next"}) {
			if err != nil {
				return err
			}
			if err := out.Upsert("posts", p); err != nil {
				return err
			}
			if left--; left == 0 {
				return nil
			}
		}
		return nil
	}
}

// lookingBack reads everything again, because its lookback is longer than the data.
func lookingBack(ctx context.Context, api *transport.Client, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "posts", state.Sorted(), state.Lookback[int64](1000), state.StartAt[int64](0))
	request := transport.Request{Path: "/posts", RecordsAt: "data", Query: url.Values{"since": {strconv.FormatInt(cursor.Start(), 10)}}}
	for p, err := range transport.Records[post](ctx, api, request, paging.NextURL{At: "next"}) {
		if err != nil {
			return err
		}
		if err := out.Upsert("posts", p); err != nil {
			return err
		}
		cursor.Advance(p.Updated)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// relay serves and reads the edges of a GraphQL connection.
func relay() correctREST {
	const query = `query($after: String) { posts(after: $after) { edges { node { id updated } } pageInfo { hasNextPage endCursor } } }`
	return correctREST{
		connector: readsPosts(func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
			request := transport.Request{Method: http.MethodPost, Path: "/graphql", Idempotent: true, RecordsAt: "data.posts.edges",
				Body: map[string]any{"query": query, "variables": map[string]any{}}}
			type edge struct{ Node post }
			for e, err := range transport.Records[edge](ctx, api, request, paging.PageToken{At: "data.posts.pageInfo.endCursor", MoreAt: "data.posts.pageInfo.hasNextPage", Param: "variables.after", InBody: true}) {
				if err != nil {
					return err
				}
				if err := out.Upsert("posts", e.Node); err != nil {
					return err
				}
			}
			return nil
		}),
		source: func() http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body struct {
					Variables struct{ After string } `json:"variables"`
				}
				_ = json.NewDecoder(r.Body).Decode(&body)
				from, _ := strconv.Atoi(body.Variables.After)
				all := posts(18)
				to := min(from+4, len(all))
				edges := []any{}
				for _, p := range all[from:to] {
					edges = append(edges, map[string]any{"node": map[string]any{"id": p.ID, "updated": p.Updated}})
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"posts": map[string]any{
					"edges": edges, "pageInfo": map[string]any{"hasNextPage": to < len(all), "endCursor": strconv.Itoa(to)},
				}}})
			})
		},
	}
}

func correctRESTs() map[string]correctREST {
	return map[string]correctREST{
		"pages by token":    {allPosts(paging.PageToken{At: "next_token", Param: "token"}), servePosts(fakeapi.ByToken("token", "next_token"))},
		"pages by next URL": {allPosts(paging.NextURL{At: "links.next"}), servePosts(fakeapi.ByNextURL("links.next"))},
		"pages by offset":   {allPosts(paging.Offset{TotalAt: "total"}), servePosts(fakeapi.ByOffset("offset", ""), fakeapi.Total("total"))},
		"pages by key":      {allPosts(paging.Keyset{KeyAt: "id", Param: "after"}), servePosts(fakeapi.ByKey("after", "id"), fakeapi.HasMore("has_more"))},
		"page numbers beside URLs of the next page": {allPosts(paging.PageNumber{}), pagesWithLinks(ascending)},
		"newest first, up to the cursor":            {readsPosts(newestFirst), pagesWithLinks(descending)},
		"a limit at the end of a page":              {readsPosts(firstPosts(8)), pagesWithLinks(ascending)},
		"a limit within the first page":             {readsPosts(firstPosts(3)), pagesWithLinks(ascending)},
		"a lookback that is longer than the data":   {readsPosts(lookingBack), servePosts(fakeapi.ByNextURL("next"), fakeapi.Since("since", "updated"))},
		"edges of a GraphQL connection":             relay(),
	}
}

// sharedLog returns a connector that reads two tables from one log.
func sharedLog() *planned {
	return &planned{
		tables: []schema.Table{plannedTable("a"), plannedTable("b")},
		sync: func(_ context.Context, st state.State, out connector.Emitter) error {
			deliver := func(table string, from, to int) error {
				for id := from; id < to; id++ {
					if name := []string{"a", "b"}[id%2]; table == "" || name == table {
						if err := out.Upsert(name, map[string]any{"id": id}); err != nil {
							return err
						}
					}
					if table != "" {
						continue
					}
					if err := errors.Join(st.Shared().Set("position", id+1), out.Checkpoint()); err != nil {
						return err
					}
				}
				return nil
			}
			position := 0
			if _, err := st.Shared().Get("position", &position); err != nil {
				return err
			}
			for _, missed := range st.Missed() {
				if err := deliver(missed, 0, position); err != nil {
					return err
				}
				st.Cover(missed)
			}
			return deliver("", position, 20)
		},
	}
}

// sharedWatermark returns a connector that saves at the end of a sync from where the
// next one reads all tables.
func sharedWatermark() *planned {
	return &planned{
		tables: []schema.Table{plannedTable("a"), plannedTable("b")},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			since := 0
			if _, err := st.Shared().Get("since", &since); err != nil {
				return err
			}
			missed := st.Missed()
			var tables connector.Tables
			for _, name := range []string{"a", "b"} {
				tables.Add(name, func(_ context.Context, _ state.State, out connector.Emitter) error {
					from := since
					if slices.Contains(missed, name) {
						from = 0
					}
					for id := from; id < 20; id++ {
						if err := errors.Join(out.Upsert(name, map[string]any{"id": id}), out.Checkpoint()); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := tables.Sync(ctx, st, out); err != nil {
				return err
			}
			for _, name := range missed {
				st.Cover(name)
			}
			return st.Shared().Set("since", 19)
		},
	}
}

// fileList returns a connector that lists files by the time of their last change.
func fileList() *planned {
	files := fstest.MapFS{}
	for i := range 20 {
		files[strconv.Itoa(i)] = &fstest.MapFile{ModTime: time.Date(2026, 1, 2, 12, i/3, 0, 0, time.UTC)}
	}
	return &planned{
		tables: []schema.Table{{Name: "files", Columns: []schema.Column{{Name: "name", Type: schema.TypeString, PrimaryKey: true}}}},
		sync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[time.Time](st, "files", state.Sorted())
			entries, err := fs.ReadDir(files, ".")
			if err != nil {
				return err
			}
			modified := func(e fs.DirEntry) time.Time { return files[e.Name()].ModTime }
			slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { return modified(a).Compare(modified(b)) })
			for _, e := range entries {
				if modified(e).Before(cursor.Start()) {
					continue
				}
				if err := out.Upsert("files", map[string]any{"name": e.Name()}); err != nil {
					return err
				}
				cursor.Advance(modified(e))
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func correctPlanned() map[string]*planned {
	return map[string]*planned{
		"a log of two tables":           sharedLog(),
		"a watermark of two tables":     sharedWatermark(),
		"a list of files":               fileList(),
		"a shared note of a first load": firstLoadNoted(false),
	}
}

// With the flag -long, a correct connector must pass several runs with different seeds.
// Those after the first restart syncs less often, because the seeds choose other restarts
// each time. Rules that make no random choices run every tenth time.
const (
	longRestarts = 5
	wholeRuns    = 10
)

// passes fails if a rule fails for a correct connector.
func passes(t *testing.T, c connector.Connector, opts ...connectortest.Option) {
	t.Helper()
	n := 1
	if *long {
		n = *runs
	}
	for seed := range n {
		each := append(slices.Clone(opts), connectortest.Seed(uint64(seed)))
		if seed > 0 {
			each = append(each, connectortest.Restarts(longRestarts))
		}
		if seed%wholeRuns > 0 {
			each = append(each, connectortest.OnlyRandom())
		}
		for subtest, r := range connectortest.Record(t, c, each...) {
			assert.False(t, r.Failed(), "%s with seed %d: %v", subtest, seed, r)
		}
		if t.Failed() {
			return
		}
	}
}

func TestACorrectRESTConnectorNeverFails(t *testing.T) {
	t.Parallel()
	all := correctRESTs()
	maps.Copy(all, misleadingRESTs())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, c.connector, connectortest.Source(c.source), restarts(5))
		})
	}
}

func TestACorrectConnectorWithPositionsOfSeveralTablesNeverFails(t *testing.T) {
	t.Parallel()
	for name, c := range correctPlanned() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, c, connectortest.Source(http.NotFoundHandler), restarts(4))
		})
	}
}

func TestTheReferenceNeverFailsInVirtualTime(t *testing.T) {
	t.Parallel()
	c, network := newReference("")
	passes(t, c, connectortest.Source(func() http.Handler { return network }), restarts(5))
}
