package paging

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
)

// Relay implements paging by GraphQL connections (Relay's GraphQL Cursor Connections
// Specification). The query must select pageInfo { hasNextPage endCursor } of the
// connection and accept the cursor as a variable. Make the request with
// transport.GraphQL. The last page is the one whose hasNextPage is false. It is an error
// if a page has no pageInfo or no hasNextPage, or if its hasNextPage is true but it has no
// endCursor.
type Relay struct {
	// At is the path to the connection, such as "data.shop.orders". Required.
	At string
	// Param is the name of the variable for the cursor. Optional; the default is
	// "after".
	Param string
}

// Start returns req, or an error if a required field is missing.
func (r Relay) Start(req transport.Request) (transport.Request, error) {
	if r.At == "" {
		return req, errors.New("paging.Relay: At is required")
	}
	return req, nil
}

// Next returns the request with the end cursor of page.
func (r Relay) Next(page *transport.Page) (transport.Request, string, error) {
	dot := "."
	if strings.HasPrefix(r.At, "/") { // a JSON Pointer
		dot = "/"
	}
	info := r.At + dot + "pageInfo"
	raw, ok, err := page.Find(info)
	switch {
	case err != nil:
		return transport.Request{}, "", err
	case !ok || raw[0] != '{':
		if body, _, _ := page.Find(""); body == nil {
			return transport.Request{}, "the response has no body", nil
		}
		return transport.Request{}, "", fmt.Errorf("%s is missing: the query must select it as pageInfo { hasNextPage endCursor }; there is %s", info, describe(page, info))
	}
	return PageToken{
		At: info + dot + "endCursor", Param: "variables." + cmp.Or(r.Param, "after"), MoreAt: info + dot + "hasNextPage", InBody: true,
	}.Next(page)
}
