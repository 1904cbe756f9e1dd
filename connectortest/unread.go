package connectortest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/schema"
)

var unreadRule = rule{
	name:     "Unread",
	contract: "a first sync reads everything that the source offers: it requests the next page that a response names, by a URL, a token, a header or a bool, and each column takes a member that the records have",
	fix:      "read on until the source names no next page; if the connector stops early on purpose, pass Skip(\"Unread\", …) with the reason",
	check:    checkUnread,
}

const fixColumn = "write the name of the member in the json tag of the field as the records have it; if the connector computes the column, let a record of the test source lead to a value"

func checkUnread(s *suite, c *check) {
	s.baseline(c)
	if _, reason := s.requests(c); reason != "" {
		c.Logf("nothing is tested: %s", reason)
		return
	}
	network := newRecordingNetwork(s.baseNetwork())
	d := s.sync(c.Context(), attempt{network: network})
	if d.err != nil {
		c.Logf("nothing is tested, because a sync from an empty state failed: %s", d.failure())
		return
	}
	u := newUnread(s, c, network.recorded(), newDeliveredRows(d.platform.operations()))
	u.checkPages()
	u.checkColumns()
}

// An unread looks for what a sync did not read.
type unread struct {
	*check
	suite     *suite
	responses []*pageResponse
	rows      *deliveredRows
	seen      map[string]bool // records of all responses
	requests  int             // that the suite may still send
}

// askedPages is the number of next pages of an endpoint that the suite requests itself.
const askedPages = 3

// askedRequests is the number of requests that the suite sends to find such pages.
const askedRequests = 300

func newUnread(s *suite, c *check, exchanges []*exchange, rows *deliveredRows) *unread {
	u := &unread{check: c, suite: s, rows: rows, seen: map[string]bool{}, requests: askedRequests}
	for i, e := range exchanges {
		if !e.succeeded() {
			continue
		}
		r := &pageResponse{exchange: e, doc: e.value(), later: exchanges[i+1:]}
		r.lists = recordLists(r.doc, "")
		r.next = nextPages(e.header, r.doc, r.lists)
		u.responses = append(u.responses, r)
		for _, list := range r.lists {
			for _, record := range list.records {
				u.seen[recordText(record)] = true
			}
		}
	}
	return u
}

// checkPages fails for each endpoint whose responses name next pages that the sync has
// never requested, if such a page has records that the sync has not read.
func (u *unread) checkPages() {
	var endpoints []string
	pages := map[string][]*pageResponse{}
	for _, r := range u.responses {
		if len(r.next) == 0 {
			continue
		}
		if pages[r.endpoint()] == nil {
			endpoints = append(endpoints, r.endpoint())
		}
		pages[r.endpoint()] = append(pages[r.endpoint()], r)
	}
	for _, endpoint := range endpoints {
		u.checkEndpoint(endpoint, pages[endpoint])
	}
}

// checkEndpoint looks at the responses of an endpoint that name a next page. If the
// connector has requested any of these pages, it knows how, and stops on purpose: at a
// limit, or at rows that are too old.
func (u *unread) checkEndpoint(endpoint string, responses []*pageResponse) {
	followed := slices.ContainsFunc(responses, (*pageResponse).nextRequested)
	var unknown *pageResponse
	asked := 0
	for _, r := range responses {
		if r.nextRequested() {
			continue
		}
		if asked++; asked > askedPages {
			break
		}
		a := u.ask(r)
		switch {
		case a == nil:
			if unknown == nil && !r.onlyTotals() && !r.continues() {
				unknown = r
			}
		case len(a.unread) == 0:
			followed = true // by other means
		case followed || !a.complete:
			u.Logf("%s: the sync stopped at a response that names a next page in %s; that page has %d records that the sync did not read, such as %s",
				endpoint, a.page.where, len(a.unread), shortened(a.unread[0]))
			return
		default:
			u.failWithf(a.page.fix+"; if the connector stops there on purpose, pass Skip(\"Unread\", …) with the reason",
				"%s: the response names a next page in %s, but the sync did not request it; that page has %d records that the sync did not read, such as\n    %s",
				endpoint, a.page.where, len(a.unread), shortened(a.unread[0]))
			return
		}
	}
	if unknown != nil && !followed {
		u.Logf("%s: a response names a next page in %s, and no request seems to ask for it; check that the sync reads all records", endpoint, unknown.next[0].where)
	}
}

// An answer is a next page that the suite has requested itself.
type answer struct {
	page nextPage
	// complete is set if the connector has delivered every record of the page before.
	complete bool
	unread   []string // records that no response of the sync had and no row has
}

