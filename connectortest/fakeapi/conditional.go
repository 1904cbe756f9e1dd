package fakeapi

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// unlessKnown adds validators to a response and evaluates the conditions of its
// request. If the client already has the content, the result has status 304 and no
// body (RFC 9110 §13.2.2). coded reports whether the body is compressed.
func (r response) unlessKnown(req *http.Request, coded bool) response {
	if r.status != http.StatusOK || req.Method != http.MethodGet && req.Method != http.MethodHead {
		return r
	}
	tag := r.etag(coded)
	r.set("ETag", tag)
	modified := r.modified
	if modified.After(time.Now()) {
		modified = time.Time{} // RFC 9110 §8.8.2.1: never later than the time of the response
	}
	if !modified.IsZero() {
		r.set("Last-Modified", modified.UTC().Format(http.TimeFormat))
	}
	known := false
	if tags := req.Header.Values("If-None-Match"); len(tags) > 0 {
		list, ok := parseTags(strings.Join(tags, ", "))
		if !ok {
			return errorResponse(reject(http.StatusBadRequest, "If-None-Match is %q: want * or a list of quoted ETags", strings.Join(tags, ", "))).ready(false, req)
		}
		known = slices.Contains(list, "*") || slices.Contains(list, tag)
	} else if since, err := http.ParseTime(req.Header.Get("If-Modified-Since")); err == nil && !modified.IsZero() {
		known = !modified.After(since)
	}
	if known {
		r.status, r.body = http.StatusNotModified, nil
		r.header.Del("Last-Modified") // RFC 9110 §15.4.5: the ETag is sufficient
		r.header.Del("Content-Encoding")
	}
	return r
}

// etag returns the strong ETag of a response. It covers the links to other pages,
// since they belong to what a client needs of a page. A compressed body has an ETag of
// its own (RFC 9110 §8.8.3.3).
func (r response) etag(coded bool) string {
	h := sha256.New()
	h.Write([]byte(r.contentType + "\n" + r.header.Get("Link") + "\n"))
	h.Write(r.body)
	tag := hex.EncodeToString(h.Sum(nil)[:16])
	if coded {
		tag += "-gzip"
	}
	return `"` + tag + `"`
}

// parseTags parses the value of If-None-Match: * or a list of ETags (RFC 9110
// §13.1.2). It drops the W/ of weak ETags, because the comparison is weak. It reports
// false for a malformed value.
func parseTags(s string) (tags []string, ok bool) {
	if strings.Trim(s, " \t") == "*" {
		return []string{"*"}, true
	}
	for {
		s = strings.TrimLeft(s, " \t,") // a list may have empty elements (RFC 9110 §5.6.1.2)
		if s == "" {
			return tags, len(tags) > 0
		}
		quoted, ok := strings.CutPrefix(strings.TrimPrefix(s, "W/"), `"`)
		if !ok {
			return nil, false
		}
		tag, rest, ok := strings.Cut(quoted, `"`)
		if !ok || strings.ContainsFunc(tag, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
			return nil, false
		}
		rest = strings.TrimLeft(rest, " \t")
		if rest != "" && rest[0] != ',' {
			return nil, false
		}
		tags, s = append(tags, `"`+tag+`"`), rest
	}
}

// A date is the Last-Modified of a resource. Its resolution is a second, so two
// changes within a second could share a date, and a client would miss the second one.
// Therefore each change has a later date than the one before. If that date is in the
// future, responses lack a Last-Modified until then.
type date struct{ at time.Time }

// first returns the date of content that exists from the start. It is a second in the
// past, so that a change in the same second has a date of its own.
func firstDate() date { return date{time.Now().Truncate(time.Second).Add(-time.Second)} }

// next returns the date of content that changes now.
func (d date) next() date {
	now, later := time.Now().Truncate(time.Second), d.at.Add(time.Second)
	if now.After(later) {
		return date{now}
	}
	return date{later}
}
