package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// A repetition is a call that is repeated until it succeeds, its failure is final, or the
// limits of the client's policy are reached.
type repetition struct {
	call      *call
	silent    time.Time // since when nothing has responded
	attempts  int
	refreshed bool

	// The last failure, other than the end of the context.
	resp   *Response // nil if there was no response
	failed error     // nil if the status is the failure
	last   verdict
}

// run sends a call until it succeeds or its failure is final. try makes one attempt. Its
// response, if any, is what the source sent.
func (k *call) run(ctx context.Context, try func(ctx context.Context, n int) (*Response, error)) (*Response, error) {
	r := &repetition{call: k, silent: time.Now()}
	k.contact = r.contact
	var resp *Response
	err := k.client.retry.DoNotify(ctx, func(ctx context.Context) error {
		resp = r.try(ctx, try)
		return r.mark(resp)
	}, func(_ error, wait time.Duration) error {
		return r.wait(ctx, wait)
	})
	gaveUp, ok := err.(*retry.GaveUpError) // not one of a login, which err may wrap
	switch {
	case err == nil:
		k.client.reached.Store(true)
		return resp, nil
	case ctx.Err() != nil:
		return nil, r.interrupted(ctx)
	case ok:
		gaveUp.Err = r.failed
		return nil, r.fail(gaveUp)
	case err != errAttempt:
		return nil, r.fail(err)
	case r.last.again:
		return nil, r.fail(r.lastAttempt())
	}
	return nil, r.fail(r.failed)
}

// errAttempt stands for the last failure of a repetition in package retry.
var errAttempt = errors.New("the attempt has failed")

// mark returns an error that tells package retry how to handle the last failure. It is nil
// if the call has succeeded with a response.
func (r *repetition) mark(resp *Response) error {
	switch {
	case resp != nil:
		return nil
	case !r.last.again:
		return retry.Permanent(errAttempt)
	case r.last.asked:
		return retry.After(errAttempt, r.last.wait)
	}
	return errAttempt
}

// wait logs a wait before the next attempt. It returns an error if the source has never
// responded, and the next attempt would begin too late.
func (r *repetition) wait(ctx context.Context, wait time.Duration) error {
	if left, limited := r.contact(); limited && wait+minAttempt > left {
		return fmt.Errorf("%w (gave up: the source has not responded within %v; set retry.Policy.Elapsed to wait longer)", r.failed, contactLimit)
	}
	k, reason := r.call, r.last.reason
	if r.last.asked {
		reason += ", the source asks to wait"
	}
	k.client.log().LogAttrs(ctx, slog.LevelInfo, "waiting before the next attempt",
		slog.String("method", k.method), slog.String("path", k.path()),
		slog.Duration("wait", wait), slog.String("reason", reason), slog.Int("attempt", r.attempts))
	return nil
}

// try makes an attempt, and another one if the first lets the client renew its
// credentials. It returns the response if the call has succeeded.
func (r *repetition) try(ctx context.Context, try func(ctx context.Context, n int) (*Response, error)) *Response {
	for {
		r.attempts++
		resp, err := try(ctx, r.attempts)
		if err == nil && resp.accepted() {
			return resp
		}
		if err != nil && ctx.Err() != nil && endedBy(ctx, err) {
			if r.failed == nil && r.resp == nil {
				r.failed, r.last.kind = r.call.incomplete(resp), temporary
			}
			return nil
		}
		doubt := r.last.doubt
		r.resp, r.failed, r.last = resp, err, r.call.judge(resp, err)
		if doubt && r.last.doubt {
			r.last = verdict{kind: configuration}
		}
		if ctx.Err() != nil || !r.last.refresh || r.refreshed {
			return nil
		}
		if err := r.call.refresh(ctx, resp); err != nil {
			r.refreshFailed(err)
			return nil
		}
		r.refreshed = true
	}
}

// refreshFailed makes a failure to renew the credentials the last failure. If it may be
// temporary, the call is repeated, even if it is not idempotent, because the refusal of
// its credentials had no effect.
func (r *repetition) refreshFailed(err error) {
	r.failed = fmt.Errorf("renew the credentials: %w", err)
	r.last = verdict{kind: kindOf(err, configuration), reason: r.call.mask().text(r.failed.Error())}
	r.last.again = r.last.kind == temporary && !errors.Is(err, ErrTimeout)
	r.last.waitFor(err)
}

// endedBy reports whether an error only says that ctx, which has ended, has ended.
func endedBy(ctx context.Context, err error) bool {
	return errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))
}

// fail returns the error of the call. err is its cause, which is nil for a status.
func (r *repetition) fail(err error) *Error {
	if err == nil {
		err = r.call.explainStatus(r.resp)
	}
	e := r.call.fail(r.last.kind, r.resp, r.attempts, err)
	e.unreachable = r.resp == nil && r.call.unreachable(r.failed)
	if r.last.asked {
		e.wait = r.last.wait
	}
	return e
}

// interrupted returns the error of a call that the end of its context has ended. If a
// deadline has passed after a failure, the error is of the kind of the failure.
func (r *repetition) interrupted(ctx context.Context) *Error {
	err := ctxwait.Interrupted(ctx, r.failed)
	if r.failed == nil && r.resp != nil {
		err = fmt.Errorf("interrupted: %w", err)
	}
	failed := r.failed != nil || r.resp != nil
	if !failed || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.last.kind = defect
	}
	return r.fail(err)
}

// lastAttempt returns the cause of a call whose last attempt has failed.
func (r *repetition) lastAttempt() error {
	if ruled, ok := r.failed.(*ruledError); ok {
		return fmt.Errorf("%w, and retry.Policy.Attempts allows no more attempts", ruled)
	}
	return r.failed
}

// contactLimit is how long a call is repeated if the source has never responded to the
// client. The address is then probably wrong, and the user should learn that soon. It is
// the same as the default of WithTimeout, so that a single attempt may take all of it.
const contactLimit = defaultTimeout

// contact returns the time that is left for the first response of the source. It reports
// false if there is no such limit, because the source has responded, because its token
// endpoint has asked for a wait, or because the author has set a longer limit.
func (r *repetition) contact() (left time.Duration, limited bool) {
	c, p := r.call.client, r.call.progress
	if c.answered.Load() || r.last.asked || patient(c.retry) {
		return 0, false
	}
	if p != nil && stage(p.stage.Load()) == responseStage {
		r.silent = time.Now() // the source itself has not been asked yet
		return 0, false
	}
	return contactLimit - time.Since(r.silent), true
}

// patient reports whether a policy sets Elapsed or has another field above its default.
func patient(p retry.Policy) bool {
	var standard retry.Policy
	return p.Elapsed != 0 || p.MaxAttempts() > standard.MaxAttempts() || p.Base > 500*time.Millisecond || p.Max > time.Minute
}

// minAttempt is the shortest time that an attempt gets.
const minAttempt = time.Second
