package fakeapi

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Export serves rows as asynchronous jobs. The rows are those of a [Collection]. The
// path has three kinds of requests:
//
//   - POST path creates a job. Its body is a JSON object with the parameters of [Since]
//     and [Equal], or empty. The response has status 202, a Location header with the
//     URL of the job, and the job.
//   - GET path/{job} polls a job. DELETE path/{job} deletes it, with status 204.
//   - GET path/{job}/result returns the rows that the job selected, as they were when it
//     was created: a JSON array, or the format of [AsCSV], [AsNDJSON] or [GzipFile].
//
// A job looks like this:
//
//	{"id":"1","status":"done","url":"http://host/path/1/result","error":null}
//
// Its status is queued, running, done, failed or expired. By default, the first poll
// reports queued, the second running and the third done. The url is null unless the
// job is done, and the error is null unless it has failed. The options change all of
// this. Jobs are numbered from 1.
//
// Unknown parameters have status 400, unknown and deleted jobs 404, results of jobs
// that are not done 404, and expired results 410.
func Export(path string, rows any, options ...ExportOption) Option {
	return func(a *API) {
		e := newExport(path)
		for _, option := range options {
			option.configure(e)
		}
		e.check(rows)
		if len(e.rows.errs) == 0 {
			if err := e.rows.set(path, rows); err != nil {
				e.rows.errs = append(e.rows.errs, err)
			}
		}
		a.errs = append(a.errs, e.rows.errs...)
		a.add(e)
		if len(e.rows.errs) == 0 {
			a.add(&jobStatus{e})
			a.add(&jobResult{e})
		}
	}
}

// An ExportOption configures an [Export]. The [CollectionOption] values [Since],
// [Equal], [Under], [AsCSV], [AsNDJSON] and [GzipFile] are also ExportOptions.
type ExportOption interface{ configure(*export) }

type exportOption func(*export)

func (o exportOption) configure(e *export) { o(e) }

func (o CollectionOption) configure(e *export) { o(e.rows) }

// DoneAfterPolls sets how many polls report that a job is queued, and how many then
// report that it is running. The next poll reports the end of the job. The default is
// one of each.
func DoneAfterPolls(queued, running int) ExportOption {
	return exportOption(func(e *export) {
		if queued < 0 || running < 0 {
			e.rows.wrong("DoneAfterPolls has %d and %d polls: want zero or more", queued, running)
		}
		e.setProgress()
		e.queuedPolls, e.runningPolls = queued, running
	})
}

// DoneAfter sets how long a job is queued and then running, instead of
// [DoneAfterPolls].
func DoneAfter(queued, running time.Duration) ExportOption {
	return exportOption(func(e *export) {
		if queued < 0 || running < 0 {
			e.rows.wrong("DoneAfter has the durations %v and %v: want zero or more", queued, running)
		}
		e.setProgress()
		e.timed, e.queuedFor, e.runningFor = true, queued, running
	})
}

// FailJobs makes the jobs with these numbers fail after they have been queued and
// running, for a reason that the client sees. Without numbers, all jobs fail.
func FailJobs(reason string, numbers ...int) ExportOption {
	return exportOption(func(e *export) {
		if reason == "" {
			e.rows.wrong("FailJobs has no reason")
		}
		for _, n := range numbers {
			if n < 1 {
				e.rows.wrong("FailJobs has the number %d: want at least 1", n)
			}
		}
		e.failures = append(e.failures, jobFailure{reason, numbers})
	})
}

// ExpireResults makes the results of jobs expire. Requests for an expired result have
// status 410, and polls report that the job has expired. The time begins when the job
// is done; with [DoneAfterPolls], that is the first poll that reports it. By default,
// results do not expire.
func ExpireResults(after time.Duration) ExportOption {
	return exportOption(func(e *export) {
		if after <= 0 {
			e.rows.wrong("results expire after %v: want a positive duration", after)
		}
		e.lifetime = after
	})
}

