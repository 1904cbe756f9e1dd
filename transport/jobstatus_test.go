package transport_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
)

// jobOf returns a client of a source of jobs, and a job. poll responds to the nth poll,
// result to the requests for results, which are below /files on any host.
func jobOf(t testing.TB, poll func(w http.ResponseWriter, n int), result http.HandlerFunc, opts ...transport.Option) (*transport.Client, transport.Job) {
	t.Helper()
	polls := 0
	client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			fmt.Fprint(w, `{"id":7}`)
		case strings.HasPrefix(r.URL.Path, "/files"):
			result(w, r)
		default:
			polls++
			poll(w, polls)
		}
	}, opts...)
	return client, transport.Job{
		Create: transport.Request{Method: "POST", Path: "/jobs"}, IDAt: "id",
		Poll:     func(id string) transport.Request { return transport.Request{Path: "/jobs/" + id} },
		StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURLAt: "url",
	}
}

// polls returns a function that responds to the nth poll with the nth body, or with
// the last one.
func polls(bodies ...string) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, n int) { fmt.Fprint(w, bodies[min(n, len(bodies))-1]) }
}

// twoItems is a result with two records.
func twoItems(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{\"id\":1}\n{\"id\":2}\n") }

const doneAtFiles = `{"status":"done","url":"/files/1"}`

func TestAStatusIsComparedByItsText(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		done string
	}{
		"number": {`{"status":3,"url":"/files"}`, "3"},
		"bool":   {`{"status":true,"url":"/files"}`, "true"},
		"case":   {`{"status":"COMPLETE","url":"/files"}`, "Complete"},
		"spaces": {`{"status":"Fully Done\n","url":"/files"}`, "fullydone"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, job := jobOf(t, polls(tt.body), twoItems)
				job.Done = []string{tt.done}
				got, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
				require.NoError(t, err)
				assert.Equal(t, upTo(2), ids(got))
			})
		})
	}
}

