package transport

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// ErrJobFailed is wrapped by the error of a [Job] that failed at the source. The text of
// the error has the status and the source's reason.
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
	// case and white space. A number or a bool is compared by its JSON text. Done is
	// required.
	Done, Failed []string

	// Running are the statuses of a job that continues. If Running is set, a status that is
	// in none of the three lists is an error. Optional; by default, any status that is
	// neither in Done nor in Failed means that the job continues. The client logs each
	// such status at level INFO, and at level WARN if its name suggests that the job has
	// ended.
	Running []string

	// ReasonAt is the path to the source's explanation in a response to Poll whose
	// status is in Failed. Optional; the default is the ErrorAt of the request that Poll
	// returns. Without either, the error quotes the members of the response whose names
	// suggest an explanation, such as errorMessage. If there are none, it quotes the
	// beginning of the response.
	ReasonAt string

	// OnFailure returns the kind of the error of a failed job: DoBlame if the user must
	// fix the configuration, DoRepeat if a later sync may succeed (Temporary), or DoFail
	// if the connector must be fixed. It receives the status as the source sent it, and
	// the reason. Optional; the default is DoFail.
	OnFailure func(status, reason string) Action

	// ResultURLAt is the path to the URL of the result in the response to the last Poll. It
	// may also lead to several URLs, such as "files.*.url" or a path to an array, whose
	// results are then read one after the other. A URL on another host, such as a signed
	// link to a storage service, is requested without the client's credentials. If a URL
	// is refused before a record has arrived, for example because the link has expired,
	// [Report] polls once more for a new one. Required, unless Result is set.
	ResultURLAt string

	// Result returns the request for the result. Optional; the default is a GET of
	// the URL at ResultURLAt.
	Result func(id string) Request

	// Delete returns the request that deletes the job at the source. It is sent when
	// [Report] ends: when the result has been read, or after an error, an early exit
	// from the loop or the end of the context. Its failure is only logged, at level WARN.
	// Optional; by default, the job is not deleted.
	Delete func(id string) Request

	// Interval is the wait before the first poll. It grows by half with each poll, up
	// to MaxInterval. A Retry-After in the response to Create or Poll takes precedence.
	// Optional; the defaults are 1 second and 1 minute.
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
	for _, at := range []string{j.IDAt, j.StatusAt, j.ReasonAt, j.ResultURLAt} {
		if _, err := jsonpath.Parse(at); err != nil {
			return fmt.Errorf("transport.Job: %w", err)
		}
	}
	return j.checkStatuses()
}

// Report runs a job and reads the records of its result as [Stream] does. The request that
// creates the job is repeated only if the source cannot have received it.
//
// Each error is an [*Error]. If the job failed at the source, the error wraps
// [ErrJobFailed]. If the job took longer than its Timeout, the error wraps [ErrTimeout], is
// temporary, and names the statuses that the job had. If the job disappears while it is
// polled, the error is temporary.
func Report[T any](ctx context.Context, c *Client, job Job, f format.Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		if f == nil { // the job may take hours, so this is checked before it
			yield(zero, c.requestError(job.Create, errNoFormat))
			return
		}
		r := &jobRun{Job: job, client: c}
		results, err := r.run(ctx)
		if r.id != "" && job.Delete != nil {
			defer r.delete(ctx)
		}
		if err != nil {
			yield(zero, err)
			return
		}
		for i := range results {
			if !readResult(ctx, r, results, i, f, yield) {
				return
			}
		}
	}
}

// readResult reads the ith result of a job. It reports whether to continue with the next
// one. It replaces the results if their URLs have expired.
func readResult[T any](ctx context.Context, r *jobRun, results []Request, i int, f format.Format, yield func(T, error) bool) bool {
	for renewed := false; ; renewed = true {
		var failed error
		begun := false
		for v, err := range Stream[T](ctx, r.client, results[i], f) {
			if err != nil {
				failed = err
				break
			}
			begun = true
			if !yield(v, nil) {
				return false
			}
		}
		if failed == nil {
			return true
		}
		if begun || renewed || !r.renew(ctx, results, i, failed) {
			var zero T
			yield(zero, r.refused(results[i], failed))
			return false
		}
	}
}

// Run creates the job, waits until it is done, and returns the request for its result, for
// callers that read the result in another way than [Report]. It does not delete the job. If
// there are several results, that is an error. The other errors are those of Report.
func (j Job) Run(ctx context.Context, c *Client) (Request, error) {
	r := &jobRun{Job: j, client: c}
	results, err := r.run(ctx)
	if err != nil {
		return Request{}, err
	}
	if len(results) != 1 {
		return Request{}, c.requestError(j.Create, fmt.Errorf("transport.Job: Run needs one result, but the job has %d: use transport.Report", len(results)))
	}
	return results[0], nil
}

// A jobRun is a job that is being run.
type jobRun struct {
	Job
	client *Client
	id     string

	start     time.Time
	polled    int       // the polls that the source answered with a status
	missing   int       // the polls before them that it answered with 404
	statuses  []string  // that the job had, each once, up to maxStatuses
	announced int       // how many of them have been logged at level INFO
	last      string    // the last status
	same      int       // the polls since it changed
	warned    bool      // of a status that looks like an end
	logged    time.Time // the time of the last line at level INFO
}

