package nextpage

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// This file finds totals that say that a page does not have all records.

// The names of totals, as plain returns them.
var (
	// pageTotals are names of the number of pages.
	pageTotals = set("totalpages pagecount pagescount numpages numberofpages nbpages pagestotal")

	// possiblePageTotals are names that also the number or the position of a page has. They
	// count only if they say that there is one page.
	possiblePageTotals = set("pages lastpage")

	// recordTotals are names of the number of all records. The others of possibleTotals
	// may as well be the sum of a column, unless the size of a page is known.
	recordTotals   = set("totalcount totalresults totalrecords totalsize totalelements totalitems totalentries totalrows totalhits recordcount recordstotal odatacount")
	possibleTotals = set("total count")

	// sizes are names of the size of a page, in requests and beside totals.
	sizes = set("limit perpage pagesize maxresults maxrecords size top pagelimit resultsperpage itemsperpage recordsperpage offset skip startat " +
		"start startindex page pagenumber currentpage")

	pageTotalHeaders   = set("xtotalpages xwptotalpages xpagecount xpaginationpagecount xpaginationtotalpages")
	recordTotalHeaders = set("xtotalcount xtotal xwptotal xtotalrecords xtotalresults xtotalitems xpaginationtotalcount")
)

// total adds a total that is more than the page has, and reports whether the member has
// the name of one. The total of some sources is an object, {"value": 5000}.
func (m *member) total() bool {
	pages, records := pageTotals[m.word], recordTotals[m.word]
	if pages || possiblePageTotals[m.word] {
		if n, ok := number(string(m.value.Of(m.page.Doc.Body))); ok && n == 1 {
			m.single = true
		}
	}
	if !pages && !records && !possibleTotals[m.word] {
		return false
	}
	doc, value, at := m.page.Doc, m.value, m.names
	if doc.Body[value.Start] == '{' {
		doc.Members(m.value, func(name string, v jsonpath.Span) bool {
			if name == "value" {
				value, at, records = v, slices.Concat(m.names, []string{name}), true
			}
			return true
		})
	}
	n, ok := number(string(value.Of(doc.Body)))
	if !ok || !m.trusted || !pages && !records && !m.sized {
		return ok
	}
	m.addTotal(pages, n, path(at), false)
	return true
}

// addTotal adds a total, unless the page has all of it or the request asks for a page by
// itself.
func (f *finder) addTotal(pages bool, n int64, at string, header bool) {
	if f.page.Records == 0 || f.asksForPage() || pages && n <= 1 || !pages && n <= int64(f.page.Records) {
		return
	}
	c := Candidate{Kind: Total, At: at, pages: pages, total: n, records: f.page.Records}
	if header {
		c.Kind = HeaderTotal
	}
	f.found = append(f.found, c)
}

// headerTotal adds the total in a header, also the one after the slash of a
// Content-Range, as in "0-24/3573", unless that counts bytes.
func (f *finder) headerTotal(name, value string) {
	word := plain(name)
	pages := pageTotalHeaders[word]
	if word == "contentrange" {
		if strings.HasPrefix(strings.ToLower(value), "bytes") {
			return
		}
		_, value, _ = strings.Cut(value, "/")
	} else if !pages && !recordTotalHeaders[word] {
		return
	}
	if n, ok := number(value); ok {
		f.addTotal(pages, n, name, true)
	}
}

// asksForPage reports whether the request has a parameter for a page, so that its author
// reads one page after the other without a Paging.
func (f *finder) asksForPage() bool {
	asks := func(name, value string) bool { return pageParams[plain(name)] && value != "" && !isDate(value) }
	for name, values := range f.query() {
		if asks(name, values[0]) {
			return true
		}
	}
	found := false
	f.sentMembers(func(name, value string) { found = found || asks(name, value) })
	return found
}

// hasSize reports whether the request or an object of the page has the size or the number
// of a page, which says that a total counts records.
func (f *finder) hasSize(object jsonpath.Span) bool {
	found := false
	for name := range f.query() {
		found = found || sizes[plain(name)]
	}
	f.sentMembers(func(name, _ string) { found = found || sizes[plain(name)] })
	f.page.Doc.Members(object, func(name string, _ jsonpath.Span) bool {
		found = found || sizes[plain(name)]
		return !found
	})
	return found
}

// sentMembers calls each with the members of the request's body that are not nested.
func (f *finder) sentMembers(each func(name, value string)) {
	if len(f.page.Sent) == 0 {
		return
	}
	doc, err := jsonpath.NewDocument(f.page.Sent)
	if err != nil || doc.Body[doc.Root().Start] != '{' {
		return
	}
	doc.Members(doc.Root(), func(name string, v jsonpath.Span) bool {
		text, _ := jsonpath.Scalar(v.Of(doc.Body))
		each(name, text)
		return true
	})
}

func query(u *url.URL) url.Values {
	if u == nil {
		return nil
	}
	return u.Query()
}

func number(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.Trim(text, `" `), 10, 64)
	return n, err == nil
}
