package transport

import "fmt"

// NextURL is paging by a URL in the body that leads to the next page:
//
//	{"data": [...], "next": "https://api.example.com/orders?page_token=a1"}
//
// The URL may be absolute, a path ("/orders?page_token=a1") or just a query
// ("?page_token=a1"), relative to the page it stands in. Its query is used as
// given: that of the first request is not added to it; method, headers and
// body are kept. The last page is the one where the URL is null, absent or "".
// A URL on a host that is not the source's own is an error, [ErrForeignHost],
// unless [WithHosts] names it.
type NextURL struct {
	// At is the path to the URL, such as "next" or "links.next.href".
	// Required.
	At string
}

// Start returns req.
func (n NextURL) Start(req Request) (Request, error) {
	if n.At == "" {
		return req, fmt.Errorf("transport.NextURL: At is required")
	}
	return req, nil
}

// Next returns the request for the URL in page.
func (n NextURL) Next(page *Page) (Request, string, error) {
	text, stop, err := page.pointerTo(n.At)
	if err != nil || stop != "" {
		return Request{}, stop, err
	}
	req, err := page.nextURL(text)
	return req, "", err
}

// pointerTo returns the text at a path that leads on, or why paging stops
// there.
func (p *Page) pointerTo(at string) (text, stop string, err error) {
	raw, ok, err := p.Find(at)
	switch {
	case err != nil:
		return "", "", err
	case !ok:
		return "", at + " is absent", nil
	}
	switch text, err = scalar(raw); {
	case err != nil:
		return "", "", fmt.Errorf("%s: %w", at, err)
	case raw[0] == 'n':
		return "", at + " is null", nil
	case text == "":
		return "", at + " is empty", nil
	case text == "false" && raw[0] == 'f':
		return "", at + " is false", nil
	}
	return text, "", nil
}