// run creates the job, waits until it is done, and returns the requests for its results.
func (r *jobRun) run(ctx context.Context) ([]Request, error) {
	if err := r.check(); err != nil {
		return nil, r.client.requestError(r.Create, err)
	}
	created, err := r.client.fetch(ctx, r.Create, nil, "", nil, nil)
	if err != nil {
		return nil, err
	}
	if r.id, err = requiredText(created, r.IDAt, "the job's id"); err != nil {
		return nil, err
	}
	poll, err := r.wait(ctx, created.Header)
	if err != nil {
		return nil, err
	}
	return r.results(poll)
}

// results returns the requests for the results of a job that is done.
func (r *jobRun) results(poll *Page) ([]Request, error) {
	if r.Result != nil {
		return []Request{r.Result(r.id)}, nil
	}
	urls, err := poll.urls(r.ResultURLAt)
	if err != nil {
		return nil, err
	}
	results := make([]Request, 0, len(urls))
	for _, text := range urls {
		u, err := r.client.reference(poll.URL, text)
		if err != nil {
			return nil, poll.fail(fmt.Errorf("the result: %w", err))
		}
		results = append(results, Request{Path: u.String()})
	}
	return results, nil
}

// urls returns the URL at a path of a page, or the URLs of the list there.
func (p *Page) urls(at string) ([]string, error) {
	const what = "the URL of the result"
	path, err := jsonpath.Parse(at)
	if err != nil {
		return nil, p.fail(err)
	}
	raw, ok, err := p.Find(at)
	if err != nil {
		return nil, p.fail(err)
	}
	if p.doc == nil || !path.Many() && (!ok || raw[0] != '[') {
		text, err := requiredText(p, at, what)
		return []string{text}, err
	}
	values, err := p.doc.Records(path)
	if err != nil {
		return nil, p.fail(err)
	}
	if len(values) > maxResults {
		return nil, p.fail(fmt.Errorf("%s: %w: a list of %d results, more than %d: ask the source for larger files", what, ErrTooLarge, len(values), maxResults))
	}
	urls := make([]string, 0, len(values))
	for i, v := range values {
		text, err := jsonpath.Scalar(v.Of(p.doc.Body))
		if err != nil || text == "" {
			return nil, p.fail(fmt.Errorf("%s: element %d at %q is not a URL", what, i+1, at))
		}
		urls = append(urls, text)
	}
	return urls, nil
}

const (
	// maxResults is the largest number of results of a job.
	maxResults = 10_000
	// maxJobText is the largest number of bytes of an id, a status or a URL.
	maxJobText = maxURL
)

// requiredText returns the text at a path of a page. It is an error if there is none.
func requiredText(p *Page, at, what string) (string, error) {
	text, err := p.Text(at)
	switch {
	case err == nil && text == "":
		err = p.missing(at)
	case err == nil && len(text) > maxJobText:
		return "", p.fail(fmt.Errorf("%s: %w: a text of %d bytes at %s, more than %d", what, ErrTooLarge, len(text), at, maxJobText))
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", what, err)
		if found := p.explanations(); found != "" {
			err = fmt.Errorf("%w (%s)", err, found)
		}
		return "", p.fail(err)
	}
	return text, nil
}

// missing returns an error that says what a page has instead of a text at a path.
func (p *Page) missing(at string) error {
	path, err := jsonpath.Parse(at)
	if err != nil {
		return err
	}
	if p.doc == nil {
		return fmt.Errorf("%w %s: the response has no body", ErrNoRecords, path)
	}
	if v, ok, err := p.doc.Find(path); err == nil && ok {
		return fmt.Errorf("%w %s: it is %s", ErrNoRecords, path, shorten.Line(v.Of(p.doc.Body), 60))
	}
	return p.doc.Missing(path)
}

// renew polls once more for new URLs of the results if the source has refused the ith
// one, and reports whether there is another one.
func (r *jobRun) renew(ctx context.Context, results []Request, i int, failed error) bool {
	var e *Error
	if r.ResultURLAt == "" || !errors.As(failed, &e) || e.Status < 400 || e.Status >= 500 || e.Temporary() {
		return false
	}
	poll, err := r.poll(ctx)
	if err == nil {
		var done bool
		if done, err = r.ended(ctx, poll); err == nil && !done {
			err = fmt.Errorf("its status is %s", r.last)
		}
	}
	var renewed []Request
	if err == nil {
		renewed, err = r.results(poll)
	}
	if err != nil {
		r.client.log().LogAttrs(ctx, slog.LevelInfo, "a job has no new URL for a result that the source refuses", slog.String("error", err.Error()))
		return false
	}
	if len(renewed) != len(results) || renewed[i].Path == results[i].Path {
		return false
	}
	copy(results, renewed)
	return true
}

// refused returns the error of a result. If another host refuses a signed link, the user
// cannot fix that in the configuration, but a later sync has a new link.
func (r *jobRun) refused(result Request, failed error) error {
	var e *Error
	if r.ResultURLAt == "" || !errors.As(failed, &e) {
		return failed
	}
	if u, err := url.Parse(result.Path); err != nil || r.client.trusts(u) {
		return failed
	}
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		e.kind = temporary
		e.explain("the link to the result is refused, it may have expired")
	}
	return failed
}

// delete deletes the job at the source.
func (r *jobRun) delete(ctx context.Context) {
	if err := r.client.release(ctx, r.Delete(r.id)); err != nil {
		r.client.log().LogAttrs(ctx, slog.LevelWarn, "could not delete a job at the source", slog.String("error", err.Error()))
	}
}
