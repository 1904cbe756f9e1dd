package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
	"github.com/penstock-sdk/penstock/transport/internal/nextpage"
	"github.com/penstock-sdk/penstock/transport/internal/weblink"
)

// This file checks pages that seem to be the last one because they do not point to
// another page. The path to the pointer may be misspelled.

// CheckLast checks a page that has nothing at a path to the next page. It returns nil if
// the page may be the last one. Many sources leave the pointer out of the last page, so its
// absence alone is not an error. These are errors, because the path is probably misspelled
// and the rest of the records would be lost:
//
//   - The page has something else that leads to a next page, such as a member with a
//     similar name, a member named next or cursor, a bool such as has_more that is true,
//     or a Link header. The error names it and says how to read it.
//   - The path leads through a value that has no members, such as a string.
//
// If it is uncertain whether a member leads to a next page, or if a total is more than the
// page has, CheckLast logs a line at level WARN, once for each path, and the user of the
// platform receives a warning in a sync. The records of the page are not searched.
//
// The path is known to be right on the second page of a sequence and later, and after it
// has led to a value in an earlier sequence of the client with the same request path. Then
// only a bool that says that there are more pages is an error. CheckLast also returns nil if
// the page has no body, or if the parent of the pointer is null or empty.
//
// The kinds of package paging call CheckLast unless their field Optional is set. A
// paging.Func can call it before it stops because a page has no pointer. For a pointer that
// is not in the body, such as a Link header, at is "".
func (p *Page) CheckLast(at string) error {
	if p.doc == nil { // a 204, or a rule ignores the response
		return nil
	}
	proven := p.Number > 1 || p.client != nil && p.client.pointers.wasFound(pointerKey(p, at))
	if at != "" {
		if last, err := p.deadEnd(at, proven); last || err != nil {
			return err
		}
	}
	sure, unsure := p.candidates(at)
	missing := "the page has nothing at " + at
	if at == "" {
		missing = "the page has no such link"
	}
	if proven {
		// A pointer elsewhere on the page means something else.
		flags := sure[:0]
		for _, c := range sure {
			if c.Kind == nextpage.Flag {
				flags = append(flags, c)
			}
		}
		sure, unsure = flags, nil
	}
	if len(sure) > 0 {
		where, fix := nextpage.Text(sure)
		if sure[0].Empty {
			return fmt.Errorf("%s, but %s, which is probably meant: %s; if it is not, set Optional", missing, where, fix)
		}
		return fmt.Errorf("%s, but %s says that there is another page: %s; if there is none, set Optional", missing, where, fix)
	}
	if len(unsure) > 0 {
		where, fix := nextpage.Text(unsure)
		p.warnOnce(at, fmt.Sprintf("%s, but %s may lead to another page, whose records are then lost: %s; if there is none, set Optional", missing, where, fix))
	}
	return nil
}

// candidates returns what may lead to the next page.
func (p *Page) candidates(at string) (sure, unsure []nextpage.Candidate) {
	var sent []byte
	if body, err := p.Request.jsonBody(); err == nil && len(body) > 0 {
		sent, _ = jsonv2.Marshal(body, jsonvalue.EncodeOptions)
	}
	all := nextpage.Find(nextpage.Page{Doc: p.doc, RecordsAt: p.Request.RecordsAt, Header: p.Header, URL: p.URL, Sent: sent, Records: len(p.records)}, at)
	for _, c := range all {
		if c.Sure {
			sure = append(sure, c)
		} else {
			unsure = append(unsure, c)
		}
	}
	return sure, unsure
}

// deadEnd looks at the last value on the way to a pointer. It reports whether that value
// says that there is no pointer, and returns an error if the path cannot continue there.
func (p *Page) deadEnd(at string, proven bool) (last bool, err error) {
	path, err := jsonpath.Parse(at)
	if err != nil {
		return false, err
	}
	value, name, n := p.doc.Reach(path)
	steps := path.Steps()
	if n == len(steps) {
		return false, nil
	}
	raw := value.Of(p.doc.Body)
	switch {
	case raw[0] == '{' && n == 0:
		return false, nil
	case raw[0] == '{', raw[0] == '[':
		if p.doc.Empty(value) {
			return true, nil
		}
		_, index := steps[n].Element()
		if raw[0] == '{' || index || steps[n].Wildcard() || proven {
			return false, nil
		}
	case raw[0] == 'n', raw[0] == 'f', string(raw) == `""`, string(raw) == "0", proven:
		return true, nil
	}
	return false, fmt.Errorf("the path %s to the next page leads nowhere: %s is %s, so it has no member %s%s",
		at, name, p.doc.Describe(value), steps[n].Name, p.hint(at))
}

// hint returns the fix for a path that leads nowhere, or "".
func (p *Page) hint(at string) string {
	sure, unsure := p.candidates(at)
	if len(sure) == 0 {
		sure = unsure
	}
	if len(sure) == 0 {
		return ""
	}
	where, fix := nextpage.Text(sure)
	return fmt.Sprintf("; the page has %s: %s", where, fix)
}

