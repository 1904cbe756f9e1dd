package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

func day(d int) time.Time { return time.Date(2024, 5, d, 0, 0, 0, 0, time.UTC) }

func TestWindows(t *testing.T) {
	all := func(w transport.Windows) []transport.Window { return slices.Collect(w.All()) }
	assert.Equal(t, []transport.Window{{day(1), day(3)}, {day(3), day(5)}, {day(5), day(6)}}, all(transport.Windows{Start: day(1), End: day(6), Step: 48 * time.Hour}))
	assert.Equal(t, []transport.Window{{day(1), day(6)}}, all(transport.Windows{Start: day(1), End: day(6)}))
	assert.Equal(t, []transport.Window{{day(2), day(6)}}, all(transport.Windows{Start: day(3), End: day(6), Lookback: 24 * time.Hour}))
	assert.Equal(t, []transport.Window{{day(2), day(6)}}, all(transport.Windows{Start: day(3), End: day(6), Lookback: 240 * time.Hour, NotBefore: day(2)}))
	assert.Empty(t, all(transport.Windows{Start: day(6), End: day(6), Step: time.Hour}))
	assert.Empty(t, all(transport.Windows{Start: day(7), End: day(6)}))
	var months []string
	for w := range (transport.Windows{Start: time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC), End: day(10), Months: 1}).All() {
		months = append(months, w.Start.Format("0102")+"-"+w.End.Format("0102"))
	}
	assert.Equal(t, []string{"0131-0229", "0229-0331", "0331-0430", "0430-0510"}, months)
	assert.Equal(t, "[2024-05-01T00:00:00Z, 2024-05-02T00:00:00Z)", transport.Window{Start: day(1), End: day(2)}.String())
}

func TestEachWindowSplits(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		from, _ := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
		to, _ := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
		if to.Sub(from) > 12*time.Hour {
			w.WriteHeader(413)
		}
	}, transport.WithRules(transport.Rule{Status: 413, Do: transport.DoSplit}))
	var read []transport.Window
	ask := func(ctx context.Context, w transport.Window) error {
		_, err := c.Do(ctx, transport.Request{Query: map[string][]string{"from": {w.Start.Format(time.RFC3339)}, "to": {w.End.Format(time.RFC3339)}}})
		if err == nil {
			read = append(read, w)
		}
		return err
	}
	windows := transport.Windows{Start: day(1), End: day(4), Step: 48 * time.Hour}
	require.NoError(t, transport.EachWindow(ctx, windows.All(), time.Hour, ask))
	require.Len(t, read, 6)
	at := day(1)
	for _, w := range read {
		assert.Equal(t, at, w.Start, "windows follow one another without a gap")
		at = w.End
	}
	assert.Equal(t, day(4), at)
	err := transport.EachWindow(ctx, windows.All(), 10*time.Hour*24, ask)
	assert.ErrorIs(t, err, transport.ErrSplit)
	assert.ErrorContains(t, err, "window [2024-05-01T00:00:00Z, 2024-05-03T00:00:00Z)")
	assert.Equal(t, 413, asError(t, err).Status)
	cctx, cancel := context.WithCancel(ctx)
	cancel()
	assert.ErrorIs(t, transport.EachWindow(cctx, windows.All(), 0, ask), context.Canceled)
}

// count yields numbers, each after a time.
func count(ctx context.Context, from, n int, each time.Duration, fail error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			select {
			case <-time.After(each):
			case <-ctx.Done():
				yield(0, ctx.Err())
				return
			}
			if !yield(from+i, nil) {
				return
			}
		}
		if fail != nil {
			yield(0, fail)
		}
	}
}

func TestChildren(t *testing.T) {
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var under, most atomic.Int64
			start := time.Now()
			got, err := collect(transport.Children(ctx, transport.Slice([]int{0, 1, 2, 3, 4, 5}), n, func(ctx context.Context, p int) iter.Seq2[int, error] {
				return func(yield func(int, error) bool) {
					most.Store(max(most.Load(), under.Add(1)))
					defer under.Add(-1)
					// The first parent is the slowest.
					for v, err := range count(ctx, p*100, 100, time.Duration(6-p)*time.Millisecond, nil) {
						if !yield(v, err) {
							return
						}
					}
				}
			}))
			require.NoError(t, err)
			var want []int
			for i := range 600 {
				want = append(want, i)
			}
			assert.Equal(t, want, got, "in the order of the parents")
			assert.EqualValues(t, n, most.Load())
			if n == 1 {
				assert.Equal(t, 2100*time.Millisecond, time.Since(start))
			} else {
				assert.Less(t, time.Since(start), 1200*time.Millisecond)
			}
		})
	}
}

