package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/retry"
	"github.com/penstock-sdk/penstock/transport/timewindow"
)

func TestARuleDeterminesWhatIsDoneAboutAResponse(t *testing.T) {
	var status int
	var body string
	n := 0
	h := func(w http.ResponseWriter, r *http.Request) {
		n++
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	bodyIs := func(text string) func(*transport.Response) bool {
		return func(r *transport.Response) bool { return string(r.Body) == text }
	}
	c := serve(t, h, transport.WithRetry(retry.Policy{Attempts: 3, Base: 1}), transport.WithRules(
		transport.Rule{Status: 500, Do: transport.DoFail},
		transport.Rule{Status: 400, When: bodyIs("try again"), Do: transport.DoRepeat},
		transport.Rule{Status: 400, When: bodyIs("bad key"), Do: transport.DoBlame},
		transport.Rule{Status: 400, When: bodyIs("token expired"), Do: transport.DoRefresh},
		transport.Rule{Status: 404, Do: transport.DoIgnore},
		transport.Rule{Status: 413, Do: transport.DoSplit},
		transport.Rule{When: bodyIs(`{"error":"busy"}`), Do: transport.DoRepeat},
	))
	for _, tt := range []struct {
		status int
		body   string
		kind   string
		tries  int
	}{
		{500, "", "defect", 1}, {400, "try again", "temporary", 3}, {400, "bad key", "configuration", 1}, {400, "x", "defect", 1},
		{400, "token expired", "configuration", 1}, {200, `{"error":"busy"}`, "temporary", 3}, {413, "", "defect", 1}, {503, "", "temporary", 3},
	} {
		status, body, n = tt.status, tt.body, 0
		_, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, nil))
		e := asError(t, err)
		assert.Equal(t, tt.kind, kindName(e), tt)
		assert.Equal(t, tt.tries, n, tt)
		assert.Equal(t, tt.status, e.Status)
		assert.Equal(t, tt.status == 413, errors.Is(err, timewindow.ErrSplit))
	}
	// A 404 is treated as empty.
	status, body = 404, "nothing here"
	got, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{}))
	require.NoError(t, err)
	assert.Empty(t, got)
	one, err := transport.Get[*item](ctx, c, transport.Request{})
	require.NoError(t, err)
	assert.Nil(t, one)
	resp, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, 404, resp.Status)
}

func TestARuleWithoutAConditionOrAnActionIsAnErrorOfNew(t *testing.T) {
	for _, bad := range []transport.Rule{{}, {Do: transport.DoFail}, {Status: 1}, {Status: 1, Do: 99},
		{Status: 1, Do: transport.DoFail, Wait: func(*transport.Response) (time.Duration, bool) { return 0, false }},
	} {
		_, err := transport.New("http://h", transport.WithRules(bad))
		assert.Error(t, err)
	}
}

// The wait is in the body, as in that of a GraphQL source with a bucket of points.
func TestARuleCanReadTheWaitFromTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		points := func() float64 { return time.Since(start).Seconds() - 90*float64(time.Since(start)/(90*time.Second)) }
		refused, served := 0, 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if points() < 50 {
				refused++
				fmt.Fprintf(w, `{"errors":[{"message":"Throttled"}],"extensions":{"cost":{"requestedQueryCost":50,"throttleStatus":{"currentlyAvailable":%v,"restoreRate":1}}}}`, points())
				return
			}
			served++
			fmt.Fprint(w, `{"data":{"n":1}}`)
		}, transport.WithRetry(retry.Policy{Attempts: 2}), transport.WithRules(transport.Rule{
			When: func(r *transport.Response) bool { return strings.Contains(string(r.Body), "Throttled") },
			Do:   transport.DoRepeat,
			Wait: func(r *transport.Response) (time.Duration, bool) {
				var body struct {
					Extensions struct {
						Cost struct {
							RequestedQueryCost float64
							ThrottleStatus     struct{ CurrentlyAvailable, RestoreRate float64 }
						}
					}
				}
				if json.Unmarshal(r.Body, &body) != nil {
					return 0, false
				}
				cost := body.Extensions.Cost
				missing := cost.RequestedQueryCost - cost.ThrottleStatus.CurrentlyAvailable
				return time.Duration(missing / cost.ThrottleStatus.RestoreRate * float64(time.Second)), true
			},
		}))
		for range 5 {
			_, err := transport.Get[map[string]any](ctx, c, transport.GraphQL("/graphql", "{n}", nil))
			require.NoError(t, err)
			time.Sleep(40 * time.Second)
		}
		assert.Equal(t, 5, served)
		assert.Positive(t, refused)
	})
}

