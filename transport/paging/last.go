package paging

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/nextpage"
	"github.com/penstock-sdk/penstock/transport/internal/pagedocument"
)

// This file contains the ways to recognize the last page by a pointer or a flag.

// An end says how a source marks its last page. The fields are those of the kinds of
// paging that follow a pointer.
type end struct {
	at       string // the path to the pointer
	moreAt   string
	doneAt   string
	value    string // of the pointer that means the end
	optional bool
	anyJSON  bool // the pointer may be an array or an object
}

// pointer returns the JSON value that requests the page after page, or the reason why
// page is the last one.
func (e end) pointer(page *transport.Page) (raw json.RawMessage, stop string, err error) {
	more, stop, err := flags(page, e.moreAt, e.doneAt, e.optional)
	if err != nil || stop != "" {
		return nil, stop, err
	}
	raw, ok, err := page.Find(e.at)
	switch {
	case err != nil:
		return nil, "", err
	case !ok:
		stop = e.at + " is absent"
		if more != "" {
			return nil, "", fmt.Errorf("%s, but %s: there is %s%s", more, stop, describe(page, e.at), elsewhere(page, e.at))
		}
		if !e.optional {
			err = page.CheckLast(e.at)
		}
		if err != nil {
			return nil, "", err
		}
	default:
		if err := checkTokenSize(e.at, raw); err != nil {
			return nil, "", err
		}
		if stop, err = e.isEnd(page, raw); err != nil {
			return nil, "", err
		}
	}
	if stop != "" && more != "" {
		return nil, "", fmt.Errorf("%s, but %s", more, stop)
	}
	if ok && stop != "" && !e.optional {
		if flag := announcing(page); flag != "" {
			return nil, "", fmt.Errorf("%s, but %s says that there is another page: set MoreAt or DoneAt if it decides; if there is none, set Optional", stop, flag)
		}
	}
	return raw, stop, nil
}

// announcing returns the bool, such as has_more, by which a page says that there is another
// one, although the paging does not read it, or "".
func announcing(page *transport.Page) (flag string) {
	for _, c := range nextpage.Find(nextpage.Page{Doc: pagedocument.Of(page), RecordsAt: page.Request.RecordsAt, URL: page.URL}, "") {
		if c.Kind == nextpage.Flag && c.Sure {
			return c.Where()
		}
	}
	return ""
}

// warnIfAnnounced warns of a page that is the last one because of its records, although a
// bool on it says that there is another page. Sources that filter records after they have
// chosen a page send such pages. stop is the reason.
func warnIfAnnounced(page *transport.Page, stop string) {
	if flag := announcing(page); flag != "" {
		pagedocument.Warn(page, fmt.Sprintf("%s, so it is read as the last one, but %s says that there is another page, whose records are then lost: set MoreAt or DoneAt", stop, flag))
	}
}

// maxToken is the largest number of bytes of a token or a key, which the next request
// repeats. In a URL, the limit is that of a URL.
const maxToken = 1 << 20

// checkTokenSize returns an error if the value at a path is too long to be a token or a
// key.
func checkTokenSize(at string, raw json.RawMessage) error {
	if len(raw) > maxToken {
		return fmt.Errorf("%s: %w: a value of %d bytes, more than %d: check whether the path leads to something else, or whether the value grows with each page", at, transport.ErrTooLarge, len(raw), maxToken)
	}
	return nil
}

// isEnd returns the reason why the value of a pointer means the end, or "". A value that
// cannot be a pointer is an error.
func (e end) isEnd(page *transport.Page, raw json.RawMessage) (stop string, err error) {
	switch raw[0] {
	case 'n', 'f':
		return fmt.Sprintf("%s is %s", e.at, raw), nil
	case 't':
		return "", fmt.Errorf("%s is true, which does not identify the next page: pass the path in MoreAt instead", e.at)
	case '{', '[':
		if len(bytes.TrimLeft(raw[1:], " \t\r\n")) == 1 {
			return e.at + " is empty", nil
		}
		if !e.anyJSON {
			return "", fmt.Errorf("%s leads to an array or an object instead of a single value: there is %s%s", e.at, describe(page, e.at), objectHint(raw))
		}
		return "", nil
	}
	text, err := jsonpath.Scalar(raw)
	switch {
	case err != nil:
		return "", err
	case text == "":
		return e.at + ` is ""`, nil
	case text == e.value:
		return fmt.Sprintf("%s is %s, the value of End", e.at, text), nil
	}
	return "", nil
}

