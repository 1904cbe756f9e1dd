package nextpage

import (
	"strings"

	"github.com/penstock-sdk/penstock/internal/editdistance"
)

// The names of members, parameters and headers, as plain returns them.
var (
	// tellingNames are names that pointers to the next page have, besides those that
	// consist of "next" and one of nextTargets.
	tellingNames = set("cursor cursornext pagenext linknext urlnext pagecursor pagetoken pagingtoken paginationtoken cursortoken " +
		"continuation continuationtoken continuetoken continue querycontinue lastevaluatedkey exclusivestartkey scrollid searchafter " +
		"moretoken morecursor moreurl moreuri morelink moreresultsurl moreresultslink moreitemsurl moreitemslink morerecordsurl")
	nextTargets = set("page pagetoken pageurl pageuri pagelink pagehref pageid pageno pagenumber pagenum pageindex pagecursor pagestart pageoffset " +
		"token cursor cursorid link links url uri href path offset start startat startindex startkey skip skiptoken marker key bookmark " +
		"continuation continuationtoken recordsurl resultsurl results records batch position pos from after scrollid paginationtoken pagingtoken")

	// possibleNames are names that pointers have, but also other members.
	possibleNames = set("token bookmark marker pagekey startkey lastkey resumetoken resumekey resume position iterator iteratorid " +
		"nextid scroll offsettoken offsetkey skiptoken checkpoint")

	// positions are names of the position of the last record, which sources also send with
	// the last page. Facebook does so beside paging.next, and GraphQL beside hasNextPage.
	positions = set("after endcursor aftercursor end")

	moreNames = set("hasmore hasnext hasnextpage hasmorepages hasmoreitems hasmoreresults hasmorerecords hasmoredata havemore " +
		"more moreavailable moreresults morerecords moreitems moreitemsincollection morepages moredata istruncated next")
	possibleMoreNames = set("truncated incomplete partial")
	lastNames         = set("islast islastpage lastpage last endofstream endoflist endofresults endofrecords isend isfinal")
	possibleLastNames = set("done finished complete completed")

	// containers are the objects beside the records that hold pointers.
	containers = set("links link paging pagination pageinfo page pages pager meta metadata cursors cursor responsemetadata resultinfo info " +
		"navigation nav result results response data body list d next resultset feed collection envelope additionaldata payload")

	// otherWords occur in the names of members that lead elsewhere: to another page, or
	// to a position for a later sync (nextSyncToken, @odata.deltaLink).
	otherWords = strings.Fields("prev first self sync delta refresh access csrf xsrf session secret password startcursor before current newstart")

	// selfNames are names of URLs that usually lead to the page itself.
	selfNames = set("url uri href link canonical location requesturl requesturi fullurl thispage path")

	// genericNames are the last steps of paths whose meaning is in the step before.
	genericNames = set("href url uri link value id ref path page after token cursor")

	// explainedEnds are the ends of names whose values look like tokens but are not.
	explainedEnds = strings.Fields("id ids uuid guid etag hash digest checksum md5 sha1 sha256 signature sig version rev revision " +
		"status state code type kind name key date time at on timestamp zone locale lang language currency message msg error " +
		"description title text query filter sort order region host server node instance env environment path file user email account " +
		"owner tenant organization project build commit context schema format encoding charset trace span nonce salt number count total " +
		"size limit url uri href link copyright license self sandbox color phone api release by")

	// pageParams are parameters that request a page.
	pageParams = set("page pagenumber pageno pageindex pagenum p offset skip start startat startindex startkey from cursor after token pagetoken " +
		"nexttoken nextpagetoken nextcursor pagecursor continuation continuationtoken continue marker sinceid maxid startingafter skiptoken scrollid position " +
		"bookmark lastid afterid next searchafter")

	// nextHeaders are headers that name the next page.
	nextHeaders = set("xnextpage xnextcursor xnexttoken xnextpagetoken xcontinuationtoken xmscontinuation xmscontinuationtoken xpaginationnext " +
		"nextpage nextpagetoken nextcursor nexttoken continuationtoken sforcelocator")

	// noPointers are texts that mean that there is no next page.
	noPointers = set("null none nil undefined false 0 -1 end eof n/a na")
)

func set(list string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		all[name] = true
	}
	return all
}

// plain returns a name in lower case and with letters and digits alone, so that
// next_page, nextPage and Next-Page are equal. Letters that are not in ASCII stay.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 0x80:
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}

// telling reports whether a name is usual for a pointer to the next page, and unusual for
// any other member.
func telling(name string) bool {
	if tellingNames[name] {
		return true
	}
	rest, ok := strings.CutPrefix(strings.TrimPrefix(name, "odata"), "next")
	return ok && (rest == "" || nextTargets[rest])
}

// elsewhere reports whether the name of a member says that it leads to something other
// than the next page.
func elsewhere(name string) bool {
	for _, word := range otherWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// backwards reports whether a pointer with this name leads to the page before, for an
// author who reads the pages from the last one back.
func backwards(name string) bool {
	for _, word := range []string{"prev", "first", "before", "startcursor", "newstart", "self", "current"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// similarity compares a name with the one that a path has in its place.
type similarity int

const (
	different similarity = iota
	partly               // one name is the end of the other
	misspelled
	equal
)

func compare(name, want string) similarity {
	switch {
	case want == "":
		return different
	case name == want:
		return equal
	case nearly(name, want) && !strings.HasSuffix(name, "id"): // list_id is not last_id
		return misspelled
	case len(name) >= 5 && strings.HasSuffix(want, name) && !explained(name):
		return partly
	}
	return different
}

// nearly reports whether two names differ as a name differs from its misspelling. Short
// names may differ by a letter that is missing, added or swapped with the next one, but
// not by another letter, as next and text do.
func nearly(a, b string) bool {
	most := 1
	if min(len(a), len(b)) >= 8 {
		most = 2
	}
	if min(len(a), len(b)) < 3 || len(a)-len(b) > most || len(b)-len(a) > most {
		return false
	}
	if min(len(a), len(b)) < 6 && len(a) == len(b) {
		return swapped(a, b)
	}
	return editdistance.Between(a, b) <= most
}

// swapped reports whether two texts of the same length differ by two neighboring bytes
// that are swapped.
func swapped(a, b string) bool {
	for i := 0; i+1 < len(a); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// explained reports whether the values of members with a name like this one look like
// tokens but are not.
func explained(name string) bool {
	for _, end := range explainedEnds {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
