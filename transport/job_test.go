package transport_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
)

// reportSource is a source whose reports are done after three polls. It stores their
// results on another host.
type reportSource struct {
	t        *testing.T
	final    string // the last status
	polls    int
	requests []string
}

func (s *reportSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host == "storage.example.com" {
		assert.Empty(s.t, r.Header.Get("Authorization"), "a signed URL needs no credentials")
		_, _ = w.Write(gzipped("id,name\n1,a\n2,b\n"))
		return
	}
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	switch r.Method + " " + r.URL.Path {
	case "POST /reports":
		s.polls = 0
		_, _ = io.WriteString(w, `{"report":{"id":17}}`)
	case "GET /reports/17":
		if s.polls++; s.polls < 3 {
			_, _ = io.WriteString(w, `{"status":"running"}`)
			return
		}
		fmt.Fprintf(w, `{"status":"%s","url":"https://storage.example.com/x?sig=y"}`, s.final)
	}
}

// newReportSource returns a source and a client of it with credentials.
func newReportSource(t *testing.T, final string) (*reportSource, *transport.Client) {
	t.Helper()
	source := &reportSource{t: t, final: final}
	return source, inMemory(t, source.ServeHTTP, transport.WithAuth(auth.Bearer("token")))
}

// ordersReport is a report of a reportSource.
var ordersReport = transport.Job{
	Create: transport.Request{Method: "POST", Path: "/reports", Body: map[string]string{"type": "orders"}}, IDAt: "report.id",
	Poll:     func(id string) transport.Request { return transport.Request{Path: "/reports/" + id} },
	StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURLAt: "url",
	Delete: func(id string) transport.Request {
		return transport.Request{Method: "DELETE", Path: "/reports/" + id}
	},
}

// reportRequests are the requests for a report, from its creation to its end.
var reportRequests = []string{"POST /reports", "GET /reports/17", "GET /reports/17", "GET /reports/17", "DELETE /reports/17"}

func TestReportReadsTheResultWithoutCredentialsAndDeletesTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, c := newReportSource(t, "DONE")
		got, err := collect(transport.Report[item](ctx, c, ordersReport, format.Gzip(format.CSV{})))
		require.NoError(t, err)
		assert.Equal(t, upTo(2), ids(got))
		assert.Equal(t, reportRequests, source.requests)
	})
}

func TestAJobIsDeletedIfTheLoopIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, c := newReportSource(t, "DONE")
		for range transport.Report[item](ctx, c, ordersReport, format.Gzip(format.CSV{})) {
			break
		}
		assert.Equal(t, reportRequests, source.requests)
	})
}

func TestAJobThatFailedIsAnErrorAndDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, c := newReportSource(t, "FAILED")
		_, err := collect(transport.Report[item](ctx, c, ordersReport, format.Gzip(format.CSV{})))
		assert.ErrorIs(t, err, transport.ErrJobFailed)
		asError(t, err)
		assert.Equal(t, reportRequests, source.requests)
	})
}

func TestAJobIsDeletedIfTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, c := newReportSource(t, "DONE")
		cctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		slow := ordersReport
		slow.Interval = time.Hour
		_, err := collect(transport.Report[item](cctx, c, slow, format.CSV{}))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, []string{"POST /reports", "DELETE /reports/17"}, source.requests)
	})
}

func TestAJobThatTakesTooLongIsATemporaryError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newReportSource(t, "DONE")
		slow := ordersReport
		slow.Interval, slow.Timeout = time.Hour, time.Minute
		_, err := collect(transport.Report[item](ctx, c, slow, format.CSV{}))
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.True(t, asError(t, err).Temporary())
	})
}

func TestRunReturnsTheRequestForTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := newReportSource(t, "done")
		req, err := ordersReport.Run(ctx, c)
		require.NoError(t, err)
		assert.Equal(t, "https://storage.example.com/x?sig=y", req.Path)
	})
}

func TestAJobThatIsIncompleteOrHasAWrongPathIsAnError(t *testing.T) {
	for name, change := range map[string]func(*transport.Job){
		"id not found":     func(j *transport.Job) { j.IDAt = "id" },
		"status not found": func(j *transport.Job) { j.StatusAt = "state" },
		"URL not found":    func(j *transport.Job) { j.ResultURLAt = "link" },
		"empty":            func(j *transport.Job) { *j = transport.Job{} },
		"two results":      func(j *transport.Job) { j.Result = j.Poll },
		"negative timeout": func(j *transport.Job) { j.Timeout = -1 },
		"no result":        func(j *transport.Job) { j.ResultURLAt = "" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := newReportSource(t, "done")
				wrong := ordersReport
				change(&wrong)
				_, err := wrong.Run(ctx, c)
				assert.Error(t, err)
				asError(t, err)
			})
		})
	}
}

