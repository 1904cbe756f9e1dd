package transport_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
)

func infoLog(r *logRecord) *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }

func TestTheErrorOfAFailedJobHasTheReasonOfTheSource(t *testing.T) {
	for name, tt := range map[string]struct {
		body              string
		reasonAt, errorAt string
		want              string
	}{
		"member with a telling name": {body: `{"id":7,"status":"FAILED","errorMessage":"QUERY_TIMEOUT: too long"}`, want: "errorMessage: QUERY_TIMEOUT: too long"},
		"with ErrorAt":               {body: `{"status":"failed","errorMessage":"QUERY_TIMEOUT: too long"}`, errorAt: "errorMessage", want: "QUERY_TIMEOUT: too long"},
		"with ReasonAt":              {body: `{"status":"failed","info":"QUERY_TIMEOUT","errors":[]}`, reasonAt: "info", want: "status failed: QUERY_TIMEOUT"},
		"ReasonAt before ErrorAt":    {body: `{"status":"failed","info":"QUERY_TIMEOUT","error":true}`, reasonAt: "info", errorAt: "error", want: "QUERY_TIMEOUT"},
		"ReasonAt of an object":      {body: `{"status":"failed","info":{"code":"QUERY_TIMEOUT"}}`, reasonAt: "info", want: `{"code":"QUERY_TIMEOUT"}`},
		"ReasonAt without a value":   {body: `{"status":"failed","reason":"QUERY_TIMEOUT"}`, reasonAt: "info", want: "reason: QUERY_TIMEOUT"},
		"beside the status":          {body: `{"status":"failed","job":{"failure":{"code":3,"text":"QUERY_TIMEOUT"}}}`, want: `failure: {"code":3,"text":"QUERY_TIMEOUT"}`},
		"list":                       {body: `{"status":"failed","errors":[{"message":"QUERY_TIMEOUT"}]}`, want: "QUERY_TIMEOUT"},
		"behind much else":           {body: `{"columns":["` + strings.Repeat("x", 5000) + `"],"status":"failed","state_message":"QUERY_TIMEOUT"}`, want: "state_message: QUERY_TIMEOUT"},
		"another language":           {body: `{"status":"failed","grund":"QUERY_TIMEOUT"}`, want: `the response is {"status":"failed","grund":"QUERY_TIMEOUT"}`},
		"no failures, but a reason":  {body: `{"status":"failed","failedRecords":0,"error":null,"detail":"QUERY_TIMEOUT"}`, want: "status failed: detail: QUERY_TIMEOUT"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, job := jobOf(t, polls(tt.body), twoItems)
				job.ReasonAt = tt.reasonAt
				job.Poll = func(id string) transport.Request { return transport.Request{Path: "/jobs/" + id, ErrorAt: tt.errorAt} }
				_, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
				assert.ErrorIs(t, err, transport.ErrJobFailed)
				assert.ErrorContains(t, err, tt.want)
				assert.Equal(t, tt.errorAt != "", errors.Is(err, transport.ErrReported))
				assert.Equal(t, "defect", kindName(asError(t, err)))
				assert.Less(t, len(err.Error()), 700)
			})
		})
	}
}

func TestAnErrorInAPollFailsTheJobWithAnyStatus(t *testing.T) {
	for _, body := range []string{`{"status":"running","error":"quota"}`, `{"status":"done","error":"quota","url":"/files/1"}`, `{"status":"odd","error":{"text":"quota"}}`} {
		synctest.Test(t, func(t *testing.T) {
			c, job := jobOf(t, polls(body), twoItems)
			job.Poll = func(id string) transport.Request { return transport.Request{Path: "/jobs/" + id, ErrorAt: "error"} }
			_, err := job.Run(ctx, c)
			assert.ErrorIs(t, err, transport.ErrReported)
			assert.ErrorIs(t, err, transport.ErrJobFailed)
			assert.ErrorContains(t, err, "quota")
		})
	}
}

