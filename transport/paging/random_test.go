package paging_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A randomSource serves records with the ids from 1 on. The fields that are exported appear
// in the messages of a failed test.
type randomSource struct {
	Records, Size int
	Total         string // a kind of total
	Beyond        string // what it serves beyond the last page: "empty", "last page", "first page", "404"
	Ignores       bool   // the parameter for the page
	Uneven        bool   // some pages are shorter
	FromZero      bool

	seed uint64
}

func (s *randomSource) pages() int { return (s.Records + s.Size - 1) / s.Size }

// offset returns the offset of the page that is requested, and false if there is none.
func (s *randomSource) offset(r *http.Request) (int, bool) {
	if s.Ignores {
		return 0, true
	}
	offset := number(r, "offset")
	if r.URL.Query().Has("page") {
		page := number(r, "page")
		if !s.FromZero {
			page--
		}
		offset = page * s.Size
	}
	if offset < s.Records || offset == 0 {
		return offset, true
	}
	switch s.Beyond {
	case "last page":
		return max(0, s.pages()-1) * s.Size, true
	case "first page":
		return offset % (max(1, s.pages()) * s.Size), true
	case "404":
		return 0, false
	}
	return offset, true
}

func (s *randomSource) handle(w http.ResponseWriter, r *http.Request) {
	offset, ok := s.offset(r)
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	size := s.Size
	if s.Uneven && size > 1 && (s.seed>>(offset%60))&1 == 1 {
		size--
	}
	data := transporttest.IDRecords(offset+1, min(offset+size, s.Records))
	body := map[string]any{"data": data, "served": rand.Uint64()} //nolint:gosec // a member that changes
	total, pages := s.totals(offset, len(data))
	body["total"], body["pages"] = json.RawMessage(total), json.RawMessage(pages)
	if total == "" {
		delete(body, "total")
		delete(body, "pages")
	}
	_ = json.NewEncoder(w).Encode(body)
}

var totalKinds = []string{"right", "string", "fraction", "zero", "null", "negative", "first page only", "too small", "too large", "grows"}

// honest reports whether the total is right or plainly unknown.
func (s *randomSource) honest() bool { return s.Total != "too small" && s.Total != "too large" }

