package connectortest

import (
	"net/http"
	"slices"
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
