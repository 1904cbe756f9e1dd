package paging

import (
	"fmt"
	"strconv"

	"github.com/penstock-sdk/penstock/transport"
)

// startAt returns req with a number in it, unless there is one already.
func startAt(req transport.Request, param string, inBody bool, n int) (transport.Request, error) {
	if _, ok, err := req.Param(param, inBody); err != nil {
		return req, err
	} else if ok {
		_, err := integer(req, param, inBody)
		return req, err
	}
	return req.WithParam(param, inBody, n)
}

// integer returns the number in a parameter of a request.
func integer(req transport.Request, param string, inBody bool) (int, error) {
	text, _, err := req.Param(param, inBody)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s in the request is not a number: %.40q", param, text)
	}
	return n, nil
}
