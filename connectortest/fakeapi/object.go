package fakeapi

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Object serves a single value as JSON at a path, in response to GET requests. Use
// it for anything that is not a list, such as a ping, an account or one row. The
// path may contain wildcards, as in patterns of [http.ServeMux].
//
// If value is a func(*http.Request) any, the API calls it for each request. The
// function returns the value, or nil for status 404, and must be safe for concurrent
// use. A value that cannot be marshalled fails the test.
func Object(path string, value any) Option {
	return func(a *API) {
		o := &object{at: path}
		if err := o.set(value); err != nil {
			a.errs = append(a.errs, err)
		}
		a.add(o)
	}
}

type object struct {
	at    string
	value atomic.Pointer[content]
}

// A content is the JSON of an object or, if of is set, the function that returns
// the object for a request.
type content struct {
	body []byte
	of   func(*http.Request) any
}

func (o *object) path() string { return o.at }

func (o *object) methods() []string { return []string{http.MethodGet, http.MethodHead} }

func (o *object) parameters() []string { return nil }

func (o *object) set(value any) error {
	of, ok := value.(func(*http.Request) any)
	if ok {
		o.value.Store(&content{of: of})
		return nil
	}
	body, err := o.marshal(value)
	if err == nil {
		o.value.Store(&content{body: body})
	}
	return err
}

func (o *object) marshal(value any) ([]byte, error) {
	body, err := marshal(value)
	if err != nil {
		err = fmt.Errorf("object %s: %w", o.at, err)
	}
	return body, err
}

func (o *object) respond(c *call) (response, error) {
	v := o.value.Load()
	if v.of == nil {
		return response{status: http.StatusOK, body: v.body}, nil
	}
	value := v.of(c.Request)
	if value == nil {
		return response{}, reject(http.StatusNotFound, "%s does not exist", c.URL.Path)
	}
	body, err := o.marshal(value)
	return response{status: http.StatusOK, body: body}, err
}
