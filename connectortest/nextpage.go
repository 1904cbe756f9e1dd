package connectortest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/transport/paging"
)

// A nextPage is what a response says about the page after it.
type nextPage struct {
	where string // "the member links.next", "the header Link"
	kind  nextPageKind
	text  string // the URL or the token
	fix   string
}

// A nextPageKind is the way in which a response says that there is another page.
type nextPageKind uint8

const (
	nextURL   nextPageKind = iota
	nextToken              // a token or a number that requests the page
	nextFlag               // a bool
	nextTotal              // a number of records or pages
)

// The names of members and headers that name a next page, without the characters that
// are neither letters nor digits, in lower case. Names of positions for a later sync,
// such as nextSyncToken and @odata.deltaLink, are not among them.
var (
	nextNames = nameSet("next nexturl nextlink nextpage nextpageurl nextpagelink nexthref nexturi nextrecordsurl nextresultsurl " +
		"odatanextlink nextpagetoken nexttoken nextcursor nextpagecursor cursornext nextcontinuationtoken continuationtoken " +
		"continuation nextmarker nextoffset nextstart nextskip nextpageno nextpagenumber nextpageid nextkey nextbookmark pagetoken endcursor")
	moreNames = nameSet("hasmore hasnext hasnextpage hasmorepages hasmoreitems hasmoreresults hasmorerecords more moreavailable " +
		"moreresults morerecords moreitems morepages moredata istruncated truncated")
	lastNames      = nameSet("last islast islastpage lastpage")
	pageTotalNames = nameSet("totalpages pagecount numpages lastpage nbpages pages")
	totalNames     = nameSet("total totalcount totalresults totalrecords totalsize totalelements totalitems count")
	pageNames      = nameSet("page currentpage pagenumber pageno pageindex number")
	nextHeaders    = nameSet("xnextpage xnextcursor xnexttoken xnextpagetoken xcontinuationtoken xmscontinuation xmscontinuationtoken")
)

func nameSet(list string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		all[name] = true
	}
	return all
}

// plainName returns a name in lower case and without the characters that are neither
// letters nor digits, so that next_page, nextPage and Next-Page are equal.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}

// maxNextPageDepth is the depth at which a member still counts as one of the page.
const maxNextPageDepth = 5

// nextPages returns what a response says about the page after it. v is its JSON value,
// and lists are the records in it.
func nextPages(header http.Header, v any, lists []recordList) []nextPage {
	f := &nextPageFinder{}
	for _, link := range paging.ParseLinks(header.Values("Link")) {
		if slices.Contains(link.Rel, "next") && link.URL != "" {
			f.add("the header Link", nextURL, link.URL, "use paging.LinkHeader")
		}
	}
	for name, values := range header {
		if nextHeaders[plainName(name)] && values[0] != "" {
			f.add("the header "+name, nextToken, values[0], "request the page with paging.Func, which sees the headers of the page")
		}
	}
	longest := 0
	for _, list := range lists {
		longest = max(longest, len(list.records))
	}
	f.walk(v, "", longest, 0)
	if f.isLast {
		// A source may return a token with the last page, too.
		f.found = slices.DeleteFunc(f.found, func(p nextPage) bool { return p.kind != nextURL })
	}
	slices.SortStableFunc(f.found, func(a, b nextPage) int { return int(a.kind) - int(b.kind) })
	return f.found
}

// A nextPageFinder collects the next pages that a response names.
type nextPageFinder struct {
	found  []nextPage
	isLast bool // a member says that there are no more pages
}

func (f *nextPageFinder) add(where string, kind nextPageKind, text, fix string) {
	f.found = append(f.found, nextPage{where, kind, text, fix})
}

// walk looks at the members of a page. longest is the number of records of its longest
// list. It does not look into records.
func (f *nextPageFinder) walk(v any, path string, longest, depth int) {
	members, ok := v.(map[string]any)
	if !ok || depth > maxNextPageDepth {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member, at, plain := members[name], join(path, name), plainName(name)
		switch {
		case nextNames[plain]:
			f.pointer(member, at)
		case plain == "links" || plain == "link":
			f.links(member, at)
		}
		f.flag(member, at, plain)
		f.totals(members, member, at, plain, longest)
		f.walk(member, at, longest, depth+1)
	}
}

// pointer adds the next page that the member at a path names, if it does.
func (f *nextPageFinder) pointer(v any, at string) {
	switch v := v.(type) {
	case map[string]any: // HAL and JSON:API
		for _, name := range []string{"href", "url"} {
			if text, ok := v[name].(string); ok && text != "" {
				f.pointer(text, join(at, name))
			}
		}
	case string, json.Number:
		text, _ := scalarText(v)
		switch {
		case text == "" || text == "null" || text == "false" || text == "-1":
		case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"), strings.HasPrefix(text, "/"), strings.HasPrefix(text, "?"):
			f.add("the member "+at, nextURL, text, "use paging.NextURL{At: "+strconv.Quote(at)+"}")
		default:
			f.add("the member "+at, nextToken, text, "use paging.PageToken{At: "+strconv.Quote(at)+", …}")
		}
	case bool:
		if v {
			f.more(at)
		}
	}
}

// links adds the next page of an array of links.
func (f *nextPageFinder) links(v any, at string) {
	list, _ := v.([]any)
	for _, element := range list {
		link, _ := element.(map[string]any)
		if rel, _ := link["rel"].(string); strings.EqualFold(rel, "next") {
			f.pointer(link, at)
		}
	}
}

// flag adds the next page that a bool announces.
func (f *nextPageFinder) flag(v any, at, plain string) {
	text, ok := scalarText(v)
	switch {
	case !ok:
	case moreNames[plain] && (text == "true" || text == "1"), lastNames[plain] && text == "false":
		f.more(at)
	case moreNames[plain] && (text == "false" || text == "0"), lastNames[plain] && text == "true":
		f.isLast = true
	}
}

func (f *nextPageFinder) more(at string) {
	f.add("the member "+at, nextFlag, "", "read on until the member says that there is no more page, for example with paging.PageToken{MoreAt: "+strconv.Quote(at)+", …} or paging.Offset")
}

// totals adds the next page that a number of pages or records announces.
func (f *nextPageFinder) totals(members map[string]any, v any, at, plain string, longest int) {
	number, ok := v.(json.Number)
	if !ok {
		return
	}
	n, err := number.Int64()
	switch {
	case err != nil:
	case pageTotalNames[plain] && n >= 2 && !isPage(members, n):
		f.add("the member "+at, nextTotal, "", "read all pages, for example with paging.PageNumber{TotalPagesAt: "+strconv.Quote(at)+"}")
	case totalNames[plain] && longest > 0 && n > int64(longest):
		f.add("the member "+at, nextTotal, "", "read all pages, for example with paging.Offset{TotalAt: "+strconv.Quote(at)+"}")
	}
}

// isPage reports whether a member says that this is page n.
func isPage(members map[string]any, n int64) bool {
	for name, v := range members {
		if number, ok := v.(json.Number); ok && pageNames[plainName(name)] && number.String() == strconv.FormatInt(n, 10) {
			return true
		}
	}
	return false
}