func TestAMissingStatusIsAnErrorAtTheFirstPollThatNamesTheKeys(t *testing.T) {
	for name, body := range map[string]string{
		"absent": `{"state":"done","progress":7}`, "null": `{"status":null,"progress":7}`, "object": `{"status":{"code":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c, job := jobOf(t, polls(body), twoItems)
				_, err := job.Run(ctx, c)
				require.Error(t, err)
				assert.Contains(t, asError(t, err).Error(), "the job's status")
				assert.Less(t, time.Since(start), time.Minute)
				if name == "absent" {
					assert.ErrorContains(t, err, "state, progress")
				}
			})
		})
	}
}

func TestTheErrorOfAJobThatTakesTooLongNamesItsStatuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, job := jobOf(t, polls(`{"status":"queued"}`, `{"status":"running"}`, `{"status":"completed"}`), twoItems)
		job.Done, job.Timeout = []string{"complete"}, time.Hour
		_, err := job.Run(ctx, c)
		assert.ErrorIs(t, err, transport.ErrTimeout)
		assert.ErrorContains(t, err, "Its last status was completed, its statuses were queued, running, completed")
		assert.ErrorContains(t, err, "complete, failed")
		assert.ErrorContains(t, err, "Timeout of 1h0m0s")
		assert.True(t, asError(t, err).Temporary())
	})
}

func TestAStatusOutsideOfAllListsIsAnErrorAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, job := jobOf(t, polls(`{"status":"Running"}`, `{"status":"Aborted"}`), twoItems)
		job.Running = []string{"running"}
		_, err := job.Run(ctx, c)
		assert.ErrorContains(t, err, "the job's status Aborted is not in Done, Failed or Running")
		assert.Less(t, time.Since(start), time.Minute)
	})
}

func TestAStatusWithTwoMeaningsIsAnErrorBeforeTheJobIsCreated(t *testing.T) {
	for name, change := range map[string]func(*transport.Job){
		"done and failed":  func(j *transport.Job) { j.Failed = []string{"DONE"} },
		"done and running": func(j *transport.Job) { j.Running = []string{"do ne"} },
		"empty":            func(j *transport.Job) { j.Failed = []string{" "} },
		"path":             func(j *transport.Job) { j.ReasonAt = "$..x" },
	} {
		t.Run(name, func(t *testing.T) {
			c, job := jobOf(t, polls(doneAtFiles), twoItems)
			change(&job)
			_, err := job.Run(ctx, c)
			assert.ErrorContains(t, err, "transport.Job: ")
		})
	}
}

func TestAWaitOfHoursHasLinesInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logRecord
		c, job := jobOf(t, polls(`{"status":"queued"}`, `{"status":"percent 1"}`, `{"status":"percent 2"}`, `{"status":"percent 3"}`), twoItems,
			transport.WithLogger(infoLog(&log)))
		_, err := job.Run(ctx, c)
		require.Error(t, err)
		assert.Contains(t, log.String(), "elapsed=13s")
		assert.Contains(t, log.String(), `status="percent 3" elapsed=1h`)
		assert.Less(t, strings.Count(log.String(), "\n"), 50)
	})
}

func TestARetryAfterDeterminesWhenTheJobIsPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, job := jobOf(t, func(w http.ResponseWriter, n int) {
			if n == 1 {
				w.Header().Set("Retry-After", "100")
				fmt.Fprint(w, `{"status":"running"}`)
				return
			}
			fmt.Fprint(w, doneAtFiles)
		}, twoItems)
		_, err := job.Run(ctx, c)
		require.NoError(t, err)
		assert.Equal(t, 101*time.Second, time.Since(start))
	})
}

func TestAJobThatDisappearsIsATemporaryError(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusGone} {
		synctest.Test(t, func(t *testing.T) {
			c, job := jobOf(t, func(w http.ResponseWriter, n int) {
				if n < 3 {
					fmt.Fprint(w, `{"status":"running"}`)
					return
				}
				w.WriteHeader(status)
			}, twoItems)
			_, err := job.Run(ctx, c)
			assert.ErrorContains(t, err, "the job has disappeared at the source after")
			assert.ErrorContains(t, err, "running")
			assert.True(t, asError(t, err).Temporary())
		})
	}
}

func TestAJobThatIsNotVisibleYetIsPolledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, job := jobOf(t, func(w http.ResponseWriter, n int) {
			if n < 3 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			fmt.Fprint(w, doneAtFiles)
		}, twoItems)
		_, err := job.Run(ctx, c)
		assert.NoError(t, err)
	})
}

func TestAJobThatIsNeverVisibleIsAnErrorWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, job := jobOf(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNotFound) }, twoItems)
		_, err := job.Run(ctx, c)
		assert.Equal(t, "defect", kindName(asError(t, err)))
		assert.Equal(t, http.StatusNotFound, asError(t, err).Status)
		assert.Less(t, time.Since(start), 10*time.Second)
	})
}

func TestTheResultsOfAListFollowEachOther(t *testing.T) {
	for name, tt := range map[string]struct{ at, body string }{
		"array":    {"urls", `{"status":"done","urls":["/files/1","https://storage.example.com/files/2"]}`},
		"wildcard": {"files.*.href", `{"status":"done","files":[{"href":"/files/1"},{"href":"https://storage.example.com/files/2"}]}`},
		"empty":    {"urls", `{"status":"done","urls":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, job := jobOf(t, polls(tt.body), func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, "id\n"+strings.TrimPrefix(r.URL.Path, "/files/")+"\n")
				})
				job.ResultURLAt = tt.at
				got, err := collect(transport.Report[item](ctx, c, job, format.CSV{}))
				require.NoError(t, err)
				if name == "empty" {
					assert.Empty(t, got)
					return
				}
				assert.Equal(t, upTo(2), ids(got))
				_, err = job.Run(ctx, c)
				assert.ErrorContains(t, err, "has 2: use transport.Report")
			})
		})
	}
}

