package fakeapi

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Object answers GET requests for a path with a value's JSON, for what is no
// list: a ping, an account, a single row. The path may have wildcards, as those
// of [http.ServeMux].
//
// A value that is a func(*http.Request) any is called for each request, maybe
// for several at a time, and returns the value, or nil for status 404. A value
// without a JSON form fails the test.
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

// A content is an object's JSON, or what it is made of for each request.
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
		err = fmt.Errorf("the value of %s: %w", o.at, err)
	}
	return body, err
}

func (o *object) answer(c *call) (answer, error) {
	v := o.value.Load()
	if v.of == nil {
		return answer{status: http.StatusOK, body: v.body}, nil
	}
	value := v.of(c.Request)
	if value == nil {
		return answer{}, refuse(http.StatusNotFound, "there is no %s", c.URL.Path)
	}
	body, err := o.marshal(value)
	return answer{status: http.StatusOK, body: body}, err
}
