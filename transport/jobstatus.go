package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
)

// This file contains the wait for the end of a job.

const (
	defaultJobTimeout = 6 * time.Hour
	// A wait that takes longer than jobLogAfter has a line in the log for each new
	// status, and at least one line in each jobLogInterval.
	jobLogAfter    = 10 * time.Second
	jobLogInterval = 10 * time.Minute
	// maxStatuses is the number of statuses that an error names, and that have a line of
	// their own in the log. Some sources report the progress as a status.
	maxStatuses = 10
	// maxMissingPolls is the number of polls in a row that do not find a job that was just
	// created, after which the last one fails. Some sources make a job visible with a
	// delay.
	maxMissingPolls = 3
)

// normalStatus returns a status without case and spaces.
func normalStatus(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}

func hasStatus(list []string, status string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return normalStatus(s) == normalStatus(status) })
}

// checkStatuses returns an error if a status is empty or has two meanings.
func (j Job) checkStatuses() error {
	seen := map[string]bool{}
	for _, list := range [][]string{j.Done, j.Failed, j.Running} {
		for _, s := range list {
			if s = normalStatus(s); s == "" {
				return errors.New("transport.Job: a status is empty")
			}
		}
		for _, s := range list {
			if seen[normalStatus(s)] {
				return fmt.Errorf("transport.Job: the status %q is in two of Done, Failed and Running", s)
			}
		}
		for _, s := range list {
			seen[normalStatus(s)] = true
		}
	}
	return nil
}

// wait polls until the job is done. created are the headers of the response to Create.
func (r *jobRun) wait(ctx context.Context, created http.Header) (*Page, error) {
	r.start = time.Now()
	r.logged = r.start
	limit := cmp.Or(r.Timeout, defaultJobTimeout)
	interval := cmp.Or(r.Interval, time.Second)
	wait := waitAsked(created, interval)
	for {
		if time.Since(r.start)+wait > limit {
			return nil, r.tooLong(limit, wait)
		}
		if left, ok := ctxwait.Left(ctx); ok && wait >= left && ctx.Err() == nil {
			return nil, r.noTime(wait)
		}
		r.client.log().LogAttrs(ctx, slog.LevelDebug, "waiting for a job", slog.Duration("wait", wait))
		if err := ctxwait.Sleep(ctx, wait); err != nil {
			return nil, r.client.requestError(r.Poll(r.id), err)
		}
		interval = min(interval+interval/2, cmp.Or(r.MaxInterval, time.Minute))
		wait = interval
		page, err := r.poll(ctx)
		if err != nil {
			if r.isNotVisible(ctx, err) {
				continue
			}
			return nil, r.vanished(err)
		}
		if done, err := r.ended(ctx, page); done || err != nil {
			return page, err
		}
		wait = waitAsked(page.Header, interval)
	}
}

// waitAsked returns the wait that a response asks for, or else the given one.
func waitAsked(h http.Header, otherwise time.Duration) time.Duration {
	if asked, ok := retryAfter(h); ok {
		return asked
	}
	return otherwise
}

// poll requests the status of the job. An error in the response is not reported here,
// because the response may also say that the job has failed.
func (r *jobRun) poll(ctx context.Context) (*Page, error) {
	req := r.Poll(r.id)
	req.ErrorAt = ""
	return r.client.fetch(ctx, req, nil, "", nil, nil)
}

// isNotVisible reports whether a poll has failed because the source does not know the
// job yet.
func (r *jobRun) isNotVisible(ctx context.Context, err error) bool {
	var e *Error
	if r.polled > 0 || !errors.As(err, &e) || e.Status != http.StatusNotFound || e.Configuration() {
		return false
	}
	if r.missing++; r.missing >= maxMissingPolls {
		return false
	}
	r.client.log().LogAttrs(ctx, slog.LevelInfo, "the source does not know the job yet", slog.String("error", err.Error()))
	return true
}

// vanished returns the error of a poll. If the job has been polled before, the source has
// deleted it, and a later sync creates another one.
func (r *jobRun) vanished(err error) error {
	var e *Error
	if r.polled > 0 && errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusGone) {
		e.kind = temporary
		e.explain(fmt.Sprintf("the job has disappeared at the source after %v, its last status was %s", r.elapsed(), cmp.Or(r.last, "none")))
	}
	return err
}

func (r *jobRun) elapsed() time.Duration { return time.Since(r.start).Round(time.Second) }

// text returns a text of the source for an error or a log line.
func (r *jobRun) text(s string) string { return r.client.mask().excerpt([]byte(s), 200) }

// ended reports whether the job is done, according to a response to Poll. It returns an
// error if the job has failed.
func (r *jobRun) ended(ctx context.Context, poll *Page) (bool, error) {
	status, err := requiredText(poll, r.StatusAt, "the job's status")
	var reported error
	if at := r.Poll(r.id).ErrorAt; at != "" {
		reported = poll.reported(at)
	}
	switch {
	case err != nil && reported != nil:
		return false, poll.fail(reported)
	case err != nil:
		return false, err
	}
	r.polled++
	switch {
	case hasStatus(r.Failed, status), reported != nil:
		return false, r.failure(poll, status)
	case hasStatus(r.Done, status):
		return true, nil
	case len(r.Running) > 0 && !hasStatus(r.Running, status):
		return false, poll.fail(fmt.Errorf("the job's status %s is not in Done, Failed or Running of its transport.Job", r.text(status)))
	}
	r.running(ctx, status)
	return false, nil
}