// checkUnpaged checks the page of a request without a Paging.
func (p *Page) checkUnpaged() error {
	if p.doc == nil {
		return nil
	}
	sure, unsure := p.candidates("")
	const single = "; if only this page is wanted, use paging.SinglePage"
	if len(sure) == 0 {
		p.warnOfTotal(unsure, single)
		return nil
	}
	var next []nextpage.Candidate
	for _, c := range sure {
		if c.Kind == nextpage.Link || c.Kind == nextpage.URL && c.SamePath {
			next = append(next, c)
		}
	}
	if len(next) > 0 {
		where, fix := nextpage.Text(next)
		return errors.New("the request has no paging, but " + where + " leads to another page: " + fix + single)
	}
	where, fix := nextpage.Text(sure)
	p.warnOnce("", "the request has no paging, but "+where+" says that there is another page, whose records are then lost: "+fix+single)
	return nil
}

// warnOfTotal warns of a page without a Paging that has fewer records than the source.
func (p *Page) warnOfTotal(all []nextpage.Candidate, knob string) {
	totals := slices.DeleteFunc(all, func(c nextpage.Candidate) bool { return c.Kind != nextpage.Total && c.Kind != nextpage.HeaderTotal })
	if len(totals) > 0 {
		where, fix := nextpage.Text(totals[:1])
		p.warnOnce("", "the request has no paging, but "+where+" suggests that there are other pages, whose records are then lost: "+fix+knob)
	}
}

// warnOnce logs a message about a path, once for each client and request path. It passes
// it to the user of the platform each time.
func (p *Page) warnOnce(at, message string) {
	if p.client != nil && p.warn != nil {
		p.warn(pointerKey(p, at), message)
	}
}

// checkStream warns of the pages after a response that is read as a stream.
func (c *Client) checkStream(ctx context.Context, resp *Response) {
	key := pointer{path: withoutNumbers(resp.URL.EscapedPath())}
	if _, ok := weblink.Next(resp.Header); ok {
		c.warnOfPages(ctx, key,
			"a stream reads one response, but the Link header with rel=next leads to another page, whose records are then lost: use Records with paging.LinkHeader")
		return
	}
	if next := nextpage.Find(nextpage.Page{Header: resp.Header}, ""); len(next) > 0 {
		c.warnOfPages(ctx, key, "a stream reads one response, but "+next[0].Where()+" says that there is another one, whose records are then lost: "+
			"read each response with Client.Do, which returns the headers, and format.Decode")
	}
}

// checkStreamTotal warns of the pages after a stream that has fewer records than its headers
// say that there are.
func (c *Client) checkStreamTotal(ctx context.Context, resp *Response, records int) {
	if resp.request.Header.Get("Range") != "" { // the author reads one part after the other
		return
	}
	for _, total := range nextpage.Find(nextpage.Page{Header: resp.Header, URL: resp.URL, Records: records}, "") {
		if total.Kind == nextpage.HeaderTotal {
			c.warnOfPages(ctx, pointer{path: withoutNumbers(resp.URL.EscapedPath())}, "a stream reads one response, but "+total.Where()+" suggests that there are others, whose records are then lost: "+
				"read each response with Client.Do, which returns the headers, and format.Decode")
			return
		}
	}
}

// checkList warns of the pages after a list that was read as a single value.
func (c *Client) checkList(ctx context.Context, req Request, resp *Response, doc *jsonpath.Document) {
	if doc == nil {
		return
	}
	page := &Page{Request: req, Header: resp.Header, URL: resp.URL, doc: doc, client: c}
	sure, _ := page.candidates("")
	if len(sure) == 0 {
		return
	}
	where, fix := nextpage.Text(sure)
	c.warnOfPages(ctx, pointer{path: withoutNumbers(resp.URL.EscapedPath())},
		"Get reads one response, but "+where+" says that there is another page, whose records are then lost: use Records; "+fix+
			"; if only this page is wanted, use Records with paging.SinglePage")
}

// noteNext logs that a response that was read alone leads to another page.
func (c *Client) noteNext(ctx context.Context, resp *Response) {
	if log := c.log(); log.Enabled(ctx, slog.LevelDebug) {
		if _, ok := weblink.Next(resp.Header); ok {
			log.LogAttrs(ctx, slog.LevelDebug, "the Link header with rel=next leads to another page: use Records with paging.LinkHeader to read it",
				slog.String("path", c.mask().text(resp.URL.EscapedPath())))
		}
	}
}

// warnOfPages is warnOnce for a client.
func (c *Client) warnOfPages(ctx context.Context, k pointer, message string) {
	message = c.mask().text(message)
	if c.pointers.warnsFirst(k) {
		c.log().LogAttrs(ctx, slog.LevelWarn, message, slog.String("path", c.mask().text(k.path)))
	}
	userwarning.Warn(ctx, "next page of "+k.path+" at "+k.at, c.mask().text(cmp.Or(k.path, "/"))+": "+message)
}
