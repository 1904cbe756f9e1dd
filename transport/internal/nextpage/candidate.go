// Package nextpage finds the parts of a response that may lead to the next page. A response
// without a pointer at the expected path is the last page, or the path is misspelled. If
// another part leads to a page, the path is probably misspelled.
package nextpage

import (
	"fmt"
	"strconv"
	"strings"
)

// A Kind is the way in which a response says that there is another page.
type Kind int

const (
	// URL is the URL of the page.
	URL Kind = iota
	// Token is a token or a number that requests the page.
	Token
	// Flag is a bool.
	Flag
	// Link is a Link header.
	Link
	// Header is another header.
	Header
	// Element is an element of an array of links.
	Element
	// Total is the number of all records or pages. It is never sure.
	Total
	// HeaderTotal is a Total in a header.
	HeaderTotal
)

// A Candidate is a part of a response that may lead to the next page.
type Candidate struct {
	Kind Kind
	// At is the path to it. For a header, it is the header's name.
	At string
	// Sure is false if the part may have another meaning.
	Sure bool
	// SamePath reports whether it is a URL with the host and the path of the page.
	SamePath bool
	// Empty reports whether it is null, false or "". It is a candidate because it is in
	// the place of the expected pointer and has almost the same name.
	Empty bool

	same similarity
	done bool // of a Flag: true means that there are no more pages

	pages   bool // a Total counts pages
	total   int64
	records int // that the page has
}

// Where returns where the candidate is.
func (c Candidate) Where() string {
	switch c.Kind {
	case Link:
		return "the Link header with rel=next"
	case Header:
		return "the header " + c.At
	case Element:
		return "the element of " + c.At + " with the relation next"
	case Total, HeaderTotal:
		place := "member "
		if c.Kind == HeaderTotal {
			place = "header "
		}
		if c.pages {
			return fmt.Sprintf("the %s%s, %d pages,", place, c.At, c.total)
		}
		return fmt.Sprintf("the %s%s, which is %d although the page has %s,", place, c.At, c.total, countedRecords(c.records))
	}
	return "the member " + c.At
}

func countedRecords(n int) string {
	if n == 1 {
		return "1 record"
	}
	return strconv.Itoa(n) + " records"
}

// Fix returns how to read the next page.
func (c Candidate) Fix() string {
	at := strconv.Quote(c.At)
	switch {
	case c.Kind == Link:
		return "use paging.LinkHeader"
	case c.Kind == Header:
		return "use paging.Func, which can read the header"
	case c.Kind == Element:
		return "use paging.Func to follow it"
	case c.Kind == Flag && (c.At == "pageInfo.hasNextPage" || strings.HasSuffix(c.At, ".pageInfo.hasNextPage")):
		return "use paging.Relay{At: " + strconv.Quote(strings.TrimSuffix(strings.TrimSuffix(c.At, "pageInfo.hasNextPage"), ".")) + "}"
	case c.Kind == Flag && c.done:
		return "use DoneAt: " + at + " with a kind of package paging that requests the next page"
	case c.Kind == Flag:
		return "use MoreAt: " + at + " with a kind of package paging that requests the next page"
	case c.Kind == Total && c.pages:
		return "use paging.PageNumber{TotalPagesAt: " + at + "}"
	case c.Kind == Total:
		return "use paging.Offset{TotalAt: " + at + "} or paging.PageNumber"
	case c.Kind == HeaderTotal:
		return "use paging.PageNumber or paging.Offset"
	case c.Empty:
		return "use At: " + at
	case c.Kind == URL:
		return "use paging.NextURL{At: " + at + "}"
	}
	return "use paging.PageToken{At: " + at + ", …}"
}

// Text returns candidates as a clause for an error or a log line, and how to follow
// them.
func Text(all []Candidate) (where, fix string) {
	const most = 3
	all = all[:min(len(all), most)]
	places, fixes := make([]string, len(all)), make([]string, len(all))
	for i, c := range all {
		places[i], fixes[i] = c.Where(), c.Fix()
	}
	return strings.Join(places, ", "), strings.Join(fixes, ", or ")
}

// path returns the path that leads to a member, with dots if possible.
func path(names []string) string {
	dotted := strings.Join(names, ".")
	for i, name := range names {
		if name == "" || name == "*" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") ||
			i == 0 && (name[0] == '/' || name == "$" || strings.HasPrefix(name, "$.") || strings.HasPrefix(name, "$[")) {
			return pointer(names)
		}
	}
	if names[0] == "$" {
		return pointer(names)
	}
	return dotted
}

// pointer returns a JSON Pointer (RFC 6901).
func pointer(names []string) string {
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "/%s", strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}