// totals returns the number of records and of pages.
func (s *randomSource) totals(offset, n int) (records, pages string) {
	r, p := s.Records, s.pages()
	switch s.Total {
	case "string":
		return fmt.Sprintf("%q", fmt.Sprint(r)), fmt.Sprintf("%q", fmt.Sprint(p))
	case "fraction":
		return fmt.Sprintf("%d.0", r), fmt.Sprintf("%d.0", p)
	case "zero":
		return "0", "0"
	case "null":
		return "null", "null"
	case "negative":
		return "-1", "-1"
	case "first page only":
		if offset > 0 {
			return "", ""
		}
	case "too small":
		// A limit that a page reaches exactly cannot be told from a right total.
		if r > 2 && s.Size > 1 && !s.Uneven {
			r -= max(1, r%s.Size)
			if r%s.Size == 0 {
				r--
			}
		}
		return fmt.Sprint(r), "0"
	case "too large":
		return fmt.Sprint(r + 3), fmt.Sprint(p + 2)
	case "grows":
		if end := offset + n; end < r {
			return fmt.Sprint(min(r, end+1)), fmt.Sprint(min(p, offset/s.Size+2))
		}
	}
	return fmt.Sprint(r), fmt.Sprint(p)
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// A sequence yields each record once and in order, or ends with an error, even if the source
// ignores the parameter, sends a wrong total or sends pages beyond the last one.
func TestPagesByCountingAreCompleteOrAnError(t *testing.T) {
	seed := rand.Uint64() //nolint:gosec // reported below
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 1500 {
		s := &randomSource{
			Records: random.IntN(30), Size: 1 + random.IntN(7), Total: pick(random, totalKinds), Ignores: random.IntN(6) == 0,
			Beyond: pick(random, []string{"empty", "empty", "last page", "first page", "404"}), seed: random.Uint64(),
		}
		p, name, query := randomPaging(random, s)
		if s.Ignores && s.Records > s.Size && s.Total == "too small" {
			continue // a total of one page at the most
		}
		client := transporttest.InMemory(t, s.handle)
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", Query: query, RecordsAt: "data"}, p))
		message := fmt.Sprintf("seed %d, source %d: %s of %+v: %v", seed, i, name, *s, err)
		usual := !s.Ignores && s.honest() && s.Beyond == "empty" && !s.Uneven
		if usual {
			require.NoError(t, err, message)
		}
		ids := transporttest.IDs(got)
		if s.Uneven { // pages may overlap
			slices.Sort(ids)
			ids = slices.Compact(ids)
		}
		if err == nil {
			require.Equal(t, transporttest.UpTo(int64(s.Records)), ids, message)
		} else {
			require.Equal(t, transporttest.UpTo(int64(len(ids))), ids, message)
		}
	}
}

// randomPaging returns a paging for a source, and the parameters that it requires.
func randomPaging(random *rand.Rand, s *randomSource) (p transport.Paging, name string, query url.Values) {
	size, withTotal := "", random.IntN(3) > 0
	if random.IntN(2) == 0 {
		size, query = "limit", url.Values{"limit": {fmt.Sprint(s.Size + 10*random.IntN(2))}}
	}
	var numbered transport.Numbered
	if random.IntN(2) == 0 {
		o := paging.Offset{SizeParam: size}
		if withTotal {
			o.TotalAt = "total"
			s.Uneven = random.IntN(3) == 0
		}
		numbered = o
	} else {
		s.FromZero = random.IntN(2) == 0
		n := paging.PageNumber{SizeParam: size, FromZero: s.FromZero}
		if withTotal {
			n.TotalPagesAt = "pages"
		}
		numbered = n
	}
	name = fmt.Sprintf("%#v", numbered)
	switch mode := random.IntN(4); {
	case mode == 0:
		return transport.Prefetch(numbered, 1+random.IntN(3)), "prefetch of " + name, query
	case mode == 1 && withTotal:
		return transport.Parallel(numbered, 2+random.IntN(4)), "parallel " + name, query
	case mode == 2 && withTotal:
		return transport.Prefetch(transport.Parallel(numbered, 2), 1), "prefetch of parallel " + name, query
	}
	return numbered, name, query
}

// A sequence has every record, or ends with an error, for both directions in which a source
// may sort, and whether or not the response includes the record with the key in the request.
func TestPagesByKeyAreCompleteOrAnError(t *testing.T) {
	seed := rand.Uint64() //nolint:gosec // reported below
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 700 {
		records, size := random.IntN(25), 2+random.IntN(6)
		descending, before, inclusive, ignores := random.IntN(2) == 0, random.IntN(2) == 0, random.IntN(3) == 0, random.IntN(6) == 0
		client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
			key, has := number(r, "key"), r.URL.Query().Has("key") && !ignores
			data := []map[string]int{}
			for n := range records {
				id := n + 1
				if descending {
					id = records - n
				}
				if len(data) < size && (!has || before && id < key || !before && id > key || inclusive && id == key) {
					data = append(data, map[string]int{"id": id})
				}
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "served": rand.Uint64()}) //nolint:gosec // a member that changes
		})
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"},
			transport.Prefetch(paging.Keyset{KeyAt: "id", Param: "key"}, random.IntN(3))))
		message := fmt.Sprintf("seed %d, source %d: %d records, pages of %d, descending %v, before %v, inclusive %v, ignores %v: %v", seed, i, records, size, descending, before, inclusive, ignores, err)
		if before == descending && !ignores {
			require.NoError(t, err, message)
		}
		if err == nil {
			ids := slices.Compact(slices.Sorted(slices.Values(transporttest.IDs(got))))
			require.Equal(t, transporttest.UpTo(int64(records)), ids, message)
		}
	}
}