func TestTheWaitOfARuleIsNotCountedAndPausesAllRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var refused atomic.Int64
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if time.Since(start) < 10*time.Minute {
				refused.Add(1)
				w.WriteHeader(400)
				_, _ = io.WriteString(w, `{"estimated_time_to_regain_access":1}`)
			}
		}, transport.WithRules(transport.Rule{Status: 400, Do: transport.DoRepeat, Wait: func(*transport.Response) (time.Duration, bool) { return time.Minute, true }}))
		go func() { _, _ = c.Do(ctx, transport.Request{}) }()
		time.Sleep(time.Second)
		_, err := c.Do(ctx, transport.Request{})
		require.NoError(t, err)
		assert.Equal(t, 10*time.Minute, time.Since(start))
		assert.LessOrEqual(t, refused.Load(), int64(20), "both requests, once a minute")
		synctest.Wait()
	})
}

func TestAWaitOfARuleThatIsNotPositiveIsThatOfTheHeadersOrOfThePolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, header := 0, ""
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			w.Header().Set("Retry-After", header)
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"retry_after":0}`)
		}, transport.WithRules(transport.Rule{Status: 400, Do: transport.DoRepeat, Wait: func(*transport.Response) (time.Duration, bool) { return 0, true }}))
		_, err := c.Do(ctx, transport.Request{Path: "/x"})
		assert.Equal(t, 8, n)
		assert.EqualError(t, err, "GET https://api.example.com/x: 400 Bad Request: a rule repeats this response, "+
			`and retry.Policy.Attempts allows no more attempts (tried 8 times): {"retry_after":0}`)
		n, header = 0, "400"
		_, err = c.Do(ctx, transport.Request{Path: "/x"})
		assert.Equal(t, 3, n)
		assert.EqualError(t, err, "GET https://api.example.com/x: 400 Bad Request: a rule repeats this response "+
			`(gave up: the source asks to wait 6m40s, which would exceed the limit of 15m0s for all attempts; raise retry.Policy.Elapsed) (tried 3 times): {"retry_after":0}`)
	})
}

func TestDoRefreshRenewsTheCredentials(t *testing.T) {
	logins := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t2" {
			w.WriteHeader(400)
		}
	}, transport.WithRules(transport.Rule{Status: 400, Do: transport.DoRefresh}),
		transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
			logins++
			return auth.AccessToken{Value: fmt.Sprint("t", logins)}, nil
		}})))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, 2, logins)
}

// The client for a login has the rules of the client that it logs in for.
func TestALoginThatARuleRejectsFailsTheRequestWithTheKindOfTheRule(t *testing.T) {
	for do, kind := range map[transport.Action]string{
		transport.DoFail: "defect", transport.DoBlame: "configuration", transport.DoRepeat: "temporary", transport.DoRefresh: "configuration", transport.DoSplit: "defect",
	} {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) },
			transport.WithRetry(retry.Policy{Base: 1, Attempts: 2}),
			transport.WithRules(transport.Rule{Status: http.StatusTeapot, Do: do}),
			transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
				token, err := transport.Get[string](ctx, c, transport.Request{Path: "/login"})
				return auth.AccessToken{Value: token}, err
			}})))
		_, err := c.Do(ctx, transport.Request{})
		assert.ErrorContains(t, err, "log in", do)
		assert.Equal(t, kind, kindName(asError(t, err)), do)
	}
}
