package transport

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// ErrJobFailed is wrapped by the error of a [Job] that the source says has
// failed.
var ErrJobFailed = errors.New("the source says that the job failed")

// A Job is a report that the source makes in its own time: a request creates
// it, others ask for its status until it is done, and one downloads the result.
type Job struct {
	// Create asks for the report. Required.
	Create Request

	// ID is the path to the job's id in the answer to Create. Required.
	ID string

	// Poll makes the request for the job's status. Required.
	Poll func(id string) Request

	// Status is the path to the status in the answer to Poll. Required.
	Status string

	// Done and Failed are the statuses that end the wait, compared without
	// regard to case. Any other means that the job is still running. Done is
	// required.
	Done, Failed []string

	// ResultURL is the path to the URL of the result, in the answer to Poll
	// that was done. A URL on another host is asked without the client's
	// credentials, as signed links to a storage want it. Required, unless
	// Result is set.
	ResultURL string

	// Result makes the request for the result. Optional; the default is
	// ResultURL.
	Result func(id string) Request

	// Delete makes the request that removes the job at the source: when it has
	// been read, and when it is given up, by an error, an early end or a
	// cancelled context. Its failure is only logged. Optional; the default is
	// to leave the job there.
	Delete func(id string) Request

	// Interval is the wait before the first poll; it grows by half with each,
	// up to MaxInterval. A Retry-After in an answer to Poll goes before it. Optional;
	// the defaults are 1 s and 1 min.
	Interval, MaxInterval time.Duration

	// Timeout limits the wait for the job to be done. Optional; the default is
	// 6 hours.
	Timeout time.Duration
}

func (j Job) check() error {
	switch {
	case j.ID == "", j.Poll == nil, j.Status == "", len(j.Done) == 0:
		return errors.New("transport.Job: ID, Poll, Status and Done are required")
	case j.Result == nil && j.ResultURL == "":
		return errors.New("transport.Job: Result or ResultURL is required")
	case j.Result != nil && j.ResultURL != "":
		return errors.New("transport.Job: Result and ResultURL exclude each other")
	case j.Interval < 0 || j.MaxInterval < 0 || j.Timeout < 0:
		return errors.New("transport.Job: a negative duration")
	}
	return nil
}

// Report runs a job and reads the records of its result as [Stream] does. Every
// error is an [*Error]; that of a job which failed wraps [ErrJobFailed], and that
// of one which took too long wraps [ErrTimeout] and is temporary.
func Report[T any](ctx context.Context, c *Client, job Job, f Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
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

// Run creates the job, waits until it is done, and returns the request for its
// result, for results that are not to be streamed. The job is not deleted.
func (j Job) Run(ctx context.Context, c *Client) (Request, error) {
	req, _, err := j.run(ctx, c)
	return req, err
}

func (j Job) run(ctx context.Context, c *Client) (result Request, id string, err error) {
	if err := j.check(); err != nil {
		return Request{}, "", c.pageError(j.Create, err)
	}
	create := j.Create
	created, err := c.page(ctx, withoutRecords(create))
	if err != nil {
		return Request{}, "", err
	}
	if id, err = created.Text(j.ID); err == nil && id == "" {
		err = fmt.Errorf("%w: no job id at %q", ErrNoRecords, j.ID)
	}
	if err != nil {
		return Request{}, "", created.fail(err)
	}
	poll, err := j.wait(ctx, c, id)
	if err != nil {
		return Request{}, id, err
	}
	if j.Result != nil {
		return j.Result(id), id, nil
	}
	text, err := poll.Text(j.ResultURL)
	if err == nil && text == "" {
		err = fmt.Errorf("%w: no URL of the result at %q", ErrNoRecords, j.ResultURL)
	}
	if err != nil {
		return Request{}, id, poll.fail(err)
	}
	u, err := c.reference(poll.URL, text)
	if err != nil {
		return Request{}, id, poll.fail(fmt.Errorf("the result: %w", err))
	}
	return Request{Path: u.String()}, id, nil
}

// wait polls until the job is done.
func (j Job) wait(ctx context.Context, c *Client, id string) (*Page, error) {
	start := time.Now()
	interval, most, limit := j.Interval, j.MaxInterval, j.Timeout
	if interval == 0 {
		interval = time.Second
	}
	if most == 0 {
		most = time.Minute
	}
	if limit == 0 {
		limit = 6 * time.Hour
	}
	wait := interval
	for {
		req := withoutRecords(j.Poll(id))
		if time.Since(start)+wait > limit {
			k, err := c.prepare(req)
			if err == nil {
				err = fmt.Errorf("%w: the job was not done after %v", ErrTimeout, limit)
			}
			return nil, k.fail(temporary, nil, 0, err)
		}
		c.log().LogAttrs(ctx, slog.LevelDebug, "waiting for a job", slog.Duration("wait", wait))
		if err := sleep(ctx, wait); err != nil {
			return nil, c.pageError(req, err)
		}
		page, err := c.page(ctx, req)
		if err != nil {
			return nil, err
		}
		status, err := page.Text(j.Status)
		if err == nil && status == "" {
			err = fmt.Errorf("%w: no status of the job at %q", ErrNoRecords, j.Status)
		}
		is := func(s string) bool { return strings.EqualFold(s, status) }
		switch {
		case err != nil:
			return nil, page.fail(err)
		case slices.ContainsFunc(j.Done, is):
			return page, nil
		case slices.ContainsFunc(j.Failed, is):
			return nil, page.fail(fmt.Errorf("%w: status %s", ErrJobFailed, excerpt([]byte(status))))
		}
		interval = min(interval+interval/2, most)
		wait = interval
		if asked, ok := ParseRetryAfter(page.Header.Get("Retry-After"), time.Now()); ok && asked > 0 {
			wait = asked
		}
	}
}

// delete removes the job, also when the context has ended.
func (j Job) delete(ctx context.Context, c *Client, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	quick := *c
	quick.retry = Retry{Attempts: 1}
	if _, err := quick.Do(ctx, j.Delete(id)); err != nil {
		c.log().LogAttrs(ctx, slog.LevelWarn, "could not delete a job at the source", slog.String("error", err.Error()))
	}
}
