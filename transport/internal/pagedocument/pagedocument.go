// Package pagedocument lets package paging search the body of a page of package transport,
// which has been scanned already.
package pagedocument

import "github.com/penstock-sdk/penstock/transport/internal/jsonpath"

// Of returns the body of a page, which is a *transport.Page, or nil if it has none. Package
// transport sets it.
var Of func(page any) *jsonpath.Document