func TestFamiliesComeWholeAndInOrder(t *testing.T) {
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			// Of parent p there are p children, and the first parent is the slowest.
			read := func(ctx context.Context, p int) iter.Seq2[int, error] {
				return count(ctx, p*100, p, time.Duration(6-p)*time.Millisecond, nil)
			}
			got, err := collect(transport.Families(ctx, transport.Slice([]int{0, 1, 2, 3}), n, read))
			require.NoError(t, err)
			assert.Equal(t, []transport.Family[int, int]{{0, nil}, {1, []int{100}}, {2, []int{200, 201}}, {3, []int{300, 301, 302}}}, got)

			bad := errors.New("bad")
			got, err = collect(transport.Families(ctx, transport.Slice([]int{1, 2, 3}), n, func(ctx context.Context, p int) iter.Seq2[int, error] {
				if p == 2 {
					return count(ctx, 200, 1, 0, bad)
				}
				return read(ctx, p)
			}))
			require.ErrorIs(t, err, bad)
			assert.Equal(t, []transport.Family[int, int]{{1, []int{100}}}, got, "no half family")
		})
	}
}

func TestChildrenFailAndStop(t *testing.T) {
	bad := errors.New("bad")
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var under atomic.Int64
			read := func(failing int) func(context.Context, int) iter.Seq2[int, error] {
				return func(ctx context.Context, p int) iter.Seq2[int, error] {
					return func(yield func(int, error) bool) {
						under.Add(1)
						defer under.Add(-1)
						var fail error
						if p == failing {
							fail = bad
						}
						for v, err := range count(ctx, p*10, 10, time.Millisecond, fail) {
							if !yield(v, err) {
								return
							}
						}
					}
				}
			}
			got, err := collect(transport.Children(ctx, transport.Slice([]int{0, 1, 2, 3, 4}), n, read(2)))
			assert.Equal(t, bad, err)
			assert.Len(t, got, 30, "what comes before the failure is given out")
			assert.Zero(t, under.Load())

			parents := func(yield func(int, error) bool) { _ = yield(0, nil) && yield(0, bad) }
			got, err = collect(transport.Children(ctx, parents, n, read(-1)))
			assert.Equal(t, bad, err)
			assert.Len(t, got, 10)

			for range transport.Children(ctx, transport.Slice([]int{0, 1, 2, 3, 4}), n, read(-1)) {
				break
			}
			assert.Zero(t, under.Load(), "nothing runs after an early end")

			cctx, cancel := context.WithTimeout(ctx, 15*time.Millisecond)
			defer cancel()
			_, err = collect(transport.Children(cctx, transport.Slice(make([]int, 100)), n, read(-1)))
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Zero(t, under.Load())

			assert.PanicsWithValue(t, "boom", func() {
				_, _ = collect(transport.Children(ctx, transport.Slice([]int{0}), n, func(context.Context, int) iter.Seq2[int, error] { panic("boom") }))
			})
		})
	}
}

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
	}, transport.WithAuth(transport.Bearer("token")))
	job := transport.Job{
		Create: transport.Request{Method: "POST", Path: "/reports", Body: map[string]string{"type": "orders"}}, ID: "report.id",
		Poll:   func(id string) transport.Request { return transport.Request{Path: "/reports/" + id} },
		Status: "status", Done: []string{"done"}, Failed: []string{"failed"}, ResultURL: "url", Interval: time.Millisecond,
		Delete: func(id string) transport.Request {
			return transport.Request{Method: "DELETE", Path: "/reports/" + id}
		},
	}
	all := []string{"POST /reports", "GET /reports/17", "GET /reports/17", "GET /reports/17", "DELETE /reports/17"}
	got, err := collect(transport.Report[item](ctx, c, job, transport.Gzip(transport.CSV{})))
	require.NoError(t, err)
	assert.Equal(t, upTo(2), ids(got))
	assert.Equal(t, all, log)

	log = nil
	for range transport.Report[item](ctx, c, job, transport.Gzip(transport.CSV{})) {
		break
	}
	assert.Equal(t, all, log, "deleted after an early end")

	log, final = nil, "FAILED"
	_, err = collect(transport.Report[item](ctx, c, job, transport.Gzip(transport.CSV{})))
	assert.ErrorIs(t, err, transport.ErrJobFailed)
	asError(t, err)
	assert.Equal(t, all, log, "deleted after a failure")

	log = nil
	cctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	slow := job
	slow.Interval = time.Hour
	_, err = collect(transport.Report[item](cctx, c, slow, transport.CSV{}))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, []string{"POST /reports", "DELETE /reports/17"}, log, "deleted on cancel")

	slow.Timeout = time.Minute
	_, err = collect(transport.Report[item](ctx, c, slow, transport.CSV{}))
	assert.ErrorIs(t, err, transport.ErrTimeout)
	assert.True(t, asError(t, err).Temporary())

	final = "done"
	req, err := job.Run(ctx, c)
	require.NoError(t, err)
	assert.Equal(t, storage.URL+"/x?sig=y", req.Path)
	for name, change := range map[string]func(*transport.Job){
		"no id": func(j *transport.Job) { j.ID = "id" }, "no status": func(j *transport.Job) { j.Status = "state" }, "no url": func(j *transport.Job) { j.ResultURL = "link" },
		"nothing": func(j *transport.Job) { *j = transport.Job{} }, "two results": func(j *transport.Job) { j.Result = j.Poll }, "negative": func(j *transport.Job) { j.Timeout = -1 },
		"no result": func(j *transport.Job) { j.ResultURL = "" },
	} {
		wrong := job
		change(&wrong)
		_, err := wrong.Run(ctx, c)
		assert.Error(t, err, name)
		asError(t, err)
	}
}

