package paging

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/weblink"
)

// A Link is one link of a Link header (RFC 8288).
type Link struct {
	// URL is the target of the link as it is written, often relative.
	URL string
	// Rel holds the relation types of the link in lower case, such as "next".
	Rel []string
	// Params holds the other parameters by their names in lower case.
	Params map[string]string
}

// ParseLinks parses the values of Link headers, each of which may have several links
// (RFC 8288 §3 and appendix B). It ignores the rest of a value after a syntax error.
func ParseLinks(values []string) []Link {
	parsed, _ := weblink.Parse(values)
	links := make([]Link, len(parsed))
	for i, link := range parsed {
		links[i] = Link(link)
	}
	return links
}

// LinkHeader implements paging by the Link header of the response (RFC 8288):
//
//	Link: <https://api.example.com/orders?page=2>; rel="next"
//
// The URL is used as [NextURL] describes. The last page has no such link, or its link has
// the parameter results="false", as the API of Sentry sends it. If the first page has no
// such link, but something else on it leads to another page, such as a member next_cursor,
// that is an error or a warning, as for [NextURL]. There is no such check if the Link header
// has a link with rel="first", "last" or "prev", because it then shows that the source
// uses the header for pages.
type LinkHeader struct {
	// Rel is the relation type of the link. Optional; the default is "next".
	Rel string

	// Optional declares that a first page without the link is a single page, even if
	// something else on it leads to another page. Optional.
	Optional bool
}

// Start returns req.
func (l LinkHeader) Start(req transport.Request) (transport.Request, error) { return req, nil }

// Next returns the request for the link in page.
func (l LinkHeader) Next(page *transport.Page) (transport.Request, string, error) {
	want := cmp.Or(strings.ToLower(strings.TrimSpace(l.Rel)), "next")
	links, rest := weblink.Parse(page.Header.Values("Link"))
	for _, link := range links {
		if !slices.Contains(link.Rel, want) {
			continue
		}
		if link.Last() {
			return transport.Request{}, `the link says results="false"`, nil
		}
		if link.URL == "" {
			return transport.Request{}, "", errors.New("the Link header has an empty URL")
		}
		req, err := page.Follow(link.URL)
		return req, "", err
	}
	for _, text := range rest {
		if strings.Contains(strings.ToLower(text), want) {
			return transport.Request{}, "", fmt.Errorf("the Link header is not valid (RFC 8288 §3) or has more than 1,000 links, and the part that cannot be read mentions %q", want)
		}
	}
	stop := "no Link header with rel=" + want
	if l.Optional || backwards(want) || paged(links) {
		return transport.Request{}, stop, nil
	}
	if want != "next" && page.Number == 1 && has(links, "next") {
		return transport.Request{}, "", fmt.Errorf("%s, but one with rel=next: leave Rel empty, or set Optional if this is the only page", stop)
	}
	return transport.Request{}, stop, page.CheckLast("")
}

// has reports whether one of several links has a relation type.
func has(links []weblink.Link, rel string) bool {
	return slices.ContainsFunc(links, func(l weblink.Link) bool { return slices.Contains(l.Rel, rel) })
}

// backwards reports whether pages are read in the order in which they precede each
// other. The link to the next page then leads back.
func backwards(rel string) bool { return rel == "prev" || rel == "previous" }

// paged reports whether links lead to pages, but not to the next one.
func paged(links []weblink.Link) bool {
	return !has(links, "next") && (has(links, "first") || has(links, "last") || has(links, "prev") || has(links, "previous"))
}
