package fakeapi

import (
	"net/http"
	"net/url"
)

// absolute returns the URL of a path of the API as the client of a request reaches it.
func (c *call) absolute(path, rawPath, query string) string {
	u := url.URL{Scheme: c.scheme(), Host: hostOf(c.Request), Path: path, RawPath: rawPath, RawQuery: query}
	if u.Host == "" {
		u.Scheme = ""
	}
	return u.String()
}

func (c *call) scheme() string {
	if c.TLS != nil || c.URL.Scheme == "https" { // a request in memory may have an absolute URL
		return "https"
	}
	return "http"
}

// hostOf returns the host of a request, which is "" in some requests in memory.
func hostOf(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}