// running logs the status of a job that has not ended.
func (r *jobRun) running(ctx context.Context, status string) {
	status = r.text(status)
	if r.same++; normalStatus(status) != normalStatus(r.last) {
		r.same, r.warned = 1, false
	}
	r.last = status
	if len(r.statuses) < maxStatuses && !hasStatus(r.statuses, status) {
		r.statuses = append(r.statuses, status)
	}
	attrs := []slog.Attr{slog.String("status", status), slog.Duration("elapsed", r.elapsed())}
	isNew := r.announced < len(r.statuses) // one that was seen in the first seconds may be announced later
	if time.Since(r.start) >= jobLogAfter && isNew || time.Since(r.logged) >= jobLogInterval {
		r.logged, r.announced = time.Now(), len(r.statuses)
		r.client.log().LogAttrs(ctx, slog.LevelInfo, "waiting for a job", attrs...)
	}
	// The status may change with the next poll, so the first one is not warned of.
	if r.same >= 2 && !r.warned && !hasStatus(r.Running, status) && looksLikeAnEnd(status) {
		r.warned = true
		r.client.log().LogAttrs(ctx, slog.LevelWarn,
			"the status of a job looks like its end, but the job is taken to be running: add the status to Done or Failed of the transport.Job, or to Running with all statuses of jobs that continue", attrs...)
	}
}

// ends are usual statuses of jobs that have ended.
var ends = []string{
	"abandoned", "aborted", "canceled", "cancelled", "complete", "completed", "crashed", "dead", "deleted", "done",
	"ended", "error", "errored", "expired", "fail", "failed", "failure", "fatal", "finished", "killed",
	"rejected", "success", "succeeded", "successful", "terminated", "timedout", "timeout",
}

// failures are ends of statuses of jobs that have failed, such as EXPORT_FAILED.
var failures = []string{"aborted", "canceled", "cancelled", "error", "errors", "expired", "failed", "fatal", "rejected", "skipped", "timedout"}

// looksLikeAnEnd reports whether a status is one of ends or consists of several words of
// which the last one is, such as JobComplete or DOWNLOAD_DONE, or says that the job has
// failed.
func looksLikeAnEnd(status string) bool {
	words := statusWords(status)
	if len(words) > 1 && slices.ContainsFunc(words, func(w string) bool { return slices.Contains(negations, w) }) {
		return false
	}
	whole := strings.NewReplacer("_", "", "-", "", ".", "").Replace(normalStatus(status))
	return slices.Contains(ends, whole) || slices.ContainsFunc(failures, func(end string) bool { return strings.HasSuffix(whole, end) }) ||
		len(words) > 1 && slices.Contains(ends, words[len(words)-1])
}

// negations are words of statuses that say that something has not ended.
var negations = []string{"not", "no", "partially", "partly", "almost", "until", "un", "in", "upload"}

// statusWords returns the words of a status in lower case: they are separated by other
// characters than letters, or begin with a capital letter after a small one.
func statusWords(status string) []string {
	var b strings.Builder
	previous := ' '
	for _, r := range status {
		if unicode.IsUpper(r) && unicode.IsLower(previous) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
		previous = r
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) })
}

// tooLong returns the error of a job that was not done in time.
func (r *jobRun) tooLong(limit, wait time.Duration) error {
	return r.notDone(fmt.Errorf("%w: the job was not done after %v, and the next poll in %v would exceed its Timeout of %v", ErrTimeout, r.elapsed(), wait.Round(time.Second), limit))
}

// noTime returns the error of a job whose next poll would be after the deadline of the
// context.
func (r *jobRun) noTime(wait time.Duration) error {
	return r.notDone(fmt.Errorf("%w: the job is not done, and no time is left to wait for %v", context.DeadlineExceeded, wait.Round(time.Second)))
}

// notDone adds the statuses of a job that has not ended to an error.
func (r *jobRun) notDone(err error) error {
	k, failed := r.client.prepare(r.Poll(r.id))
	if failed != nil {
		return k.fail(defect, nil, 0, failed)
	}
	switch {
	case len(r.statuses) == 0:
		err = fmt.Errorf("%w. No poll has reported a status", err)
	case len(r.statuses) == 1:
		err = fmt.Errorf("%w. Its status was always %s", err, r.last)
	default:
		seen := strings.Join(r.statuses, ", ")
		if len(r.statuses) == maxStatuses {
			seen += ", …"
		}
		err = fmt.Errorf("%w. Its last status was %s, its statuses were %s", err, r.last, seen)
	}
	if len(r.statuses) > 0 {
		err = fmt.Errorf("%w. The transport.Job ends with %s", err, strings.Join(slices.Concat(r.Done, r.Failed), ", "))
	}
	return k.fail(temporary, nil, 0, err)
}
