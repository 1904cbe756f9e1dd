package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// This file contains requests for pages that the total of a source does not announce. The
// total may be a limit instead of the number of all records or pages.

const (
	// maxProbes is how often a request for a page that may not exist is sent.
	maxProbes = 4
	// maxUnexpected is how many pages with records may follow a total. A source that has
	// more than that probably generates them.
	maxUnexpected = 20_000
)

// A beyond is a request for a page that may not exist.
type beyond struct {
	req     Request
	totalAt string
	total   json.RawMessage // the value at totalAt
}

// A beyonder is a Paging whose last page may not be the last one.
type beyonder interface {
	Beyond(page *Page) (next Request, totalAt string)
}

// beyond decides whether the page after page is one that the total does not announce. stop
// is what the paging has decided.
func (s *sequence) beyond(page *Page, stop string) *beyond {
	p, ok := s.paging.(beyonder)
	if !ok || stop == "" && !s.distrusts {
		return nil
	}
	next, at := p.Beyond(page)
	if at == "" {
		return nil
	}
	b := &beyond{req: next, totalAt: at}
	if total, ok, err := page.Find(at); ok && err == nil {
		b.total = bytes.Clone(total) // not the whole page
	}
	return b
}

// probe requests the page after page, which its total does not announce. It returns nil if
// there is no such page. Sources then respond with a page without records, the last page or
// the first one, or a failure such as 404.
func (s *sequence) probe(ctx context.Context, page *Page, b *beyond) (*Page, error) {
	if s.requested.add(s.client, b.req) != nil {
		return nil, nil //nolint:nilerr // the request does not depend on the number of the page
	}
	// The total may well be right, so a failure must not take as long as that of a page that
	// is known to exist.
	client := *s.client
	client.retry.Attempts = min(client.retry.MaxAttempts(), maxProbes)
	found, err := client.page(ctx, b.req, s.reader(), s.series, s.bodySize)
	switch {
	case err != nil:
		return nil, s.probeFailed(ctx, page, b, err)
	case found.unmodified != nil: // an earlier sync has read it
	case found.Len() == 0:
		return nil, nil
	default:
		earlier, again := s.stall.pages.find(found.sum)
		if !again && sameRecords(page, found) {
			earlier, again = page.Number, true
		}
		if again {
			s.checkRepeated(ctx, page, b, earlier)
			return nil, nil
		}
	}
	if s.unexpected++; s.unexpected > maxUnexpected {
		return nil, page.fail(fmt.Errorf("%w: %s is %s, but the source has sent %d more pages with records: if the total is right, set TrustTotal; otherwise, leave out the path %s",
			ErrPageLoop, b.totalAt, b.total, maxUnexpected, b.totalAt))
	}
	// If the total has changed, the list has grown while it was read.
	if total, _, err := found.Find(b.totalAt); err == nil && found.unmodified == nil && bytes.Equal(total, b.total) && !s.distrusts {
		s.distrusts = true
		s.warn(ctx, page, fmt.Sprintf("%s is %s, but there are records after page %d, so it is not the total of all records or pages. "+
			"The pages after it are read until one has no records. Leave out the path %s", b.totalAt, b.total, page.Number, b.totalAt))
	}
	return found, nil
}

// checkRepeated warns of a repeated page after a single one, which may also mean that the
// source ignores the parameter for the page and that its total is that of the page.
func (s *sequence) checkRepeated(ctx context.Context, page *Page, b *beyond, earlier int) {
	if page.Number > 1 || s.distrusts {
		return
	}
	s.warn(ctx, page, fmt.Sprintf("%s is %s, and the source repeats page %d after it. If the total is that of all records or pages, set TrustTotal. "+
		"Otherwise, the source ignores the parameter for the page, and records are missing", b.totalAt, b.total, earlier))
}

// identities are the names of members that identify records, in lower case.
var identities = []string{"id", "_id", "uuid", "guid", "uid", "gid", "key", "code", "sku"}

// sameRecords reports whether the records of two pages have the same identities in the same
// order. The pages may differ in other members, such as the time of the response. Without
// this, a source that repeats its last page would seem to go on forever.
func sameRecords(a, b *Page) bool {
	if a.Len() != b.Len() {
		return false
	}
	membersA, membersB := a.members(), b.members()
	for _, name := range identities {
		idsA := identitiesOf(membersA, name)
		if idsA != nil && slices.Equal(idsA, identitiesOf(membersB, name)) {
			return true
		}
	}
	return false
}

// members returns the members of each record by their names in lower case, or nil if a record
// is not an object.
func (p *Page) members() []map[string]json.RawMessage {
	var all []map[string]json.RawMessage
	for i := range p.records {
		var record map[string]json.RawMessage
		if json.Unmarshal(p.Record(i), &record) != nil {
			return nil
		}
		members := make(map[string]json.RawMessage, len(record))
		for name, value := range record {
			members[strings.ToLower(name)] = value
		}
		all = append(all, members)
	}
	return all
}

// identitiesOf returns the values of a member of all records, or nil if a record does not
// have it or if two records have the same value.
func identitiesOf(records []map[string]json.RawMessage, name string) []string {
	var ids []string
	seen := map[string]bool{}
	for _, record := range records {
		value := record[name]
		if len(value) == 0 || value[0] == 'n' || value[0] == '{' || seen[string(value)] {
			return nil
		}
		seen[string(value)] = true
		ids = append(ids, string(value))
	}
	return ids
}

// probeFailed decides what the failure of a request for a page beyond the total means. It
// returns nil if the page before it is the last one. The user receives a warning if that is
// uncertain.
func (s *sequence) probeFailed(ctx context.Context, page *Page, b *beyond, err error) error {
	var e *Error
	var ruled *ruledError // the author has decided what the failure means
	if ctx.Err() != nil || !errors.As(err, &e) || errors.As(err, &ruled) {
		return explained(err, b)
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusProxyAuthRequired:
		return explained(err, b)
	}
	absent := e.Status == http.StatusNotFound || e.Status == http.StatusGone
	// Failures such as 403 and 429 are of another kind.
	refused := e.kind == defect && e.Status >= 400 && e.Status < 500
	switch {
	case refused && !absent && s.records > 0 && s.records%1000 == 0:
		// Search engines refuse to go beyond a limit with the same status with which other
		// sources say that there is no such page. The limits are round numbers.
	case refused, errors.Is(err, ErrNoRecords), errors.Is(err, ErrReported):
		return nil
	}
	s.warn(ctx, page, fmt.Sprintf("%s is %s, and the page after it cannot be read (%v): if the total is a limit of the source, records are missing, "+
		"and the list has to be divided by a filter; otherwise, set TrustTotal", b.totalAt, b.total, errorCause(e)))
	return nil
}

// errorCause returns what an error says beside its request.
func errorCause(e *Error) string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return status.Text(e.Status)
}

// explained adds to the failure of a request for a page beyond the total why it was sent.
func explained(err error, b *beyond) error {
	var e *Error
	if errors.As(err, &e) {
		e.explain(fmt.Sprintf("the page after the last one according to %s was requested, because the total may be a limit of the source; if it is not, set TrustTotal", b.totalAt))
	}
	return err
}
