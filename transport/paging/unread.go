package paging

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/transport"
)

// This file contains the optional methods of transport.Paging for a page that has not been
// read, because a rule ignores it or because it has not been modified.

var (
	errUnknownNext = errors.New("it would name the next page, so the records of all further pages would be missing: use paging.Func to say which page follows it")
	errNotModified = errors.New("it would name the next page, so the records of all further pages would be missing: use Request.Validators, which stores which page follows it")
)

// pointedTo returns an error if a rule ignores a page to which the page before it points.
// The first page may be ignored, as with a 404 that means that there are no records.
func pointedTo(page *transport.Page) error {
	if page.Number > 1 && page.Status != http.StatusNotModified {
		return errUnknownNext
	}
	return counted(page, "")
}

// counted returns an error if a rule ignores a page that has not been modified, or one
// that the total at totalAt announces. Any other ignored page has no records and is the
// last one: if the client counts the pages, many sources respond to the number after the
// last one with a failure.
func counted(page *transport.Page, totalAt string) error {
	switch {
	case page.Status == http.StatusNotModified:
		return errNotModified
	case page.Number > 1 && totalAt != "":
		return fmt.Errorf("%s announces it, and its records would be missing", totalAt)
	}
	return nil
}

// Ignored implements an optional method of [transport.Paging].
func (n NextURL) Ignored(page *transport.Page) error { return pointedTo(page) }

// Ignored implements an optional method of [transport.Paging].
func (l LinkHeader) Ignored(page *transport.Page) error { return pointedTo(page) }

// Ignored implements an optional method of [transport.Paging].
func (p PageToken) Ignored(page *transport.Page) error { return pointedTo(page) }

// Ignored implements an optional method of [transport.Paging].
func (s Scroll) Ignored(page *transport.Page) error { return pointedTo(page) }

// Ignored implements an optional method of [transport.Paging].
func (r Relay) Ignored(page *transport.Page) error { return pointedTo(page) }

// Ignored implements an optional method of [transport.Paging].
func (p PageNumber) Ignored(page *transport.Page) error { return counted(page, p.TotalPagesAt) }

// Ignored implements an optional method of [transport.Paging].
func (o Offset) Ignored(page *transport.Page) error { return counted(page, o.TotalAt) }

// Ignored implements an optional method of [transport.Paging].
func (k Keyset) Ignored(page *transport.Page) error { return counted(page, "") }

// StillLast implements an optional method of [transport.Paging]. The URL of the next page
// is in the body.
func (n NextURL) StillLast(strong bool) bool { return strong }

// StillLast implements an optional method of [transport.Paging]. The token of the next
// page is in the body.
func (p PageToken) StillLast(strong bool) bool { return strong }

// StillLast implements an optional method of [transport.Paging]. The records and the
// total are in the body.
func (p PageNumber) StillLast(strong bool) bool { return strong }

// StillLast implements an optional method of [transport.Paging]. The records and the
// total are in the body.
func (o Offset) StillLast(strong bool) bool { return strong }

// StillLast implements an optional method of [transport.Paging]. The last record is in
// the body.
func (k Keyset) StillLast(strong bool) bool { return strong }

// StillLast implements an optional method of [transport.Paging]. There is only one page.
func (SinglePage) StillLast(bool) bool { return true }
