package transport_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
)

func TestReport(t *testing.T) {
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"), "a signed link carries its own permission")
		_, _ = w.Write(gzipped("id,name\n1,a\n2,b\n"))
	}))
	defer storage.Close()
	var log []string
	final := "DONE"
	polls := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		log = append(log, r.Method+" "+r.URL.Path)
		switch r.Method + r.URL.Path {
		case "POST/reports":
			polls = 0
			_, _ = io.WriteString(w, `{"report":{"id":17}}`)
		case "GET/reports/17":
			if polls++; polls < 3 {
				_, _ = io.WriteString(w, `{"status":"running"}`)
				return
			}
			fmt.Fprintf(w, `{"status":"%s","url":"%s/x?sig=y"}`, final, storage.URL)
		}
	}, transport.WithAuth(auth.Bearer("token")))
	job := transport.Job{
		Create: transport.Request{Method: "POST", Path: "/reports", Body: map[string]string{"type": "orders"}}, IDAt: "report.id",
		Poll:     func(id string) transport.Request { return transport.Request{Path: "/reports/" + id} },
		StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURLAt: "url", Interval: time.Millisecond,
		Delete: func(id string) transport.Request {
			return transport.Request{Method: "DELETE", Path: "/reports/" + id}
		},
	}
	all := []string{"POST /reports", "GET /reports/17", "GET /reports/17", "GET /reports/17", "DELETE /reports/17"}
	got, err := collect(transport.Report[item](ctx, c, job, format.Gzip(format.CSV{})))
	require.NoError(t, err)
	assert.Equal(t, upTo(2), ids(got))
	assert.Equal(t, all, log)

	log = nil
	for range transport.Report[item](ctx, c, job, format.Gzip(format.CSV{})) {
		break
	}
	assert.Equal(t, all, log, "deleted after an early end")

	log, final = nil, "FAILED"
	_, err = collect(transport.Report[item](ctx, c, job, format.Gzip(format.CSV{})))
	assert.ErrorIs(t, err, transport.ErrJobFailed)
	asError(t, err)
	assert.Equal(t, all, log, "deleted after a failure")

	log = nil
	cctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	slow := job
	slow.Interval = time.Hour
	_, err = collect(transport.Report[item](cctx, c, slow, format.CSV{}))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, []string{"POST /reports", "DELETE /reports/17"}, log, "deleted on cancel")

	slow.Timeout = time.Minute
	_, err = collect(transport.Report[item](ctx, c, slow, format.CSV{}))
	assert.ErrorIs(t, err, transport.ErrTimeout)
	assert.True(t, asError(t, err).Temporary())

	final = "done"
	req, err := job.Run(ctx, c)
	require.NoError(t, err)
	assert.Equal(t, storage.URL+"/x?sig=y", req.Path)
	for name, change := range map[string]func(*transport.Job){
		"no id": func(j *transport.Job) { j.IDAt = "id" }, "no status": func(j *transport.Job) { j.StatusAt = "state" }, "no url": func(j *transport.Job) { j.ResultURLAt = "link" },
		"nothing": func(j *transport.Job) { *j = transport.Job{} }, "two results": func(j *transport.Job) { j.Result = j.Poll }, "negative": func(j *transport.Job) { j.Timeout = -1 },
		"no result": func(j *transport.Job) { j.ResultURLAt = "" },
	} {
		wrong := job
		change(&wrong)
		_, err := wrong.Run(ctx, c)
		assert.Error(t, err, name)
		asError(t, err)
	}
}

// reportWithStatus runs a job whose status is always the same. It returns how long
// it took and the log from level INFO on.
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

func TestAJobWithAnUnknownStatusNamesItInItsErrorAndLog(t *testing.T) {
	knownfault.Run(t, []string{"error", "log"}, func(t *knownfault.T) {
		t.Run("error", func(t *knownfault.T) {
			knownfault.Synctest(t, func(t *knownfault.T) {
				_, _, _, err := reportWithStatus(t, "Aborted")
				assert.ErrorContains(t, err, "Aborted")
			})
		})
		t.Run("log", func(t *knownfault.T) {
			knownfault.Synctest(t, func(t *knownfault.T) {
				if took, _, log, _ := reportWithStatus(t, "Aborted"); took > time.Hour {
					assert.Contains(t, log, "Aborted", "in the lines of level INFO of a wait of %v", took)
				}
			})
		})
		t.Run("known status in another case", func(t *knownfault.T) {
			knownfault.Synctest(t, func(t *knownfault.T) {
				_, records, _, err := reportWithStatus(t, "DONE")
				require.NoError(t, err)
				assert.Equal(t, 1, records)
			})
		})
	})
}

func TestTheErrorOfAFailedJobHasTheSourcesReason(t *testing.T) {
	knownfault.Run(t, []string{"with ErrorAt", "without ErrorAt"}, func(t *knownfault.T) {
		for name, errorAt := range map[string]string{"with ErrorAt": "errorMessage", "without ErrorAt": ""} {
			t.Run(name, func(t *knownfault.T) {
				knownfault.Synctest(t, func(t *knownfault.T) {
					client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
						fmt.Fprint(w, `{"id":"1","state":"Failed","errorMessage":"QUERY_TIMEOUT: too long"}`)
					})
					_, err := collect(transport.Report[item](t.Context(), client, transport.Job{
						Create: transport.Request{Method: "POST", Path: "/jobs"}, IDAt: "id",
						Poll:     func(id string) transport.Request { return transport.Request{Path: "/jobs/" + id, ErrorAt: errorAt} },
						StatusAt: "state", Done: []string{"Done"}, Failed: []string{"Failed"},
						Result: func(string) transport.Request { return transport.Request{Path: "/result"} },
					}, format.CSV{}))
					assert.ErrorIs(t, err, transport.ErrJobFailed)
					assert.ErrorContains(t, err, "QUERY_TIMEOUT")
				})
			})
		}
	})
}
