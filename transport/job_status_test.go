package transport_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

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