// objectHint says how to continue a path that ends too early.
func objectHint(raw json.RawMessage) string {
	if raw[0] == '{' {
		return "; continue the path with one of them"
	}
	return "; to choose an element by its relation, use paging.Func"
}

// elsewhere returns a clause that names the pointer that a page has elsewhere than at the
// expected path, or "".
func elsewhere(page *transport.Page, at string) string {
	all := nextpage.Find(nextpage.Page{Doc: pagedocument.Of(page), RecordsAt: page.Request.RecordsAt, Header: page.Header, URL: page.URL}, at)
	all = slices.DeleteFunc(all, func(c nextpage.Candidate) bool { return c.Kind == nextpage.Flag || c.Empty })
	if len(all) == 0 {
		return ""
	}
	where, fix := nextpage.Text(all)
	return fmt.Sprintf("; %s may lead to the next page: %s", where, fix)
}

// warnOfTotal warns of a page without records and without a total before the total of an
// earlier page. stop is the reason why it would be the last one.
func warnOfTotal(page *transport.Page, stop, totalAt string, total int) {
	pagedocument.Warn(page, fmt.Sprintf("%s, although %s, which it lacks, was %d on an earlier page: records may be missing", stop, totalAt, total))
}

// describe returns what a page has at a path.
func describe(page *transport.Page, at string) string {
	doc := pagedocument.Of(page)
	if doc == nil {
		return "no body"
	}
	path, err := jsonpath.Parse(at)
	if err != nil {
		return err.Error()
	}
	if v, ok, err := doc.Find(path); ok && err == nil {
		return doc.Describe(v)
	}
	v, name, _ := doc.Reach(path)
	return "nothing, and " + name + " is " + doc.Describe(v)
}

// flags reads the bools that say whether there are more pages. It returns stop, the reason
// why page is the last one, or more, the bool that announces another page. Both are empty
// if there is no bool.
func flags(page *transport.Page, moreAt, doneAt string, optional bool) (more, stop string, err error) {
	if moreAt == "" && doneAt == "" {
		return "", "", nil
	}
	if _, ok, err := page.Find(""); err != nil || !ok {
		return "", "the response has no body", err
	}
	for _, f := range []struct {
		at   string
		ends bool // if the bool is true
	}{{moreAt, false}, {doneAt, true}} {
		if f.at == "" {
			continue
		}
		value, ok, err := flag(page, f.at)
		text := fmt.Sprintf("%s is %t", f.at, value)
		switch {
		case err != nil:
			return "", "", err
		case !ok && optional:
		case !ok:
			return "", "", fmt.Errorf("%s is neither true nor false: there is %s; if the source leaves it out, set Optional", f.at, describe(page, f.at))
		case value == f.ends:
			stop = text
		default:
			more = text
		}
	}
	if more != "" && stop != "" {
		return "", "", fmt.Errorf("%s, but %s", more, stop)
	}
	return more, stop, nil
}

// flag returns the bool at a path. It reports false if there is none or if it is null.
func flag(page *transport.Page, at string) (value, found bool, err error) {
	text, err := page.Text(at)
	if err != nil {
		return false, false, fmt.Errorf("%s is neither true nor false: there is %s", at, describe(page, at))
	}
	switch strings.ToLower(text) {
	case "":
		return false, false, nil
	case "true", "1", "yes", "y", "t":
		return true, true, nil
	case "false", "0", "no", "n", "f":
		return false, true, nil
	}
	return false, false, fmt.Errorf("%s is neither true nor false: %.40q", at, text)
}