func TestParseTime(t *testing.T) {
	want := time.Date(2024, 5, 1, 12, 30, 15, 0, time.UTC)
	for _, in := range []string{"2024-05-01T12:30:15Z", "2024-05-01T14:30:15+02:00", "2024-05-01T14:30:15+0200", "2024-05-01T14:30:15+02", "2024-05-01T12:30:15",
		"2024-05-01 12:30:15", "2024-05-01 14:30:15+02:00", "2024-05-01 14:30:15 +0200", "2024-05-01 12:30:15 UTC", "2024-05-01 12:30:15.000000", "20240501T123015Z",
		"Wed, 01 May 2024 12:30:15 GMT", "Wed, 1 May 2024 14:30:15 +0200", "Wed May  1 12:30:15 2024", "1714566615", "1714566615000", "1714566615000000", "1714566615000000000",
		"1714566615.0", " 2024-05-01T12:30:15Z "} {
		got, err := transport.ParseTime(in)
		assert.NoError(t, err, in)
		assert.True(t, want.Equal(got), "%s: %v", in, got)
	}
	for in, want := range map[string]time.Time{
		"2024-05-01": day(1), "2024-05": day(1), "01 May 2024": day(1), "2024-05-01 12:30": want.Truncate(time.Minute), "2024-05-01T12:30Z": want.Truncate(time.Minute),
		"1714566615.123456789": want.Add(123456789), "2024-05-01T12:30:15.123456789Z": want.Add(123456789), "1714566615123": want.Add(123 * time.Millisecond),
	} {
		got, err := transport.ParseTime(in)
		assert.NoError(t, err, in)
		assert.True(t, want.Equal(got), "%s: %v", in, got)
	}
	for _, in := range []string{"", "05/06/2024", "01.02.2024", "20240501", "2024", "yesterday", "2024-13-01", "2024-05-01 12:30:15 CEST", "-1714566615", "1714566615.", "1714566615.x", "99999999999"} {
		_, err := transport.ParseTime(in)
		assert.Error(t, err, in)
	}
	got, err := transport.ParseTime("05/06/2024", "02/01/2006")
	require.NoError(t, err)
	assert.Equal(t, time.Month(6), got.Month())
	_, err = transport.ParseTime("2024-05-01", "02/01/2006", "02.01.2006")
	assert.Error(t, err)

	rows, err := decodeString[struct{ A, B, C, D transport.Time }](`[{"a":1714566615,"b":"2024-05-01 12:30:15","c":null,"d":""}]`, transport.JSON{})
	require.NoError(t, err)
	assert.True(t, rows[0].A.Equal(want) && rows[0].B.Equal(want) && rows[0].C.IsZero() && rows[0].D.IsZero())
	csv, err := decodeString[struct{ A, B transport.Time }]("a,b\n1714566615,\n", transport.CSV{})
	require.NoError(t, err)
	assert.True(t, csv[0].A.Equal(want) && csv[0].B.IsZero())
	b, err := rows[0].A.MarshalJSON()
	require.NoError(t, err)
	assert.Equal(t, `"2024-05-01T12:30:15Z"`, string(b))
}

func TestParseNumber(t *testing.T) {
	for in, want := range map[string]string{
		"1234.50": "1234.50", "1,234.50": "1234.50", "1 234 567": "1234567", "-5": "-5", "5-": "-5", "(1,000.00)": "-1000.00", "+7": "7", "\u22123": "-3", ".5": "0.5", "007": "7", "0": "0",
		"1'234.5": "1234.5", "1\u202f234": "1234", "9007199254740993": "9007199254740993", "00.10": "0.10",
	} {
		got, err := transport.ParseNumber(in, '.')
		assert.NoError(t, err, in)
		assert.Equal(t, want, string(got), in)
	}
	got, err := transport.ParseNumber("1.234.567,80", ',')
	require.NoError(t, err)
	assert.Equal(t, "1234567.80", string(got))
	for _, in := range []string{"", "-", ".", "1.", "1,23", "12,34,567", "1,234 567", "1.2.3", "1e5", "€5", "5 EUR", ",123", "--5", "0x1", "NaN", "1234,567"} {
		_, err := transport.ParseNumber(in, '.')
		assert.Error(t, err, in)
	}
	_, err = transport.ParseNumber("1", ';')
	assert.Error(t, err)
}
