package fakeapi

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Object serves a single value as JSON at a path, in response to GET requests. Use
// it for anything that is not a list, such as a ping, an account or one row. The
// path may contain wildcards, as in patterns of [http.ServeMux].
//
// If value is a func(*http.Request) any, the API calls it for each request. The
// function returns the value, or nil for status 404, and must be safe for concurrent
// use. A value that cannot be marshaled fails the test.
//
// Like those of a [Collection], responses have validators and obey conditional
// headers.
func Object(path string, value any) Option {
	return func(a *API) {
		o := &object{at: path}
		if err := o.set(path, value); err != nil {
			a.errs = append(a.errs, err)
		}
		a.add(o)
	}
}

type object struct {
	at    string
	mu    sync.Mutex // held by set
	value atomic.Pointer[content]
}

// A content is the JSON of an object or, if of is set, the function that returns
// the object for a request.
type content struct {
	body []byte
	of   func(*http.Request) any
	date date
}

func (o *object) path() string { return o.at }

func (o *object) setPaths() []string { return []string{o.at} }

func (o *object) methods() []string { return []string{http.MethodGet, http.MethodHead} }

func (o *object) set(_ string, value any) (err error) {
	v := &content{date: firstDate()}
	if of, ok := value.(func(*http.Request) any); ok {
		v.of = of
	} else if v.body, err = o.marshal(value); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if before := o.value.Load(); before != nil {
		v.date = before.date
		if v.of != nil || before.of != nil || !bytes.Equal(v.body, before.body) {
			v.date = before.date.next()
		}
	}
	o.value.Store(v)
	return nil
}

func (o *object) marshal(value any) ([]byte, error) {
	body, err := marshal(value)
	if err != nil {
		err = fmt.Errorf("object %s: %w", o.at, err)
	}
	return body, err
}

func (o *object) respond(c *call) (response, error) {
	if err := c.read(nil); err != nil {
		return response{}, err
	}
	v := o.value.Load()
	r := response{status: http.StatusOK, body: v.body, validated: true, modified: v.date.at}
	if v.of == nil {
		return r, nil
	}
	value := v.of(c.Request)
	if value == nil {
		return response{}, reject(http.StatusNotFound, "%s does not exist", c.URL.Path)
	}
	var err error
	r.body, err = o.marshal(value)
	r.modified = time.Time{}
	return r, err
}
