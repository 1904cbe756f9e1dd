package transport_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
)

func TestAStatusThatLooksLikeAnEndIsAWarning(t *testing.T) {
	for status, warned := range map[string]bool{
		"Job Failed": true, "JobComplete": true, "Job Skipped": true, "EXPORT_FAILED": true, "completed-with-errors": true, "FATAL": true, "Timed_Out": true,
		"UploadComplete": false, "Job Running": false, "IN_PROGRESS": false, "not_started": false, "50": false, "error_check": false,
	} {
		synctest.Test(t, func(t *testing.T) {
			record := &logRecord{}
			c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, `{"id":"7","status":%q}`, status) }, transport.WithLogger(infoLog(record)))
			_, err := transport.Job{
				Create: transport.Request{Method: "POST", Path: "/jobs"}, IDAt: "id", Poll: func(string) transport.Request { return transport.Request{Path: "/jobs/7"} },
				StatusAt: "status", Done: []string{"ready"}, ResultURLAt: "url", Timeout: time.Hour,
			}.Run(t.Context(), c)
			assert.ErrorIs(t, err, transport.ErrTimeout)
			assert.Equal(t, warned, strings.Contains(record.String(), "level=WARN"), status)
		})
	}
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