// reportWithStatus runs a job whose status never changes. It returns how long the job
// took, how many records it has, and the log from level info up.
func reportWithStatus(t testing.TB, status string) (took time.Duration, records int, log string, err error) {
	t.Helper()
	var lines logRecord
	start := time.Now()
	client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/reports":
			fmt.Fprint(w, `{"id":"r-1"}`)
		case "/reports/r-1":
			fmt.Fprintf(w, `{"status":%q,"url":"/file"}`, status)
		default:
			fmt.Fprint(w, "{\"id\":1}\n")
		}
	}, transport.WithLogger(slog.New(slog.NewTextHandler(&lines, nil))))
	got, err := collect(transport.Report[item](t.Context(), client, transport.Job{
		Create: transport.Request{Method: "POST", Path: "/reports"}, IDAt: "id",
		Poll:     func(id string) transport.Request { return transport.Request{Path: "/reports/" + id} },
		StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURLAt: "url",
	}, format.NDJSON{}))
	return time.Since(start), len(got), lines.String(), err
}

func TestAReportWithoutAFormatCreatesNoJob(t *testing.T) {
	source, c := newReportSource(t, "done")
	_, err := collect(transport.Report[map[string]any](ctx, c, ordersReport, nil))
	assert.ErrorContains(t, err, "no format given")
	assert.Empty(t, source.requests)
}

func TestAJobWithAnUnknownStatusNamesItInItsErrorAndLog(t *testing.T) {
	t.Run("error", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, _, err := reportWithStatus(t, "Aborted")
			assert.ErrorContains(t, err, "Aborted")
			assert.ErrorContains(t, err, "done, failed", "the statuses that were expected")
			assert.ErrorIs(t, err, transport.ErrTimeout)
		})
	})
	t.Run("log", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			took, _, log, _ := reportWithStatus(t, "Aborted")
			assert.Greater(t, took, time.Hour)
			assert.Contains(t, log, "level=INFO msg=\"waiting for a job\" status=Aborted")
			assert.Equal(t, 1, strings.Count(log, "level=WARN"), "its name looks like an end")
			assert.Less(t, strings.Count(log, "\n"), 50)
		})
	})
	t.Run("known status in upper case", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, records, _, err := reportWithStatus(t, "DONE")
			require.NoError(t, err)
			assert.Equal(t, 1, records)
		})
	})
	t.Run("known status with spaces", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, records, _, err := reportWithStatus(t, " Done ")
			require.NoError(t, err)
			assert.Equal(t, 1, records)
		})
	})
	t.Run("status of a job that continues", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, log, _ := reportWithStatus(t, "IN_PROGRESS")
			assert.NotContains(t, log, "level=WARN")
		})
	})
}

// A poll is refused for two minutes, and the source asks for a wait in the response to the
// next one, by its own clock.
func TestAJobWaitsAsLongAsTheSourceAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, polls := time.Now(), 0
		source := &reportSource{t: t, final: "done", polls: 9}
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			theirs := time.Now().Add(10 * time.Minute)
			if r.Method == http.MethodGet && r.Host != "storage.example.com" {
				switch polls++; polls {
				case 1:
					w.Header().Set("Retry-After", "120")
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				case 2:
					w.Header().Set("Date", theirs.UTC().Format(http.TimeFormat))
					w.Header().Set("Retry-After", theirs.Add(5*time.Minute).UTC().Format(http.TimeFormat))
					_, _ = io.WriteString(w, `{"status":"running"}`)
					return
				}
				source.polls = 9
			}
			source.ServeHTTP(w, r)
		})
		_, err := collect(transport.Report[item](t.Context(), c, ordersReport, format.Gzip(format.CSV{})))
		require.NoError(t, err)
		assert.Equal(t, 3, polls)
		assert.Equal(t, time.Second+7*time.Minute, time.Since(start))
	})
}

func TestAJobIsNotPolledAfterTheDeadlineOfTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, c := newReportSource(t, "done")
		limited, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		_, err := collect(transport.Report[item](limited, c, ordersReport, format.Gzip(format.CSV{})))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "the job is not done, and no time is left")
		assert.Equal(t, "temporary", kindName(asError(t, err)))
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, []string{"POST /reports", "GET /reports/17", "DELETE /reports/17"}, source.requests)
	})
}
