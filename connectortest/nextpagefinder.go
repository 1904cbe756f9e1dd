package connectortest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxNextPageDepth is the depth at which a member still counts as one of the page.
const maxNextPageDepth = 5

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
		member, at, plain := members[name], memberPath(path, name), plainName(name)
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
				f.pointer(text, memberPath(at, name))
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
