package connectortest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// A pageResponse is a successful response in JSON, or one with a next page.
type pageResponse struct {
	*exchange
	doc    any // nil if the body is not JSON
	lists  []recordList
	next   []nextPage
	later  []*exchange
	at     int         // the index of the exchange; later begins after it
	tokens namedTokens // of all responses
}

// namedTokens are the indexes of the first responses of each endpoint that named a token.
type namedTokens map[namedToken]int

type namedToken struct{ endpoint, text string }

func (n namedTokens) add(r *pageResponse) {
	for _, page := range r.next {
		name := namedToken{r.endpoint(), page.text}
		if _, known := n[name]; !known && page.kind == nextToken {
			n[name] = r.at
		}
	}
}

// onlyTotals reports whether the next page is only known by a number of records or
// pages, which may count something else.
func (r *pageResponse) onlyTotals() bool { return r.next[0].kind == nextTotal }

// nextRequested reports whether a later request asks for the next page that a response
// names. A response that names no URL and no token does not say how to ask for it.
func (r *pageResponse) nextRequested() bool {
	return slices.ContainsFunc(r.next, func(page nextPage) bool {
		asks := r.asksFor(page)
		for i, later := range r.later {
			if asks(later) && !r.isOwnToken(later, r.at+1+i, page) {
				return true
			}
		}
		return false
	})
}

// isOwnToken reports whether a request of another endpoint has the token of the page
// because that endpoint had named it, too. Tokens such as the base64 of an offset are
// the same for all lists of a source.
func (r *pageResponse) isOwnToken(request *exchange, index int, page nextPage) bool {
	if page.kind != nextToken || request.endpoint() == r.endpoint() {
		return false
	}
	first, named := r.tokens[namedToken{request.endpoint(), page.text}]
	return named && first < index
}

// continues reports whether a later request to the same endpoint differs from that of
// the response, and may therefore ask for the next page.
func (r *pageResponse) continues() bool {
	return slices.ContainsFunc(r.later, func(later *exchange) bool {
		return later.endpoint() == r.endpoint() && (later.url.RawQuery != r.url.RawQuery || !bytes.Equal(later.sent, r.sent))
	})
}

// guesses returns requests for the next pages that a response names. A URL is a certain
// one. A token, a bool or a number does not say which parameter it belongs to, so there
// is a request for each of the usual ones. A wrong guess does no harm: the source
// rejects it or returns the page that is known.
func (r *pageResponse) guesses(list recordList) (all []guess) {
	for _, page := range r.next {
		switch page.kind {
		case nextURL:
			target, err := r.url.Parse(page.text)
			if err != nil || target.Host != r.url.Host {
				continue
			}
			request := r.clone()
			request.url = *target
			all = append(all, guess{page, request})
		case nextToken:
			for _, name := range tokenParams {
				all = append(all, r.with(page, name, page.text)...)
			}
		default:
			all = append(all, r.positions(page, list)...)
		}
	}
	return all
}

// positions returns requests for the records after a list. A parameter that the request
// has already is the best guess.
func (r *pageResponse) positions(page nextPage, list recordList) (all []guess) {
	var others []guess
	add := func(names []string, step, first int) {
		for _, name := range names {
			if old, err := strconv.Atoi(r.url.Query().Get(name)); err == nil {
				all = append(all, r.with(page, name, strconv.Itoa(old+step))...)
			} else {
				others = append(others, r.with(page, name, strconv.Itoa(first))...)
			}
		}
	}
	add(offsetParams, len(list.records), len(list.records))
	add(pageParams, 1, 2)
	if key, ok := memberOf(list.records[len(list.records)-1], "id"); ok {
		if text, ok := scalarText(key); ok {
			for _, name := range keyParams {
				others = append(others, r.with(page, name, text)...)
			}
		}
	}
	return append(all, others...)
}

// with returns the request of the response with a parameter in its query and, if its
// body is a JSON object, in the body and in the variables of a GraphQL query.
func (r *pageResponse) with(page nextPage, name, value string) []guess {
	inQuery := r.clone()
	query := inQuery.url.Query()
	query.Set(name, value)
	inQuery.url.RawQuery = query.Encode()
	all := []guess{{page, inQuery}}
	var body map[string]any
	if r.method == http.MethodGet || json.Unmarshal(r.sent, &body) != nil {
		return all
	}
	if variables, ok := body["variables"].(map[string]any); ok {
		variables[name] = value
	} else {
		body[name] = value
	}
	inBody := r.clone()
	inBody.sent, _ = json.Marshal(body) // parsed from JSON
	return append(all, guess{page, inBody})
}