// ask requests the next page that a response names. It returns nil if the source does
// not return it, or if equal requests have different records.
func (u *unread) ask(r *pageResponse) *answer {
	var best *answer
	for _, list := range r.lists {
		a := u.askFor(r, list)
		switch {
		case a == nil:
		case a.complete && len(a.unread) > 0:
			return a
		case best == nil || len(best.unread) == 0:
			best = a
		}
	}
	return best
}

// askFor is like ask, for one list of records of the response.
func (u *unread) askFor(r *pageResponse, list recordList) *answer {
	if again := u.records(r.exchange, list.path); len(again) == 0 || !u.haveSeen(again) {
		return nil
	}
	for _, guess := range r.guesses(list) {
		records := u.records(guess.request, list.path)
		if unread := u.unreadOf(records); len(unread) > 0 {
			return &answer{guess.page, u.haveDelivered(list.records), unread}
		}
		// A guess at a parameter that the source ignores returns the same page.
		if len(records) > 0 && (guess.page.kind == nextURL || !sameRecords(records, list.records)) {
			return &answer{page: guess.page} // the sync has requested the page in another way
		}
	}
	return nil
}

// haveDelivered reports whether all records are surely in rows.
func (u *unread) haveDelivered(records []map[string]any) bool {
	for _, record := range records {
		if !u.rows.has(record, true) {
			return false
		}
	}
	return true
}

// sameRecords reports whether two lists have the same first record.
func sameRecords(a, b []map[string]any) bool { return recordText(a[0]) == recordText(b[0]) }

// haveSeen reports whether all records were in responses of the sync.
func (u *unread) haveSeen(records []map[string]any) bool {
	for _, record := range records {
		if !u.seen[recordText(record)] {
			return false
		}
	}
	return true
}

// unreadOf returns the records that no response of the sync had and that no row has.
func (u *unread) unreadOf(records []map[string]any) (unread []string) {
	for _, record := range records {
		if text := recordText(record); !u.seen[text] && !u.rows.has(record, false) {
			unread = append(unread, text)
		}
	}
	return unread
}

// records sends a request and returns the records of the response at a path. It
// repeats a request that fails, because a test source may simulate faults.
func (u *unread) records(request *exchange, path string) []map[string]any {
	for wait := 10 * time.Millisecond; wait < 100*time.Second && u.requests > 0; wait *= 10 {
		u.requests--
		e, err := request.send(u.Context(), u.suite.baseNetwork())
		if err == nil && e.status != http.StatusTooManyRequests && e.status < http.StatusInternalServerError {
			for _, list := range recordLists(e.value(), "") {
				if list.path == path {
					return list.records
				}
			}
			return nil
		}
		if !u.suite.isVirtual() && wait > 100*time.Millisecond {
			return nil
		}
		time.Sleep(wait)
	}
	return nil
}

// checkColumns compares the members of records with the columns of their rows.
func (u *unread) checkColumns() {
	members := map[string]bool{} // of all objects in all responses, in lower case
	var tables []*pairedTable
	for _, t := range u.rows.tables {
		tables = append(tables, &pairedTable{deliveredTable: t})
	}
	for _, r := range u.responses {
		objectsIn(r.doc, func(object map[string]any) {
			for name := range object {
				members[strings.ToLower(name)] = true
			}
			pair(object, tables)
		})
	}
	for _, t := range tables {
		t.keepSurePairs()
		if len(t.pairs) == 0 {
			continue // the rows do not come from JSON, or under other names
		}
		unused := t.unusedMembers(u.rows)
		for _, column := range t.table.Columns {
			u.checkColumn(t, column, members, unused)
		}
		logUnused(u, t, unused)
		logReplacedNulls(u, t)
	}
}

// checkColumn fails if a column never has a value, no record has its member, and a
// member that no column takes has nearly the same name.
func (u *unread) checkColumn(t *pairedTable, column schema.Column, members map[string]bool, unused []string) {
	if column.PrimaryKey || members[strings.ToLower(column.Name)] || !t.isAlwaysZero(column.Name) {
		return
	}
	for _, member := range unused {
		if isMisspelling(column.Name, member) {
			u.failWithf(fixColumn, "table %s: column %s has no value in any row, and no record of the source has a member of that name; the records have the member %s, which no column takes", t.table, column.Name, member)
			return
		}
	}
}

// shortened returns the beginning of a text for a report.
func shortened(text string) string {
	if len(text) <= 200 {
		return text
	}
	return strings.ToValidUTF8(text[:200], "") + "…"
}
