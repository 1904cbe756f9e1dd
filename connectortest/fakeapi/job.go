package fakeapi

import (
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// An export creates jobs.
type export struct {
	at       string
	rows     *collection
	created  int // the status of the response to a creation
	fields   jobFields
	statuses [5]string
	failures []jobFailure
	lifetime time.Duration // of results; 0 means that they do not expire
	host     string        // of results; "" means that of the API
	linkLife time.Duration // of the URLs of results; 0 means that they do not expire
	// retryAfter is the header of responses about jobs that have not ended, or "".
	retryAfter string

	hasProgress               bool
	timed                     bool // the durations apply, not the polls
	queuedPolls, runningPolls int
	queuedFor, runningFor     time.Duration

	mu   sync.Mutex
	last int // the number of the last job
	jobs map[string]*job
}

// jobFields are the names of the fields of a job.
type jobFields struct{ id, status, url, reason string }

type jobFailure struct {
	reason  string
	numbers []int // empty means all
}

// A job is a job that a client has created. The export's mutex guards it.
type job struct {
	id      string
	at      *url.URL // its own URL
	created time.Time
	polls   int
	ended   time.Time // the zero time if it has not ended
	reason  string    // why it fails, or ""
	result  response
}

// A jobState is an index into the statuses of an export.
type jobState int

const (
	jobQueued jobState = iota
	jobRunning
	jobDone
	jobFailed
	jobExpired
)

func newExport(path string) *export {
	return &export{
		at:          path,
		rows:        &collection{at: path, what: "export", size: defaultPageSize},
		created:     http.StatusAccepted,
		fields:      jobFields{"id", "status", "url", "error"},
		statuses:    [5]string{"queued", "running", "done", "failed", "expired"},
		queuedPolls: 1, runningPolls: 1,
		jobs: map[string]*job{},
	}
}

func (e *export) path() string { return e.at }

func (e *export) methods() []string { return []string{http.MethodPost} }

func (e *export) setPaths() []string { return []string{e.at} }

func (e *export) set(path string, rows any) error { return e.rows.set(path, rows) }

// respond creates a job.
func (e *export) respond(c *call) (response, error) {
	t, rows, err := e.rows.list(c, e.rows.source.Load())
	if err != nil {
		return response{}, err
	}
	now := time.Now()
	j := &job{created: now, result: response{status: http.StatusOK, validated: true, modified: now.Truncate(time.Second)}}
	j.result.body = e.rows.body(t, rows, page{0, len(rows)}, "")
	e.rows.format.apply(&j.result)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	j.id, j.reason = strconv.Itoa(e.last), e.failure(e.last)
	j.at = c.URL.JoinPath(j.id)
	e.jobs[j.id] = j
	r := e.describe(c, j, jobQueued)
	r.status = e.created
	r.set("Location", c.absolute(j.at.Path, j.at.RawPath, ""))
	return r, nil
}

// describe returns the response that describes a job.
func (e *export) describe(c *call, j *job, state jobState) response {
	address, reason := []byte("null"), []byte("null")
	if state == jobDone {
		address, _ = marshal(e.address(c, j)) // a string always marshals
	}
	if state == jobFailed {
		reason, _ = marshal(j.reason)
	}
	id, _ := marshal(j.id)
	status, _ := marshal(e.statuses[state])
	r := response{status: http.StatusOK, body: objectOf([]member{
		{e.fields.id, id}, {e.fields.status, status}, {e.fields.url, address}, {e.fields.reason, reason},
	})}
	if state <= jobRunning && e.retryAfter != "" {
		r.set("Retry-After", e.retryAfter)
	}
	return r
}

// address returns the URL of a result.
func (e *export) address(c *call, j *job) string {
	at := j.at.JoinPath("result")
	if e.host == "" {
		return c.absolute(at.Path, at.RawPath, "")
	}
	u := url.URL{Scheme: c.scheme(), Host: e.host, Path: at.Path, RawPath: at.RawPath}
	query := url.Values{}
	if e.linkLife > 0 {
		query.Set("expires", strconv.FormatInt(time.Now().Add(e.linkLife).UnixNano(), 10))
	}
	query.Set("signature", e.signature(j, query.Get("expires")))
	u.RawQuery = query.Encode()
	return u.String()
}

// signature returns the signature in the URL of a result on another host. It covers the
// time when the URL expires.
func (e *export) signature(j *job, expires string) string {
	return tokenOf("signature of "+j.at.Path+expires, 1)
}

// find returns the job of a request. The caller holds e.mu.
func (e *export) find(c *call, suffix string) (*job, error) {
	j := e.jobs[c.PathValue("job")]
	if j == nil || j.at.Path+suffix != c.URL.Path {
		return nil, reject(http.StatusNotFound, "%s does not exist: no such job, or it has been deleted", c.URL.Path)
	}
	return j, nil
}

// state returns the state of a job, which the number of its polls or the time
// determines. The caller holds e.mu.
func (e *export) state(j *job) jobState {
	now := time.Now()
	queued, running := j.polls < e.queuedPolls, j.polls < e.queuedPolls+e.runningPolls
	if e.timed {
		queued, running = now.Before(j.created.Add(e.queuedFor)), now.Before(j.created.Add(e.queuedFor+e.runningFor))
	}
	switch {
	case queued:
		return jobQueued
	case running:
		return jobRunning
	case j.reason != "":
		return jobFailed
	}
	if e.timed {
		j.ended = j.created.Add(e.queuedFor + e.runningFor)
	}
	if e.lifetime > 0 && !j.ended.IsZero() && !now.Before(j.ended.Add(e.lifetime)) {
		return jobExpired
	}
	return jobDone
}

// A jobStatus serves the jobs of an export.
type jobStatus struct{ export *export }

func (s *jobStatus) path() string { return trimSlash(s.export.at) + "/{job}" }

func (s *jobStatus) methods() []string { return []string{http.MethodGet, http.MethodDelete} }

func (s *jobStatus) respond(c *call) (response, error) {
	if err := c.read(nil); err != nil {
		return response{}, err
	}
	e := s.export
	e.mu.Lock()
	defer e.mu.Unlock()
	j, err := e.find(c, "")
	if err != nil {
		return response{}, err
	}
	if c.Method == http.MethodDelete {
		delete(e.jobs, j.id)
		return response{status: http.StatusNoContent}, nil
	}
	state := e.state(j)
	j.polls++
	if state == jobDone && j.ended.IsZero() {
		j.ended = time.Now()
	}
	return e.describe(c, j, state), nil
}

// A jobResult serves the results of an export.
type jobResult struct{ export *export }

func (r *jobResult) path() string { return trimSlash(r.export.at) + "/{job}/result" }

func (r *jobResult) methods() []string { return []string{http.MethodGet, http.MethodHead} }

// guards reports whether the result has a signed URL on another host.
func (r *jobResult) guards(req *http.Request) bool {
	return r.export.host != "" && hostOf(req) == r.export.host
}

func (r *jobResult) respond(c *call) (response, error) {
	e := r.export
	var known []string
	if e.host != "" {
		known = []string{"signature"}
	}
	if e.linkLife > 0 {
		known = append(known, "expires")
	}
	if err := c.read(known); err != nil {
		return response{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	j, err := e.find(c, "/result")
	if err != nil {
		return response{}, err
	}
	if e.host != "" {
		if err := e.checkSigned(c, j); err != nil {
			return response{}, err
		}
	}
	state := e.state(j)
	if state == jobDone && j.ended.IsZero() {
		state = jobRunning // no poll has reported the end of the job yet
	}
	switch state {
	case jobDone:
		return j.result, nil
	case jobExpired:
		return response{}, reject(http.StatusGone, "the result of job %s has expired", j.id)
	}
	return response{}, reject(http.StatusNotFound, "job %s has no result: its status is %s", j.id, e.statuses[state])
}

// checkSigned checks a request for a result on another host.
func (e *export) checkSigned(c *call, j *job) error {
	if hostOf(c.Request) != e.host {
		return reject(http.StatusNotFound, "%s is on the host %s", c.URL.Path, e.host)
	}
	for _, credential := range c.api.credentials {
		if credential.present(c.Request) {
			return reject(http.StatusBadRequest, "the request to %s has credentials of the API: a client must not send them to another host", e.host)
		}
	}
	expires := c.parameters["expires"]
	if c.parameters["signature"] != e.signature(j, expires) {
		return reject(http.StatusForbidden, "the signature is missing or wrong")
	}
	if end, err := strconv.ParseInt(expires, 10, 64); e.linkLife > 0 && (err != nil || time.Now().UnixNano() >= end) { // also without expires
		return reject(http.StatusForbidden, "the URL has expired: poll the job for a new one")
	}
	return nil
}
