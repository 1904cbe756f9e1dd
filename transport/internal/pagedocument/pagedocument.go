// Package pagedocument lets package paging search the body of a page of package transport,
// which has been scanned already, and warn of what it finds there.
package pagedocument

import "github.com/penstock-sdk/penstock/transport/internal/jsonpath"

// Of returns the body of a page, which is a *transport.Page, or nil if it has none. Package
// transport sets it.
var Of func(page any) *jsonpath.Document

// Warn tells the user of the platform, and anyone who reads the log, that records after a
// page, which is a *transport.Page, may be lost. Package transport sets it.
var Warn func(page any, message string)
