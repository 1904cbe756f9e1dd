package connectortest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

// misleadingRESTs returns correct connectors whose responses announce records that the
// connector does not read, or contain records and members that are not for the rows.
func misleadingRESTs() map[string]correctREST {
	return map[string]correctREST{
		"an empty page that is announced":              {readsPosts(untilShortPage), announcingEmptyPages},
		"the first hits of a search":                   {readsPosts(firstHits), searchHits},
		"a list of which only the first record counts": {readsPosts(postsOfFirstRegion), postsOfRegions},
		"only the columns that users select":           {readsPosts(selectedColumns), withFields},
		"two tables with the same keys":                sameKeys(),
	}
}

// untilShortPage reads pages until one has fewer records than there can be.
func untilShortPage(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
	for number := 1; ; number++ {
		page, err := transport.Get[struct{ Data []post }](ctx, api, transport.Request{Path: "/posts", Query: url.Values{"page": {strconv.Itoa(number)}}})
		if err != nil {
			return err
		}
		for _, p := range page.Data {
			if err := out.Upsert("posts", p); err != nil {
				return err
			}
		}
		if len(page.Data) < 4 {
			return nil
		}
	}
}

// announcingEmptyPages serves posts by page number. Each page announces another one.
func announcingEmptyPages() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		all := posts(18)
		from := min((max(number, 1)-1)*4, len(all))
		writeJSON(w, map[string]any{"data": all[from:min(from+4, len(all))], "has_more": true, "next": fmt.Sprintf("/posts?page=%d", max(number, 1)+1)})
	})
}

type searchResult struct {
	Hits struct {
		Total int   `json:"total"`
		Hits  []hit `json:"hits"`
	} `json:"hits"`
}

type hit struct {
	Source post `json:"_source"`
}

// firstHits reads the hits that a search returns at most.
func firstHits(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
	for from := range 3 {
		request := transport.Request{Method: http.MethodPost, Path: "/posts", Body: map[string]int{"from": from * 4, "size": 4}, Idempotent: true}
		result, err := transport.Get[searchResult](ctx, api, request)
		if err != nil {
			return err
		}
		for _, h := range result.Hits.Hits {
			if err := out.Upsert("posts", h.Source); err != nil {
				return err
			}
		}
	}
	return nil
}

func searchHits() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := struct{ From, Size int }{Size: 4}
		_ = json.NewDecoder(r.Body).Decode(&body)
		var result searchResult
		all := posts(18)
		result.Hits.Total = len(all)
		for _, p := range all[min(body.From, len(all)):min(body.From+body.Size, len(all))] {
			result.Hits.Hits = append(result.Hits.Hits, hit{p})
		}
		writeJSON(w, result)
	})
}

// postsOfFirstRegion finds out the region of the user first.
func postsOfFirstRegion(ctx context.Context, api *transport.Client, st state.State, out connector.Emitter) error {
	if _, err := api.Do(ctx, transport.Request{Path: "/regions", Query: url.Values{"limit": {"1"}}}); err != nil {
		return err
	}
	return untilShortPage(ctx, api, st, out)
}

// postsOfRegions also serves regions. The first one has the ID of a post.
func postsOfRegions() http.Handler {
	pages := announcingEmptyPages()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/regions" {
			pages.ServeHTTP(w, r)
			return
		}
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		writeJSON(w, map[string]any{"data": []any{map[string]any{"id": max(number, 1)*100 - 99, "name": "eu"}}, "has_more": true})
	})
}

// selectedColumns requests the columns that the user has selected.
func selectedColumns(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
	names, err := out.SelectedColumns("posts")
	if err != nil || len(names) == 0 {
		return err
	}
	request := transport.Request{Path: "/posts", RecordsAt: "data", Query: url.Values{"fields": {strings.Join(names, ",")}}}
	for p, err := range transport.Records[map[string]any](ctx, api, request, nil) {
		if err != nil {
			return err
		}
		if err := out.Upsert("posts", p); err != nil {
			return err
		}
	}
	return nil
}

// withFields serves the fields of posts for which a request asks.
func withFields() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fields := strings.Split(r.URL.Query().Get("fields"), ",")
		var data []map[string]any
		for _, p := range posts(18) {
			record := map[string]any{"id": p.ID, "updated": p.Updated, "note": nil}
			for name := range record {
				if !slices.Contains(fields, name) {
					delete(record, name)
				}
			}
			data = append(data, record)
		}
		writeJSON(w, map[string]any{"data": data})
	})
}

type user struct {
	ID    int64  `json:"id" schema:"primary_key"`
	Email string `json:"email"`
}

type signedPost struct {
	ID       int64   `json:"id" schema:"primary_key"`
	Updated  int64   `json:"updated"`
	SignedUp *string `json:"signed_up"`
}

// sameKeys serves and reads two tables whose rows have the same keys. Users have a
// member that looks like the column of posts that is always null.
func sameKeys() correctREST {
	c := readsPosts(func(ctx context.Context, api *transport.Client, _ state.State, out connector.Emitter) error {
		return errors.Join(copyAll[signedPost](ctx, api, "posts", out), copyAll[user](ctx, api, "users", out))
	})
	c.tables = []schema.Table{schema.TableOf[signedPost]("posts"), schema.TableOf[user]("users")}
	return correctREST{c, func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			data := []any{}
			for id := range 9 {
				if r.URL.Path == "/users" {
					data = append(data, map[string]any{"id": id, "email": fmt.Sprintf("u%d@example.com", id), "signedUp": "2026-01-02"})
				} else {
					data = append(data, map[string]any{"id": id, "updated": id / 2})
				}
			}
			writeJSON(w, map[string]any{"data": data})
		})
	}}
}

// copyAll delivers the records of a path as the rows of the table with its name.
func copyAll[T any](ctx context.Context, api *transport.Client, table string, out connector.Emitter) error {
	for record, err := range transport.Records[T](ctx, api, transport.Request{Path: "/" + table, RecordsAt: "data"}, nil) {
		if err != nil {
			return err
		}
		if err := out.Upsert(table, record); err != nil {
			return err
		}
	}
	return nil
}
