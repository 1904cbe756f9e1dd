package connector_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A bill is a row of the table bills.
type bill struct {
	ID    int64      `json:"id" schema:"primary_key"`
	Value string     `json:"value"`
	Note  string     `json:"note"`
	Lines []billLine `json:"lines" schema:"-"`
}

// A billLine is a row of the table bill_lines, which follows bills.
type billLine struct {
	Bill  int64  `json:"bill" schema:"primary_key"`
	No    int64  `json:"no" schema:"primary_key"`
	Value string `json:"value"`
}

// billSource serves bills in pages with validators.
type billSource struct {
	mu      sync.Mutex
	bills   []bill // in the order of their ids
	kind    string // of the paging
	tags    string // of the validators
	size    int
	faults  *rand.Rand // or nil
	clock   time.Time
	dates   map[string]time.Time // when a page got its content
	before  map[string]string
	n304    int
	past    [][]bill
	changes int
}

func (s *billSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults != nil && s.faults.IntN(12) == 0 {
		w.WriteHeader(http.StatusConflict) // is not repeated
		return
	}
	q := r.URL.Query()
	first := 0
	switch s.kind {
	case "page":
		n, _ := strconv.Atoi(cmp.Or(q.Get("page"), "1"))
		first = (n - 1) * s.size
	case "offset":
		first, _ = strconv.Atoi(q.Get("offset"))
	case "keyset":
		last, _ := strconv.Atoi(q.Get("after"))
		first = slices.IndexFunc(s.bills, func(b bill) bool { return b.ID > int64(last) })
		if first < 0 {
			first = len(s.bills)
		}
	case "one":
	default:
		first, _ = strconv.Atoi(q.Get("from"))
	}
	first = min(max(first, 0), len(s.bills))
	end := min(first+s.size, len(s.bills))
	if s.kind == "one" {
		end = len(s.bills)
	}
	body := map[string]any{"data": append([]bill{}, s.bills[first:end]...)}
	if end < len(s.bills) {
		next := fmt.Sprint("/bills?from=", end)
		switch s.kind {
		case "next":
			body["next"] = next
		case "token":
			body["next"] = fmt.Sprint(end)
		case "link":
			w.Header().Set("Link", "<"+next+`>; rel="next"`)
		}
	} else if s.kind == "next" || s.kind == "token" {
		body["next"] = nil
	}
	if s.kind == "offset" {
		body["total"] = len(s.bills)
	}
	text, _ := json.Marshal(body)
	data, _ := json.Marshal(body["data"])
	if s.validated(w, r, text, data) {
		s.n304++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(text)
}

// validated sets the validator of a page, and reports whether the page is unmodified.
func (s *billSource) validated(w http.ResponseWriter, r *http.Request, text, data []byte) bool {
	h := w.Header()
	s.clock = s.clock.Add(time.Second)
	h.Set("Date", s.clock.Format(http.TimeFormat))
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:6])
	switch s.tags {
	case "strong":
		h.Set("ETag", `"`+hash+`"`)
	case "gzip suffix":
		h.Set("ETag", `"`+hash+`-gzip"`)
	case "weak": // of the records alone
		sum := sha256.Sum256(data)
		h.Set("ETag", `W/"`+hex.EncodeToString(sum[:6])+`"`)
	case "unquoted":
		h.Set("ETag", hash)
	case "date":
		if key := r.URL.RawQuery; s.before[key] != hash {
			s.before[key], s.dates[key] = hash, s.clock.Truncate(time.Second)
		}
		modified := s.dates[r.URL.RawQuery]
		h.Set("Last-Modified", modified.Format(http.TimeFormat))
		since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
		return err == nil && !modified.After(since)
	case "mixed": // some pages have none
		if sum[0]%2 == 0 {
			h.Set("ETag", `"`+hash+`"`)
		}
	}
	return h.Get("ETag") != "" && r.Header.Get("If-None-Match") == h.Get("ETag")
}

