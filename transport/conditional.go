package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/transport/internal/consumption"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
)

// This file makes requests conditional (RFC 9110 §13) and handles the response 304.

// ErrNotModified reports a 304 response to a request with a condition in its own headers
// (If-None-Match or If-Modified-Since): the caller has the latest content. Requests with
// [Request].Validators do not fail with it.
var ErrNotModified = errors.New("the response has not been modified")

// errUnasked is final: the response to the same request would be the same.
var errUnasked = final(errors.New("the source responded 304 Not Modified, but the request had no If-None-Match and no If-Modified-Since: a cache between the client and the source may be broken"))

// GetModified is like [Get], but passes the value to use, and only if the response has been
// modified since the last call whose use returned nil. It does not call use for a response
// without a body (204) or one that a [Rule] ignores. [Request].Validators is required. The
// validator of the response is stored after use has returned nil, so use must deliver the
// rows that the value contains. GetModified returns the error of use unchanged. The other
// errors are those of Get.
func GetModified[T any](ctx context.Context, c *Client, req Request, use func(T) error) error {
	if req.Validators == nil {
		return c.requestError(req, errors.New("transport.GetModified: the request has no Validators"))
	}
	at, err := jsonpath.Parse(req.RecordsAt)
	if err != nil {
		return c.requestError(req, err)
	}
	k, err := c.prepare(req)
	if err == nil {
		err = k.setCondition(req, "value", nil)
	}
	if err != nil {
		return k.fail(defect, nil, 0, err)
	}
	var v T
	var raw []byte
	resp, err := k.run(ctx, func(ctx context.Context, n int) (*Response, error) {
		return k.attempt(ctx, n, func(resp *Response) (err error) {
			_, raw, err = decodeResponse(resp, at, &v)
			return err
		})
	})
	if err != nil || resp.hasNoContent() {
		return err
	}
	c.losses.CheckResponse(ctx, loss.For[T](), raw)
	r := k.receive(resp)
	if err := r.begin(); err != nil {
		return k.fail(defect, resp, 0, err)
	}
	if err := use(v); err != nil {
		return err
	}
	if err := r.delivered(ctx); err != nil {
		return k.fail(defect, resp, 0, err)
	}
	return nil
}

// A condition makes a call conditional on the response that was delivered before.
type condition struct {
	store ValidatorStore
	key   string     // identifies the request in the store
	known *validator // of the content that was delivered, or nil
	list  string     // identifies the request for the first page of the sequence, or ""
}

// setCondition makes a call conditional if its request has Validators. reader names what
// reads the response. A validator is valid only for the reader that stored it, because
// readers differ in what they read after the response. The series is that of a page, or nil.
func (k *call) setCondition(req Request, reader string, s *series) error {
	if req.Validators == nil {
		return nil
	}
	if k.method != http.MethodGet {
		return fmt.Errorf("a %s request cannot have Validators", k.method)
	}
	for _, name := range []string{"If-None-Match", "If-Modified-Since"} {
		if len(k.header[name]) > 0 {
			return fmt.Errorf("the request has both Validators and its own %s", name)
		}
	}
	c := &condition{store: req.Validators, key: k.validatorKey(req, reader)}
	var err error
	if s != nil {
		c.known, c.list = s.find(c.key), s.key
	} else if c.known, err = findValidator(c.store, c.key); err != nil {
		return err
	}
	k.condition = c
	switch {
	case c.known == nil:
	case c.known.ETag != "":
		k.header["If-None-Match"] = []string{c.known.ETag}
	default:
		k.header["If-Modified-Since"] = []string{c.known.Modified}
	}
	return nil
}

// errUnsupported is returned by functions that cannot tell when the caller has delivered
// the records.
var errUnsupported = errors.New("Request.Validators requires transport.Records, Pages, Stream or GetModified, which know when the response has been delivered")

// notModified handles a 304 response. It marks the response as unmodified if the condition
// of the call led to it, and returns an error if the request had no condition.
func (k *call) notModified(resp *Response) error {
	if resp.Status != http.StatusNotModified {
		return nil
	}
	sent := resp.request.Header
	switch {
	case len(sent["If-None-Match"]) == 0 && len(sent["If-Modified-Since"]) == 0:
		return errUnasked
	case k.condition != nil && k.condition.known != nil:
		resp.unmodified = true
	}
	return nil
}

// dropCondition removes the condition of a call from a redirect. The validator is that
// of another resource, for which the source might consider it current.
func (k *call) dropCondition(h http.Header) {
	if k.condition != nil {
		h.Del("If-None-Match")
		h.Del("If-Modified-Since")
	}
}

// A receipt holds the validator to store once the response to a conditional call has been
// delivered. The receipt of any other call is nil.
type receipt struct {
	condition *condition
	fresh     validator // to be stored
	valid     bool      // fresh may be stored
}

// receive returns the receipt of a response.
func (k *call) receive(resp *Response) *receipt {
	if k.condition == nil || resp.unmodified {
		return nil
	}
	r := &receipt{condition: k.condition}
	// A redirect may lead elsewhere the next time, and a validator is valid for one
	// resource only.
	if resp.Status == http.StatusOK && !resp.ignored && resp.request.Response == nil {
		r.fresh, r.valid = newValidator(k.condition.key, resp.Header)
		if k.condition.list != k.condition.key {
			r.fresh.List = k.condition.list
		}
		r.valid = r.valid && k.mask().text(r.fresh.ETag) == r.fresh.ETag
	}
	return r
}

// begin is called before the records of a response are delivered. It removes the old
// validator: if delivery stops halfway and the source then returns to the earlier content,
// the next sync must not consider it unmodified.
func (r *receipt) begin() error {
	if r == nil || r.condition.known == nil {
		return nil
	}
	return removeValidators(r.condition.store, func(v validator) bool { return v.Request == r.condition.key })
}

// delivered is called after the caller has consumed the last record of a response.
func (r *receipt) delivered(ctx context.Context) error {
	if r == nil || !r.valid {
		return nil
	}
	return consumption.After(ctx, func() error { return addValidator(r.condition.store, r.fresh) })
}
