package connectortest

import (
	"context"
	"net/http"
	"time"
)

// maxProbes is the number of requests that a pageProber sends.
const maxProbes = 300

// A pageProber requests next pages that a sync did not request.
type pageProber struct {
	ctx      context.Context
	suite    *suite
	rows     *deliveredRows
	seen     map[string]bool // records of all responses
	requests int             // that it may still send
}

func newPageProber(ctx context.Context, s *suite, rows *deliveredRows) *pageProber {
	return &pageProber{ctx: ctx, suite: s, rows: rows, seen: map[string]bool{}, requests: maxProbes}
}

// add adds the records of a response of the sync.
func (p *pageProber) add(lists []recordList) {
	for _, list := range lists {
		for _, record := range list.records {
			p.seen[recordText(record)] = true
		}
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
func (p *pageProber) ask(r *pageResponse) *answer {
	var best *answer
	for _, list := range r.lists {
		a := p.askFor(r, list)
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
func (p *pageProber) askFor(r *pageResponse, list recordList) *answer {
	if again := p.records(r.exchange, list.path); len(again) == 0 || !p.haveSeen(again) {
		return nil
	}
	// The key of a record may also be that of a row of another table. A row of a table that
	// has none of the records before is that of something else.
	around := r.surroundings()
	tables, complete := p.rows.tablesOf(list.records, around)
	if len(tables) == 0 {
		tables = p.rows.tables
	}
	for _, guess := range r.guesses(list) {
		records := p.records(guess.request, list.path)
		if unread := p.unreadOf(records, tables, around); len(unread) > 0 {
			return &answer{guess.page, complete, unread}
		}
		// A guess at a parameter that the source ignores returns the same page.
		if len(records) > 0 && (guess.page.kind == nextURL || !sameRecords(records, list.records)) {
			return &answer{page: guess.page} // the sync has requested the page in another way
		}
	}
	return nil
}

// sameRecords reports whether two lists have the same first record.
func sameRecords(a, b []map[string]any) bool { return recordText(a[0]) == recordText(b[0]) }

// haveSeen reports whether all records were in responses of the sync.
func (p *pageProber) haveSeen(records []map[string]any) bool {
	for _, record := range records {
		if !p.seen[recordText(record)] {
			return false
		}
	}
	return true
}

// unreadOf returns the records that no response of the sync had and that no row of the
// tables has.
func (p *pageProber) unreadOf(records []map[string]any, tables []*deliveredTable, around *surroundings) (unread []string) {
	for _, record := range records {
		if text := recordText(record); !p.seen[text] && !has(tables, record, around) {
			unread = append(unread, text)
		}
	}
	return unread
}

// records sends a request and returns the records of the response at a path. It
// repeats a request that fails, because a test source may simulate faults.
func (p *pageProber) records(request *exchange, path string) []map[string]any {
	for wait := 10 * time.Millisecond; wait < 100*time.Second && p.requests > 0; wait *= 10 {
		p.requests--
		e, err := request.send(p.ctx, p.suite.baseNetwork())
		if err == nil && e.status != http.StatusTooManyRequests && e.status < http.StatusInternalServerError {
			for _, list := range recordLists(e.value(), "") {
				if list.path == path {
					return list.records
				}
			}
			return nil
		}
		if !p.suite.isVirtual() && wait > 100*time.Millisecond {
			return nil
		}
		time.Sleep(wait)
	}
	return nil
}
