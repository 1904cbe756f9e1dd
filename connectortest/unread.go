package connectortest

import (
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

var unreadRule = rule{
	name:     "Unread",
	contract: "a first sync reads everything that the source offers: it requests the next page that a response names, by a URL, a token, a header or a bool, and each column takes a member that the records have, with all digits of its numbers",
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
	u.logLeftOut()
	u.checkColumns()
}

// An unread looks for what a sync did not read.
type unread struct {
	*check
	responses []*pageResponse
	rows      *deliveredRows
	prober    *pageProber
}

// askedPages is the number of next pages of an endpoint that the suite requests itself.
const askedPages = 3

func newUnread(s *suite, c *check, exchanges []*exchange, rows *deliveredRows) *unread {
	u := &unread{check: c, rows: rows, prober: newPageProber(c.Context(), s, rows)}
	tokens := namedTokens{}
	for i, e := range exchanges {
		if !e.succeeded() {
			continue
		}
		r := &pageResponse{exchange: e, doc: e.value(), later: exchanges[i+1:], at: i, tokens: tokens}
		r.lists = recordLists(r.doc, "")
		r.next = nextPages(e.header, r.doc, r.lists)
		tokens.add(r)
		u.responses = append(u.responses, r)
		u.prober.add(r.lists)
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
		a := u.prober.ask(r)
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

// checkColumns compares the members of records with the columns of their rows.
func (u *unread) checkColumns() {
	members := map[string]bool{} // of all objects in all responses, in lower case
	var tables []*pairedTable
	for _, t := range u.rows.tables {
		tables = append(tables, &pairedTable{deliveredTable: t})
	}
	for _, r := range u.responses {
		recordsIn(r.doc, r.surroundings(), func(object map[string]any, around *surroundings) {
			for name := range object {
				members[strings.ToLower(name)] = true
			}
			pair(object, around, tables)
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
		checkDigits(u, t)
		logUnused(u, t, unused)
		logKeptDeletes(u, t, unused)
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