func TestAResponseWithoutAStatusOrAnIDIsAnErrorWithTheSourcesExplanation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, job := jobOf(t, polls(`{"fault":{"code":"E1","text":"quota"}}`), twoItems)
		_, err := job.Run(ctx, c)
		assert.ErrorIs(t, err, transport.ErrNoRecords)
		assert.ErrorContains(t, err, `(fault: {"code":"E1","text":"quota"})`)

		job.Poll = func(id string) transport.Request {
			return transport.Request{Path: "/jobs/" + id, ErrorAt: "fault.text"}
		}
		_, err = job.Run(ctx, c)
		assert.ErrorIs(t, err, transport.ErrReported)

		job.IDAt = "job"
		_, err = job.Run(ctx, inMemory(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"error":"no such report"}`) }))
		assert.ErrorContains(t, err, "the job's id")
		assert.ErrorContains(t, err, "(error: no such report)")
	})
}

func TestTheConnectorDecidesWhoCanActOnAFailedJob(t *testing.T) {
	for want, action := range map[string]transport.Action{
		"configuration": transport.DoBlame, "temporary": transport.DoRepeat, "defect": transport.DoFail,
	} {
		synctest.Test(t, func(t *testing.T) {
			c, job := jobOf(t, polls(`{"status":"Failed","error":"INVALID_FIELD"}`), twoItems)
			job.OnFailure = func(status, reason string) transport.Action {
				assert.Equal(t, "Failed", status)
				assert.Contains(t, reason, "INVALID_FIELD")
				return action
			}
			_, err := job.Run(ctx, c)
			assert.ErrorIs(t, err, transport.ErrJobFailed)
			assert.Equal(t, want, kindName(asError(t, err)))
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c, job := jobOf(t, polls(`{"status":"Failed"}`), twoItems)
		job.OnFailure = func(string, string) transport.Action { return transport.DoIgnore }
		_, err := job.Run(ctx, c)
		assert.ErrorIs(t, err, transport.ErrJobFailed)
		assert.ErrorContains(t, err, "OnFailure")
	})
}

func TestARefusedCreationIsAConfigurationError(t *testing.T) {
	requests := 0
	c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.WriteHeader(http.StatusUnauthorized)
	})
	_, job := jobOf(t, polls(""), twoItems)
	_, err := job.Run(ctx, c)
	assert.Equal(t, "configuration", kindName(asError(t, err)))
	assert.Equal(t, 1, requests)
}

func TestTheReasonOfAFailedJobHasNoSecret(t *testing.T) {
	const secret = "s3cret-0123456789"
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{
			`{"status":"failed","error":"no access with ` + secret + `"}`,
			`{"status":"failed","grund":"` + strings.Repeat("x", 340) + secret + `"}`,
			`{"status":"failed ` + secret + `"}`,
		} {
			c, job := jobOf(t, polls(body), twoItems, transport.WithAuth(auth.Bearer(secret)))
			job.Timeout = 1e10
			_, err := job.Run(ctx, c)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), secret[:9])
		}
	})
}

func TestACountOfErrorsIsNotTheReasonOfAFailedJob(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"7","status":"ERROR","issues":["column x is unknown"],"numErrors":1}`: `status ERROR: issues: ["column x is unknown"]`,
		`{"id":"7","status":"ERROR","failedRows":3,"info":"disk full"}`:              `the response is {"id":"7","status":"ERROR","failedRows":3,"info":"disk full"}`,
		`{"id":"7","status":"ERROR","errorCode":1029}`:                               `errorCode: 1029`,
	} {
		synctest.Test(t, func(t *testing.T) {
			c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
			_, err := transport.Job{
				Create: transport.Request{Method: "POST", Path: "/jobs"}, IDAt: "id", Poll: func(string) transport.Request { return transport.Request{Path: "/jobs/7"} },
				StatusAt: "status", Done: []string{"ready"}, Failed: []string{"error"}, ResultURLAt: "url",
			}.Run(t.Context(), c)
			assert.ErrorContains(t, err, want)
		})
	}
}
