package connectortest

// A guess is a request that may return the next page that a response names.
type guess struct {
	page    nextPage
	request *exchange
}

// The parameters that sources use for the page of a request, the most frequent first.
var (
	tokenParams  = []string{"cursor", "page_token", "pageToken", "token", "after", "next", "next_token", "nextToken", "page", "offset", "continuation", "continuationToken", "marker", "start", "skip", "next_cursor", "nextCursor", "starting_after", "bookmark"}
	offsetParams = []string{"offset", "skip", "start", "from", "startAt", "$skip"}
	pageParams   = []string{"page", "page_number", "pageNumber", "p", "pageNo"}
	keyParams    = []string{"starting_after", "after", "since_id", "after_id", "last_id"}
)
