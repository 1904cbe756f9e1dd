package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

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
	for _, bad := range []transport.Rule{{}, {Do: transport.DoFail}, {Status: 1}, {Status: 1, Do: 99}} {
		_, err := transport.New("http://h", transport.WithRules(bad))
		assert.Error(t, err)
	}
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
