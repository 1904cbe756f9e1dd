package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/query"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// This file handles pages of a sequence whose content is not read, because it has not been
// modified or because a rule ignores it.

// after returns the request for the page after page, or why page is the last one.
func (s *sequence) after(page *Page) (next Request, stop string, err error) {
	s.remembered, s.unannounced = nil, nil
	if page.unmodified != nil {
		if p, ok := s.paging.(interface{ Unmodified(page *Page) }); ok {
			p.Unmodified(page)
		}
		return s.replay(page)
	}
	if page.ignored {
		if p, ok := s.paging.(interface{ Ignored(page *Page) error }); ok {
			if err := p.Ignored(page); err != nil {
				return Request{}, "", fmt.Errorf("a rule ignores page %d (%s): %w", page.Number, status.Text(page.Status), err)
			}
		}
	}
	next, stop, err = s.paging.Next(page)
	if err == nil {
		s.unannounced = s.beyond(page, stop)
	}
	if page.receipt != nil {
		page.receipt.decide(s, page, next, stop, err)
	}
	return next, stop, err
}

// replay returns the request for the page that followed an unmodified page when its content
// was last read.
func (s *sequence) replay(page *Page) (next Request, stop string, err error) {
	if page.unmodified.Next == "" {
		return Request{}, "the last page has not been modified", nil
	}
	u, err := url.Parse(page.unmodified.Next)
	if err != nil {
		return Request{}, "", fmt.Errorf("the stored URL of the next page: %w", errors.Unwrap(err))
	}
	s.remembered = &page.Request
	next = page.Request.at(u)
	next.asGiven = page.unmodified.Given
	return next, "", nil
}

// reread is called when a page failed. If its URL was stored by an earlier sync, it may
// have expired. The page before it, which has not been modified, is then read in full,
// because it contains the current URL.
func (s *sequence) reread(ctx context.Context, failed error) (*Page, error) {
	var e *Error
	if s.remembered == nil || !errors.As(failed, &e) || e.Status < 400 || e.Status >= 500 || e.kind != defect {
		return nil, failed
	}
	req := *s.remembered
	k, err := s.client.prepare(req)
	if err == nil {
		err = s.series.forget(k.validatorKey(req, s.reader()))
	}
	if err != nil {
		return nil, s.client.requestError(req, err)
	}
	s.remembered, s.failed = nil, failed
	return s.page(ctx, req)
}

// reader names the kind of paging, for validatorKey: another kind may continue after a page
// in another way.
func (s *sequence) reader() string { return fmt.Sprintf("%T", s.paging) }

// page requests a page of the sequence.
func (s *sequence) page(ctx context.Context, req Request) (*Page, error) {
	if !sameRequest(s.paging) {
		return s.client.page(ctx, req, s.reader(), s.series, s.bodySize)
	}
	// The content of a page depends on the requests before it.
	if req.Validators != nil {
		return nil, s.client.requestError(req, fmt.Errorf("%T does not support Request.Validators: successive pages have the same request", s.paging))
	}
	req.once = s.count > 0
	page, err := s.client.page(ctx, req, s.reader(), s.series, s.bodySize)
	var e *Error
	if req.once && errors.As(err, &e) && e.Temporary() {
		e.explain("not repeated, because the source keeps the position, so a page could be skipped")
	}
	return page, err
}

// decide adds the next page to the validator of a page. It makes the validator invalid if
// a later sync could not tell from it which page follows.
func (r *receipt) decide(s *sequence, page *Page, next Request, stop string, err error) {
	switch {
	case err != nil, s.unannounced != nil:
		// An unmodified page does not say whether there is another one after it, if its
		// total is a limit.
		r.valid = false
	case stop != "":
		last, ok := s.paging.(interface{ StillLast(strong bool) bool })
		r.valid = r.valid && ok && last.StillLast(r.fresh.strong())
	default:
		var ok bool
		r.fresh.Next, ok = s.client.storableURL(page.Request, next)
		r.fresh.Given = next.asGiven
		r.valid = r.valid && ok
	}
	r.fresh.Records = page.Len()
}

// storableURL returns the URL of next if next differs from page in nothing else, and if
// the URL can be stored: it has no credentials and is not too long.
func (c *Client) storableURL(page, next Request) (string, bool) {
	k, err := c.prepare(next)
	if err != nil || !k.trusted || next.Validators == nil || page.Body != nil || next.Body != nil {
		return "", false
	}
	if k.method != http.MethodGet || page.RecordsAt != next.RecordsAt || page.ErrorAt != next.ErrorAt || !reflect.DeepEqual(page.Header, next.Header) {
		return "", false
	}
	u := *k.url
	u.RawQuery = query.Remove(u.RawQuery, secretParams(c.auth)...)
	text, m := u.String(), c.mask()
	if m.text(text) != text || len(text) > maxNextURL {
		return "", false
	}
	if !next.asGiven {
		// What the paging has changed is a position, even if its name is "token".
		before, err := c.resolve(page)
		if err != nil {
			return "", false
		}
		pairs := strings.Split(before.RawQuery, "&")
		u.RawQuery = strings.Join(slices.DeleteFunc(strings.Split(u.RawQuery, "&"), func(pair string) bool {
			return !slices.Contains(pairs, pair)
		}), "&")
	}
	return text, m.url(&u) == u.String()
}