func TestAnElementOfTheResultsThatIsNotAURLIsAnError(t *testing.T) {
	for _, body := range []string{
		`{"status":"done","url":["/files/1",null]}`, `{"status":"done","url":["/files/1",{"href":"/files/2"}]}`, `{"status":"done","url":[""]}`,
		`{"status":"done","url":null}`, `{"status":"done"}`, `{"status":"done","url":{}}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			c, job := jobOf(t, polls(body), twoItems)
			_, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
			assert.ErrorContains(t, err, "the URL of the result", body)
		})
	}
}

func TestALinkThatHasExpiredIsReplaced(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusBadRequest} {
		for _, host := range []string{"", "https://storage.example.com"} {
			synctest.Test(t, func(t *testing.T) {
				c, job := jobOf(t, func(w http.ResponseWriter, n int) {
					fmt.Fprintf(w, `{"status":"done","url":"%s/files/1?sig=%d"}`, host, n)
				}, func(w http.ResponseWriter, r *http.Request) {
					if r.FormValue("sig") == "1" {
						w.WriteHeader(status)
						return
					}
					twoItems(w, r)
				})
				got, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
				require.NoError(t, err)
				assert.Equal(t, upTo(2), ids(got))
			})
		}
	}
}

func TestALinkThatIsAlwaysRefusedIsATemporaryErrorAfterOneMorePoll(t *testing.T) {
	for _, next := range []string{"new", "same"} {
		synctest.Test(t, func(t *testing.T) {
			polls, downloads := 0, 0
			c, job := jobOf(t, func(w http.ResponseWriter, n int) {
				polls = n
				if next == "same" {
					n = 0
				}
				fmt.Fprintf(w, `{"status":"done","url":"https://storage.example.com/files/1?sig=%d"}`, n)
			}, func(w http.ResponseWriter, _ *http.Request) {
				downloads++
				w.WriteHeader(http.StatusForbidden)
			})
			_, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
			assert.Equal(t, "temporary", kindName(asError(t, err)), "the user cannot fix a link in the configuration")
			assert.ErrorContains(t, err, "403 Forbidden: the link to the result is refused")
			assert.Equal(t, 2, polls)
			assert.Equal(t, map[string]int{"new": 2, "same": 1}[next], downloads)
		})
	}
}

func TestALinkIsNotReplacedOnceItsRecordsHaveBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		polls := 0
		c, job := jobOf(t, func(w http.ResponseWriter, n int) {
			polls = n
			fmt.Fprint(w, doneAtFiles)
		}, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{\"id\":1}\n{\"id\":") })
		got, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
		require.Error(t, err)
		assert.Equal(t, upTo(1), ids(got))
		assert.Equal(t, 1, polls)
	})
}

func TestEachExpiredLinkOfAListIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, job := jobOf(t, func(w http.ResponseWriter, n int) {
			fmt.Fprintf(w, `{"status":"done","url":["/files/1?sig=%d","/files/2?sig=%d","/files/3?sig=%d"]}`, n, n, n)
		}, func(w http.ResponseWriter, r *http.Request) {
			part := strings.TrimPrefix(r.URL.Path, "/files/")
			if part != "1" && r.FormValue("sig") < part { // the links expire between the parts
				w.WriteHeader(http.StatusForbidden)
				return
			}
			fmt.Fprintf(w, "{\"id\":%s}\n", part)
		})
		got, err := collect(transport.Report[item](ctx, c, job, format.NDJSON{}))
		require.NoError(t, err)
		assert.Equal(t, upTo(3), ids(got))
	})
}

func TestAStatusThatLooksLikeAnEndIsAWarning(t *testing.T) {
	for status, warned := range map[string]bool{
		"Complete": true, "timed_out": true, "JobComplete": true, "DOWNLOAD_DONE": true, "export failed": true, "completedWithErrors": true,
		"Job Failed": true, "Job Skipped": true, "EXPORT_FAILED": true, "completed-with-errors": true, "FATAL": true,
		"UploadComplete": false, "Job Running": false, "IN_PROGRESS": false, "not_started": false, "50": false, "error_check": false,
		"InProgress": false, "Queued": false, "not done": false, "PARTIALLY_COMPLETED": false, "incomplete": false,
	} {
		t.Run(status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log logRecord
				poll := fmt.Sprintf(`{"status":%q}`, status)
				c, job := jobOf(t, polls(poll, poll, poll, poll), twoItems, log.Warnings())
				job.Done, job.Timeout = []string{"ready"}, 5*time.Second
				_, err := job.Run(ctx, c)
				require.ErrorIs(t, err, transport.ErrTimeout)
				assert.Equal(t, warned, strings.Contains(log.String(), "looks like its end"))
			})
		})
	}
}