// change changes the source. If returns is true, a page often returns to an earlier
// content, and then has its earlier ETag.
func (s *billSource) change(r *rand.Rand, returns bool) {
	s.past = append(s.past, slices.Clone(s.bills))
	if returns && r.IntN(3) == 0 {
		s.bills = slices.Clone(s.past[max(len(s.past)-1-r.IntN(4), 0)])
		return
	}
	for range r.IntN(4) {
		s.changes++
		value := fmt.Sprint("v", s.changes)
		if returns {
			value = fmt.Sprint("v", r.IntN(3))
		}
		i := r.IntN(len(s.bills) + 1)
		switch {
		case i == len(s.bills) || r.IntN(4) == 0: // add one
			id := int64(r.IntN(40) + 1)
			at, found := slices.BinarySearchFunc(s.bills, id, func(b bill, id int64) int { return int(b.ID - id) })
			if !found {
				b := bill{ID: id, Value: value, Note: "n", Lines: []billLine{{id, 1, "a"}, {id, 2, "a"}}}
				s.bills = slices.Insert(s.bills, at, b)
			}
		case r.IntN(6) == 0:
			s.bills = slices.Delete(s.bills, i, i+1)
		case r.IntN(2) == 0:
			s.bills[i].Value = value
		case r.IntN(2) == 0:
			s.bills[i].Note = value
		default:
			s.bills[i].Lines = slices.Clone(s.bills[i].Lines)
			s.bills[i].Lines[r.IntN(2)].Value = value
		}
	}
}

// billReader is a connector that reads a billSource.
type billReader struct {
	source *billSource
	paging transport.Paging
	every  int // records between two checkpoints; 0 leaves them to the end
	drop   bool
}

func (*billReader) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[bill]("bills"), schema.TableOf[billLine]("bill_lines").Following("bills"))
}

func (*billReader) Test(context.Context) error { return nil }

