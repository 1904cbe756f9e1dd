package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
)

// ErrJobFailed is wrapped by the error of a [Job] that failed at the source.
var ErrJobFailed = errors.New("the source reports that the job failed")

// A Job is an asynchronous report. One request creates it at the source, others poll its
// status until it is done, and a last one downloads the result.
type Job struct {
	// Create is the request that creates the job. Required.
	Create Request

	// IDAt is the path to the job's id in the response to Create. Required.
	IDAt string

	// Poll returns the request for the job's status. Required.
	Poll func(id string) Request

	// StatusAt is the path to the status in the response to Poll. Required.
	StatusAt string

	// Done and Failed are the statuses that end the job, compared without regard to
	// case. With any other status, the job is still running. Done is required.
	Done, Failed []string

	// ResultURLAt is the path to the URL of the result, in the response to the last
	// Poll. A URL on another host, such as a signed link to a storage service, is
	// requested without the client's credentials. Required, unless Result is set.
	ResultURLAt string

	// Result returns the request for the result. Optional; the default is a GET of
	// the URL at ResultURLAt.
	Result func(id string) Request

	// Delete returns the request that deletes the job at the source. It is sent when
	// [Report] ends: when the result has been read, or after an error, an early exit
	// from the loop or the end of the context. Its failure is only logged. Optional;
	// by default, the job is not deleted.
	Delete func(id string) Request

	// Interval is the wait before the first poll. It grows by half with each poll, up
	// to MaxInterval. A Retry-After in a response to Poll takes precedence. Optional;
	// the defaults are 1 second and 1 minute.
	Interval, MaxInterval time.Duration

	// Timeout limits the time until the job is done. Optional; the default is 6
	// hours.
	Timeout time.Duration
}

func (j Job) check() error {
	switch {
	case j.IDAt == "", j.Poll == nil, j.StatusAt == "", len(j.Done) == 0:
		return errors.New("transport.Job: IDAt, Poll, StatusAt and Done are required")
	case j.Result == nil && j.ResultURLAt == "":
		return errors.New("transport.Job: Result or ResultURLAt is required")
	case j.Result != nil && j.ResultURLAt != "":
		return errors.New("transport.Job: only one of Result and ResultURLAt may be set")
	case j.Interval < 0 || j.MaxInterval < 0 || j.Timeout < 0:
		return errors.New("transport.Job: a duration is negative")
	}
	return nil
}

// Report runs a job and reads the records of its result as [Stream] does. Each error is
// an [*Error]. If the job failed at the source, it wraps [ErrJobFailed]. If the job took
// longer than its Timeout, it wraps [ErrTimeout] and is temporary.
func Report[T any](ctx context.Context, c *Client, job Job, f format.Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if f == nil { // the job may take hours, so this is checked before it
			yield(zero, c.requestError(job.Create, errNoFormat))
			return
		}
		result, id, err := job.run(ctx, c)
		if id != "" && job.Delete != nil {
			defer job.delete(ctx, c, id)
		}
		if err != nil {
			yield(zero, err)
			return
		}
		for v, err := range Stream[T](ctx, c, result, f) {
			if !yield(v, err) {
				return
			}
		}
	}
}

// Run creates the job, waits until it is done, and returns the request for its result.
// Use it if the result is not to be streamed. It does not delete the job. The errors
// are those of [Report].
func (j Job) Run(ctx context.Context, c *Client) (Request, error) {
	req, _, err := j.run(ctx, c)
	return req, err
}

func (j Job) run(ctx context.Context, c *Client) (result Request, id string, err error) {
	if err := j.check(); err != nil {
		return Request{}, "", c.requestError(j.Create, err)
	}
	created, err := c.fetch(ctx, j.Create, nil)
	if err != nil {
		return Request{}, "", err
	}
	if id, err = requiredText(created, j.IDAt, "the job's id"); err != nil {
		return Request{}, "", err
	}
	poll, err := j.wait(ctx, c, id)
	if err != nil {
		return Request{}, id, err
	}
	if j.Result != nil {
		return j.Result(id), id, nil
	}
	text, err := requiredText(poll, j.ResultURLAt, "the URL of the result")
	if err != nil {
		return Request{}, id, err
	}
	u, err := c.reference(poll.URL, text)
	if err != nil {
		return Request{}, id, poll.fail(fmt.Errorf("the result: %w", err))
	}
	return Request{Path: u.String()}, id, nil
}

// requiredText returns the text at a path of a page. It is an error if there is none.
func requiredText(p *Page, at, what string) (string, error) {
	text, err := p.Text(at)
	if err == nil && text == "" {
		err = fmt.Errorf("%w: %s is missing at %q", ErrNoRecords, what, at)
	}
	if err != nil {
		return "", p.fail(err)
	}
	return text, nil
}

// wait polls until the job is done.
func (j Job) wait(ctx context.Context, c *Client, id string) (*Page, error) {
	start := time.Now()
	limit := cmp.Or(j.Timeout, 6*time.Hour)
	interval := cmp.Or(j.Interval, time.Second)
	wait := interval
	for {
		req := j.Poll(id)
		if time.Since(start)+wait > limit {
			return nil, c.temporaryError(req, fmt.Errorf("%w: the job was not done after %v", ErrTimeout, limit))
		}
		if left, ok := ctxwait.Left(ctx); ok && wait >= left && ctx.Err() == nil {
			return nil, c.temporaryError(req, fmt.Errorf("%w: the job is not done, and no time is left to wait for %v", context.DeadlineExceeded, wait.Round(time.Second)))
		}
		c.log().LogAttrs(ctx, slog.LevelDebug, "waiting for a job", slog.Duration("wait", wait))
		if err := ctxwait.Sleep(ctx, wait); err != nil {
			return nil, c.requestError(req, err)
		}
		page, err := c.fetch(ctx, req, nil)
		if err != nil {
			return nil, err
		}
		if done, err := j.done(page); done || err != nil {
			return page, err
		}
		interval = min(interval+interval/2, cmp.Or(j.MaxInterval, time.Minute))
		wait = interval
		if asked, ok := retryAfter(page.Header); ok {
			wait = asked
		}
	}
}

// temporaryError returns a temporary error for a request that was not sent.
func (c *Client) temporaryError(req Request, err error) error {
	k, kerr := c.prepare(req)
	if kerr != nil {
		return k.fail(defect, nil, 0, kerr)
	}
	return k.fail(temporary, nil, 0, err)
}

// done reports whether the job is done, according to a response to Poll.
func (j Job) done(poll *Page) (bool, error) {
	status, err := requiredText(poll, j.StatusAt, "the job's status")
	if err != nil {
		return false, err
	}
	is := func(s string) bool { return strings.EqualFold(s, status) }
	switch {
	case slices.ContainsFunc(j.Done, is):
		return true, nil
	case slices.ContainsFunc(j.Failed, is):
		return false, poll.fail(fmt.Errorf("%w: status %s", ErrJobFailed, shorten.Line(poll.client.mask().text(status), 200)))
	}
	return false, nil
}

// delete deletes the job at the source.
func (j Job) delete(ctx context.Context, c *Client, id string) {
	if err := c.release(ctx, j.Delete(id)); err != nil {
		c.log().LogAttrs(ctx, slog.LevelWarn, "could not delete a job at the source", slog.String("error", err.Error()))
	}
}