// PollEvery sends a Retry-After header, in whole seconds, rounded up, when a job is
// created and with each poll until it ends. Earlier polls are not rejected. By default,
// there is no such header.
func PollEvery(wait time.Duration) ExportOption {
	return exportOption(func(e *export) {
		if wait <= 0 {
			e.rows.wrong("the wait between polls is %v: want a positive duration", wait)
		}
		e.retryAfter = seconds(wait)
	})
}

// RespondCreated makes the response to the creation of a job have status 201 instead
// of 202.
func RespondCreated() ExportOption {
	return exportOption(func(e *export) { e.created = http.StatusCreated })
}

// JobFields names the fields of a job. The field "report.id" is the member id of the
// object report. The default is "id", "status", "url" and "error".
func JobFields(id, status, url, reason string) ExportOption {
	return exportOption(func(e *export) { e.fields = jobFields{id, status, url, reason} })
}

// JobStatuses names the statuses of a job. The default is "queued", "running", "done",
// "failed" and "expired".
func JobStatuses(queued, running, done, failed, expired string) ExportOption {
	return exportOption(func(e *export) { e.statuses = [5]string{queued, running, done, failed, expired} })
}

// ResultHost puts the results on another host, as APIs do whose results are in a
// storage service. The URL of a result has this host, and a signature in the parameter
// signature. Such a request needs no credentials of the API. If it has them, its status
// is 400, since a client must not send them to another host. Without the right
// signature, its status is 403.
//
// The API must receive the requests to that host as well, as with
// connectortest.Source.
func ResultHost(host string) ExportOption {
	return exportOption(func(e *export) {
		if host == "" || strings.Contains(host, "/") {
			e.rows.wrong("the host of results is %q: want a host such as files.test", host)
		}
		e.host = host
	})
}

// ExpireLinks makes the URLs of results expire. The response to a request with an expired
// URL has status 403. Each poll of a job that is done returns a new URL. ExpireLinks
// requires [ResultHost]. By default, the URLs do not expire.
func ExpireLinks(after time.Duration) ExportOption {
	return exportOption(func(e *export) {
		if after <= 0 {
			e.rows.wrong("the URLs of results expire after %v: want a positive duration", after)
		}
		e.linkLife = after
	})
}

// check reports invalid and contradictory options.
func (e *export) check(rows any) {
	c := e.rows
	if c.style != whole {
		c.wrong("the result of an export has no pages")
	}
	if e.linkLife > 0 && e.host == "" {
		c.wrong("option ExpireLinks requires ResultHost, because only URLs of results on another host are signed")
	}
	if c.posted {
		c.wrong("option InBody is not necessary: an export always takes its parameters from the body")
	}
	if c.total != "" || c.more != "" {
		c.wrong("the options Total and HasMore do not apply to an export")
	}
	c.check(rows)
	fields := []string{e.fields.id, e.fields.status, e.fields.url, e.fields.reason}
	for i, field := range fields {
		if field == "" {
			c.wrong("a field of JobFields has no name")
		}
		for _, other := range fields[i+1:] {
			if overlap(field, other) {
				c.wrong("the fields %s and %s of a job overlap", field, other)
			}
		}
	}
	for i, status := range e.statuses {
		if status == "" || slices.Contains(e.statuses[i+1:], status) {
			c.wrong("the status %q of JobStatuses is empty or occurs twice", status)
		}
	}
}

// setProgress reports a second option for the progress of jobs.
func (e *export) setProgress() {
	if e.hasProgress {
		e.rows.wrong("there are two options for the progress of a job")
	}
	e.hasProgress = true
}

// failure returns the reason why a job fails, or "".
func (e *export) failure(number int) string {
	for _, f := range e.failures {
		if len(f.numbers) == 0 || slices.Contains(f.numbers, number) {
			return f.reason
		}
	}
	return ""
}