func (b *billReader) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	tables.Add("bills", func(ctx context.Context, st state.State, out connector.Emitter) error {
		client, err := transport.New("http://api.test", transport.WithRoundTripper(roundTripper(b.source.ServeHTTP)), transport.WithLogger(connector.Logger(ctx)))
		if err != nil {
			return err
		}
		part := st.Table("bills")
		if len(part.NewColumns())+len(st.Table("bill_lines").NewColumns()) > 0 || b.drop {
			part.Delete(transport.ValidatorsKey)
		}
		n := 0
		for v, err := range transport.Records[bill](ctx, client, transport.Request{Path: "/bills", RecordsAt: "data", Validators: part}, b.paging) {
			if err != nil {
				return err
			}
			if err := out.Upsert("bills", &v); err != nil {
				return err
			}
			for _, l := range v.Lines {
				if err := out.Upsert("bill_lines", &l); err != nil {
					return err
				}
			}
			if n++; b.every > 0 && n%b.every == 0 {
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return tables.Sync(ctx, st, out)
}

// roundTripper calls a handler without a network.
type roundTripper http.HandlerFunc

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// billPlatform stores rows and the state of the last checkpoint.
type billPlatform struct {
	rows    map[string]map[string]string // by table and key, then by column
	pending []*host.Operation
	state   []byte
	eager   bool // rows after the last checkpoint are stored
}

func (p *billPlatform) apply(op *host.Operation) {
	var row map[string]any
	d := json.NewDecoder(bytes.NewReader(op.Row))
	d.UseNumber()
	_ = d.Decode(&row)
	key := fmt.Sprint(op.Table.Name, " ", row["id"], row["bill"], " ", row["no"])
	if p.rows[key] == nil {
		p.rows[key] = map[string]string{}
	}
	for name, v := range row {
		p.rows[key][name] = fmt.Sprint(v)
	}
}

func (p *billPlatform) flush() {
	for _, op := range p.pending {
		p.apply(op)
	}
	p.pending = nil
}

var errCrash = errors.New("crash")

// sync runs a sync that crashes after some operations.
func (p *billPlatform) sync(c connector.Connector, sel host.Selection, crash int) error {
	run := host.New(context.Background(), c, host.LogTo(slog.DiscardHandler))
	err := run.Sync(host.SyncRequest{State: p.state, Selection: sel}, host.DestinationFunc(func(op *host.Operation) error {
		if crash--; crash == 0 {
			return errCrash
		}
		switch op.Kind {
		case host.OpUpsert:
			p.pending = append(p.pending, op.Clone())
		case host.OpCheckpoint:
			p.flush()
			p.state = bytes.Clone(op.State)
		}
		return nil
	}))
	if p.eager {
		p.flush()
	}
	p.pending = nil
	return errors.Join(err, run.Close())
}

func billPaging(kind string) transport.Paging {
	switch kind {
	case "page", "parallel":
		return paging.PageNumber{}
	case "offset":
		return paging.Offset{TotalAt: "total"}
	case "keyset":
		return paging.Keyset{Param: "after", KeyAt: "id"}
	case "token":
		return paging.PageToken{At: "next", Param: "from"}
	case "link":
		return paging.LinkHeader{Optional: true}
	case "next":
		return paging.NextURL{At: "next"}
	}
	return nil
}

// checkHistory runs syncs, crashes and changes of the source at random.
func checkHistory(t *testing.T, seed uint64) (unmodified int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	source := &billSource{
		kind: pick("page", "offset", "keyset", "token", "link", "next", "one"), tags: pick("strong", "gzip suffix", "weak", "unquoted", "date", "mixed"),
		size: 3, clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), dates: map[string]time.Time{}, before: map[string]string{},
	}
	c := &billReader{source: source, paging: billPaging(source.kind)}
	how := pick("one after the other", "ahead", "in parallel")
	offset, counted := c.paging.(paging.Offset)
	switch {
	case how == "ahead" && c.paging != nil:
		c.paging = transport.Prefetch(c.paging, 2)
	case how == "in parallel" && counted:
		c.paging = transport.Parallel(offset, 2)
	}
	p := &billPlatform{rows: map[string]map[string]string{}, eager: r.IntN(2) == 0}
	for range 5 {
		source.change(r, !p.eager)
	}
	var log []string
	fail := func(format string, args ...any) {
		t.Fatalf("seed %d, %s, %s, %s, eager %v, %v: %s", seed, source.kind, source.tags, how, p.eager, log, fmt.Sprintf(format, args...))
	}
	for n := range 12 {
		source.change(r, !p.eager)
		source.clock = source.clock.Add(time.Hour)
		lines, note := r.IntN(4) != 0, r.IntN(4) != 0
		sel := host.Selection{Schemas: map[string]host.SchemaSelection{"shop": {Tables: map[string]host.TableSelection{
			"bill_lines": {Excluded: !lines}, "bills": {Columns: map[string]bool{"note": note}},
		}}}}
		c.every, c.drop = r.IntN(4), r.IntN(20) == 0
		crash := 0
		if r.IntN(2) == 0 {
			crash = 1 + r.IntN(30)
		}
		source.faults = nil
		if r.IntN(5) == 0 {
			source.faults = r
		}
		if r.IntN(20) == 0 {
			p.state, p.rows = nil, map[string]map[string]string{} // a reset
		}
		err := p.sync(c, sel, crash)
		log = append(log, fmt.Sprintf("%d: lines %v, note %v, every %d, drop %v, error %v", n, lines, note, c.every, c.drop, err != nil))
		if len(p.state) > 40_000 {
			fail("the state has %d bytes", len(p.state))
		}
		if err != nil {
			if !errors.Is(err, errCrash) && !strings.Contains(err.Error(), "409 Conflict") {
				fail("the sync failed: %v", err)
			}
			continue
		}
		for _, b := range source.bills {
			row := p.rows[fmt.Sprint("bills ", b.ID, "<nil> <nil>")]
			if row["value"] != b.Value || note && row["note"] != b.Note {
				fail("bill %v is %v; the state is %s", b, row, p.state)
			}
			for _, l := range b.Lines {
				if row := p.rows[fmt.Sprint("bill_lines <nil>", l.Bill, " ", l.No)]; lines && row["value"] != l.Value {
					fail("line %v is %v; the state is %s", l, row, p.state)
				}
			}
		}
	}
	return source.n304
}

// In a history of syncs, crashes, selections and changes of the source, each sync that
// succeeds leaves all current rows on the platform, although it does not read pages that
// have not been modified.
func TestConditionalRequestsNeverMissAChange(t *testing.T) {
	seeds := uint64(100)
	if testing.Short() {
		seeds = 20
	}
	base, unmodified := rand.Uint64(), 0
	for seed := base; seed != base+seeds; seed++ {
		unmodified += checkHistory(t, seed)
	}
	assert.NotZero(t, unmodified)
}
