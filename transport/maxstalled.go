package transport

import (
	"fmt"
	"hash/maphash"
)

// Limits of pages in a row without a new record, unless [MaxStalled] sets one.
const (
	// maxIdle is for pages without records, and for records that cannot be told apart.
	// A source that filters after it has chosen a page may send hundreds of empty
	// pages.
	maxIdle = 500
	// maxRepeated is for records that can be told apart.
	maxRepeated = 50
)

// MaxStalled sets the number of pages in a row that may have no new record, because they
// have no records at all or exactly those of an earlier page. One more such page ends the
// sequence with [ErrPageLoop], unless it is an empty last page. Without a limit, a source
// that always leads to another page would never end.
//
// The default depends on the paging and on the records:
//
//   - 0 for pages with the records of an earlier page, if the paging counts pages or
//     records (its method Distinct returns true). A source that ignores the parameter for
//     the page sends such pages.
//   - 50 for pages with the records of an earlier page, with any other paging. The client
//     logs a line at level WARN for the first such page, and the user of the platform
//     receives a warning.
//   - 500 for pages without records, and for repeated pages whose records cannot be told
//     apart, so that equal pages may be right: a page has equal records or, unless the
//     paging counts, only one record.
//
// Use MaxStalled for a source that needs more, such as a scan of a large table with a
// filter that few records pass, or for a source whose pages may rightly be equal. No
// warning is then logged. If n is less than 1, MaxStalled returns paging itself.
func MaxStalled(paging Paging, n int) Paging {
	if n < 1 || paging == nil {
		return paging
	}
	switch p := paging.(type) {
	case prefetch:
		return prefetch{MaxStalled(p.paging, n), p.n}
	case parallel:
		p.maxStalled = n
		return p
	case stalling:
		paging = p.Paging
	}
	return stalling{paging, n}
}

// stalling is a Paging with a limit for pages without a new record.
type stalling struct {
	Paging
	max int
}

// A stallCheck detects a sequence that continues without new records.
type stallCheck struct {
	max      int  // of MaxStalled, or 0
	distinct bool // each page must have other records than the pages before it

	pages    seenPages
	stalled  int    // pages in a row without a new record
	empty    int    // pages in a row without records
	repeated int    // pages in a row without a new record whose records can be told apart
	doubt    string // why records may be missing
	warned   bool   // of the doubt
}

// check returns an error if page repeats an earlier one and exceeds the limit. If the
// repetition may be right, it sets doubt for the first such page.
func (p *stallCheck) check(page *Page) error {
	if page.Len() == 0 {
		p.stalled++
		p.empty++
		return nil
	}
	p.empty = 0
	earlier, again := p.pages.add(page.sum, page.Number)
	if !again {
		p.stalled, p.repeated = 0, 0
		return nil
	}
	p.stalled++
	if p.max > 0 {
		return p.repeatedError(page, earlier, p.stalled, p.max)
	}
	equal := page.hasEqualRecords()
	switch {
	case p.distinct && !equal:
		return fmt.Errorf("%w: page %d has the same records as page %d: the source ignores the parameter for the page, "+
			"or repeats a page after the last one, so that the paging needs a total; if equal pages are right, set transport.MaxStalled", ErrPageLoop, page.Number, earlier)
	case equal, page.Len() == 1:
		if p.distinct {
			p.suspect(page, earlier)
		}
		return p.repeatedError(page, earlier, p.stalled, maxIdle)
	}
	p.repeated++
	p.suspect(page, earlier)
	return p.repeatedError(page, earlier, p.repeated, maxRepeated)
}

// checkEmpty returns an error if the latest page has no records, leads to another page, and
// exceeds the limit.
func (p *stallCheck) checkEmpty() error {
	limit := maxIdle
	if p.max > 0 {
		limit = p.max
	}
	if p.empty == 0 || p.stalled <= limit {
		return nil
	}
	return fmt.Errorf("%w: %d pages in a row have no new records; if that is right, raise the limit with transport.MaxStalled", ErrPageLoop, p.stalled)
}

func (p *stallCheck) suspect(page *Page, earlier int) {
	if p.doubt == "" {
		p.doubt = fmt.Sprintf("page %d has the same records as page %d, so others may be missing; if equal pages are right, set transport.MaxStalled", page.Number, earlier)
	}
}

func (p *stallCheck) repeatedError(page *Page, earlier, n, limit int) error {
	if n <= limit {
		return nil
	}
	return fmt.Errorf("%w: %d pages in a row have no new records, and page %d has the same as page %d; if that is right, raise the limit with transport.MaxStalled", ErrPageLoop, n, page.Number, earlier)
}

// seenPages remembers the records of the latest pages of a sequence: at least
// maxSeenPages of them, and at most twice as many.
type seenPages struct {
	young, old map[uint64]int // hashes to the numbers of pages
}

const maxSeenPages = 1 << 15

// add adds a page. If one with the same hash is remembered, it returns the number of
// that page.
func (s *seenPages) add(sum uint64, number int) (earlier int, again bool) {
	if earlier, again = s.find(sum); !again {
		earlier = number
	}
	if _, young := s.young[sum]; young {
		return earlier, true
	}
	if len(s.young) >= maxSeenPages {
		s.old, s.young = s.young, nil
	}
	if s.young == nil {
		s.young = map[uint64]int{}
	}
	s.young[sum] = earlier
	return earlier, again
}

// find returns the number of the page with a hash, if it is remembered.
func (s *seenPages) find(sum uint64) (earlier int, again bool) {
	if earlier, again = s.young[sum]; again {
		return earlier, true
	}
	earlier, again = s.old[sum]
	return earlier, again
}

var recordSeed = maphash.MakeSeed()

// sumRecords returns a hash of the records of a page. It does not depend on their order,
// because a source that ignores the parameter for the page may also have no order.
func (p *Page) sumRecords() (sum uint64) {
	for _, r := range p.records {
		sum += maphash.Bytes(recordSeed, r.Of(p.doc.Body))
	}
	return sum
}

// hasEqualRecords reports whether a record occurs twice in the page. Records of a source
// that sends such pages have no identity.
func (p *Page) hasEqualRecords() bool {
	seen := make(map[uint64]struct{}, len(p.records))
	for _, r := range p.records {
		seen[maphash.Bytes(recordSeed, r.Of(p.doc.Body))] = struct{}{}
	}
	return len(seen) < len(p.records)
}
