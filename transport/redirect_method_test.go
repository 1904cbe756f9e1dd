package transport_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// described writes the method, the content type and the body of a request.
func described(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_ = json.NewEncoder(w).Encode(r.Method + " " + r.Header.Get("Content-Type") + " " + string(body))
}

func TestARedirectedRequestThatMayBeRepeatedKeepsItsMethodAndBody(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		for _, tt := range []struct {
			req  transport.Request
			want string
		}{
			{transport.Request{Method: "POST", Body: "q", Idempotent: true}, "POST application/json q"},
			{transport.Request{Method: "POST", Idempotent: true}, "POST  "},
			{transport.Request{Method: "PUT", Body: "q"}, "PUT application/json q"},
			{transport.Request{Method: "PATCH", Body: "q", Idempotent: true}, "PATCH application/json q"},
			{transport.Request{Method: "DELETE"}, "DELETE  "},
			{transport.Request{Method: "OPTIONS"}, "OPTIONS  "},
			{transport.Request{Method: "GET", Body: "q"}, "GET application/json q"}, // a search of Elasticsearch
			{transport.Request{Method: "GET"}, "GET  "},
			{transport.Request{Method: "QUERY", Body: "q", Header: http.Header{"Content-Type": {"text/x"}}, Idempotent: true}, "QUERY text/x q"},
		} {
			// The second redirect has another status, after which net/http would
			// have no body to send.
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/":
					http.Redirect(w, r, "/b", status)
				case "/b":
					http.Redirect(w, r, "/c", http.StatusPermanentRedirect)
				default:
					described(w, r)
				}
			})
			got, err := transport.Get[string](ctx, c, tt.req)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got, "%d", status)
		}
	}
}

func TestAfterA303TheRequestIsAGet(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			http.Redirect(w, r, "/b", http.StatusSeeOther)
		case "/b":
			http.Redirect(w, r, "/c", http.StatusFound)
		default:
			described(w, r)
		}
	})
	got, err := transport.Get[string](ctx, c, transport.Request{Method: "POST", Body: "q"})
	require.NoError(t, err)
	assert.Equal(t, "GET  ", got)
}

// A POST that creates something may have done so before it was redirected.
func TestARedirectedPostThatMayHaveHadAnEffectIsAnErrorThatNamesTheRedirect(t *testing.T) {
	for _, status := range []int{301, 302} {
		n := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			http.Redirect(w, r, "https://user:s3cret-p@api.example.com/orders/?api_key=s3cret-k", status)
		}, transport.WithAuth(auth.Bearer("s3cret-t")))
		_, err := c.Do(ctx, transport.Request{Method: "POST", Path: "/orders", Body: map[string]int{"a": 1}})
		e := asError(t, err)
		assert.Equal(t, status, e.Status)
		assert.Equal(t, 1, n)
		assert.ErrorContains(t, err, fmt.Sprint(status, " ", http.StatusText(status), ": the source redirects to https://api.example.com/orders/. A POST may have had an effect"))
		assert.ErrorContains(t, err, "Request.Idempotent")
		assert.NotContains(t, err.Error(), "s3cret")
		assert.Equal(t, "defect", kindName(e), "the connector requests a path that moved")
	}
	moved := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://new.example.com"+r.URL.Path, http.StatusMovedPermanently)
	})
	_, err := moved.Do(ctx, transport.Request{Method: "POST", Path: "/orders", Body: map[string]int{"a": 1}})
	assert.ErrorIs(t, err, transport.ErrForeignHost)

	insecure, err := transport.New("http://api.example.com", transport.WithRoundTripper(transporttest.Memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://api.example.com"+r.URL.Path, http.StatusMovedPermanently)
	})}))
	require.NoError(t, err)
	_, err = insecure.Do(ctx, transport.Request{Method: "POST", Path: "/orders", Body: map[string]int{"a": 1}})
	assert.True(t, asError(t, err).Configuration(), "the base URL should be https: %v", err)
}

func TestARuleMayAcceptARedirectThatIsNotFollowed(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/jobs/17", http.StatusFound) },
		transport.WithRules(transport.Rule{Status: http.StatusFound, Do: transport.DoIgnore}))
	resp, err := c.Do(ctx, transport.Request{Method: "POST", Path: "/jobs", Body: "{}"})
	require.NoError(t, err)
	assert.Equal(t, "https://api.example.com/jobs/17", resp.Header.Get("Location"))
}

func TestARequestIsNotRedirectedToAnotherHostAsAGet(t *testing.T) {
	for _, req := range []transport.Request{
		{Method: "POST", Idempotent: true}, {Method: "DELETE"}, {Body: "q"}, {Method: "POST", Body: "q", Idempotent: true}, {Method: "PUT", Body: "q"},
	} {
		for _, status := range []int{301, 302} {
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "api.example.com", r.URL.Host)
				http.Redirect(w, r, "https://other.example/x", status)
			})
			_, err := c.Do(ctx, req)
			assert.ErrorIs(t, err, transport.ErrForeignHost, "%+v", req)
			assert.Equal(t, 1, asError(t, err).Attempts)
		}
	}
}

func TestARedirectThatCannotBeFollowedIsAnErrorAtOnce(t *testing.T) {
	for location, want := range map[string]string{
		"":                               "302 Found: the redirect has no Location",
		"https://user:s3cret@h:port/":    "a Location that is not a URL",
		"https://user:s3cret@h:por\x01t": "a Location that is not a URL",
		"ftp://h/x":                      `to the scheme "ftp"`,
		"https:///x":                     "a Location without a host",
		"javascript:x":                   `to the scheme "javascript"`,
	} {
		n := 0
		c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			n++
			w.Header()["Location"] = []string{location}
			w.WriteHeader(http.StatusFound)
			_, _ = io.WriteString(w, "see s3cret")
		})
		_, err := c.Do(ctx, transport.Request{Path: "/x"})
		assert.ErrorContains(t, err, want, location)
		assert.NotContains(t, err.Error(), "s3cret")
		assert.Equal(t, "defect", kindName(asError(t, err)))
		assert.Equal(t, 1, n)
	}
}

func TestARedirectIsFollowedAsABrowserDoes(t *testing.T) {
	for location, want := range map[string]string{
		"b?x=1":                           "https://api.example.com/a/b?x=1",
		"../b c|ü?x=a b&y=50%;":           "https://api.example.com/b%20c%7C%C3%BC?x=a%20b&y=50%;",
		"//api.example.com/x#f":           "https://api.example.com/x",
		" /x ":                            "https://api.example.com/x",
		"http://api.example.com/x":        "https://api.example.com/x",
		"http://API.example.com:80/x?a;b": "https://API.example.com/x?a;b",
		"?page=2":                         "https://api.example.com/a/start?page=2",
	} {
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a/start" && r.URL.RawQuery == "" {
				w.Header()["Location"] = []string{location}
				w.WriteHeader(http.StatusFound)
				return
			}
			_ = json.NewEncoder(w).Encode(r.URL.String() + " " + r.Header.Get("Authorization"))
		}, transport.WithAuth(auth.Bearer("token")))
		got, err := transport.Get[string](ctx, c, transport.Request{Path: "/a/start"})
		require.NoError(t, err, location)
		assert.Equal(t, want+" Bearer token", got, location)
	}
}

func TestALoopOfRedirectsToHTTPNamesTheScheme(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "https", r.URL.Scheme)
		http.Redirect(w, r, "http://api.example.com"+r.URL.Path, http.StatusFound)
	}, transport.WithAuth(auth.Bearer("token")))
	_, err := c.Do(ctx, transport.Request{Path: "/x"})
	assert.ErrorContains(t, err, "some lead from https to http")
}

func TestARefusalAfterARedirectWithoutCredentialsNamesTheHost(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "api.example.com" {
			http.Redirect(w, r, "https://eu.example.com"+r.URL.Path, http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	}, transport.WithAuth(auth.Bearer("token")))
	_, err := c.Do(ctx, transport.Request{Path: "/x"})
	assert.ErrorContains(t, err, `401 Unauthorized: a redirect without the credentials`)
	assert.ErrorContains(t, err, `WithHosts("eu.example.com")`)
	assert.True(t, asError(t, err).Configuration())
}

func TestARedirectWithoutTheQueryIsAWarning(t *testing.T) {
	for _, tt := range []struct {
		path, location string
		warned         bool
	}{
		{"/items?status=open", "/items/", true},
		{"/items?status=open", "https://api.example.com/items", true},
		{"/items?status=open", "/items/?status=open", false},
		{"/items?status=open", "/files/17", false},
		{"/items", "/items/", false},
	} {
		log := &logRecord{}
		n := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if n++; n%2 == 1 {
				http.Redirect(w, r, tt.location, http.StatusMovedPermanently)
			}
		}, log.Warnings(), transport.WithAuth(auth.QueryKey("key", "s3cret-key")))
		for range 3 {
			_, err := c.Do(ctx, transport.Request{Path: tt.path})
			require.NoError(t, err)
		}
		if tt.warned {
			assert.Equal(t, 1, strings.Count(log.String(), "drops the query"), log.String())
		} else {
			assert.Empty(t, log.String())
		}
	}
}

func TestARedirectKeepsTheQueryOfAForeignHostWithoutTheKey(t *testing.T) {
	var got string
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "api.example.com" {
			w.Header().Set("Location", "https://cdn.example/f?z=1;2&"+r.URL.RawQuery+"&%6Bey=x&sig=50%&a+b")
			w.WriteHeader(http.StatusFound)
			return
		}
		got = r.URL.RawQuery
	}, transport.WithAuth(auth.QueryKey("key", "s3cret-key")))
	_, err := c.Do(ctx, transport.Request{Path: "/x?a=b;c"})
	require.NoError(t, err)
	assert.Equal(t, "z=1;2&a=b;c&sig=50%&a+b", got)
}

func TestARedirectDoesNotCarryTheKeyToAnotherHostInAnyParameter(t *testing.T) {
	const key = "s3cret key/1"
	once := url.QueryEscape(key)
	for _, location := range []string{
		"https://login.example/?next=" + url.QueryEscape("https://api.example.com/x?key="+once),
		"https://login.example/?token=" + once, "https://login.example/?a;" + url.PathEscape(key),
	} {
		for _, a := range []transport.Auth{auth.QueryKey("key", key), auth.Bearer(key)} {
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "api.example.com", r.URL.Host)
				http.Redirect(w, r, location, http.StatusFound)
			}, transport.WithAuth(a))
			_, err := c.Do(ctx, transport.Request{})
			assert.ErrorIs(t, err, transport.ErrForeignHost)
			assert.ErrorContains(t, err, "WithHosts")
			assert.NotContains(t, err.Error(), "s3cret")
			assert.Equal(t, 1, asError(t, err).Attempts)
		}
	}
}

func TestTheResultOfAJobIsRequestedWithTheSchemeOfTheSource(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/jobs":
			fmt.Fprint(w, `{"id":1}`)
		case "/jobs/1":
			fmt.Fprint(w, `{"status":"done","url":"http://api.example.com/r.json?sig=a;b%"}`)
		default:
			assert.Equal(t, "https://api.example.com/r.json?sig=a;b% Bearer token", r.URL.String()+" "+r.Header.Get("Authorization"))
			fmt.Fprint(w, `[{"id":1}]`)
		}
	}, transport.WithAuth(auth.Bearer("token")))
	job := transport.Job{Create: transport.Request{Method: "POST", Path: "/jobs"}, IDAt: "id", StatusAt: "status", Done: []string{"done"}, ResultURLAt: "url",
		Poll: func(id string) transport.Request { return transport.Request{Path: "/jobs/" + id} }, Interval: 1}
	result, err := job.Run(ctx, c)
	require.NoError(t, err)
	got, err := collect(transport.Records[item](ctx, c, result, paging.SinglePage{}))
	require.NoError(t, err)
	assert.Equal(t, upTo(1), ids(got))
}

// A link with a token of its own, such as one to a storage service, does not work without
// it.
func TestARedirectKeepsAParameterWithTheNameOfTheKeyThatTheSourceAdds(t *testing.T) {
	for _, query := range []string{"token=download-1&sig=a%2Fb+c", "sig=a&token=", "token=x&token=y", "b=1;token=k&%zz"} {
		var got string
		files := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.RawQuery }))
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, files.URL+"/x?"+query, http.StatusFound)
		}, transport.WithAuth(auth.QueryKey("token", "s3cret-k")))
		_, err := c.Do(ctx, transport.Request{Path: "/x"})
		require.NoError(t, err)
		assert.Equal(t, query, got)
		files.Close()
	}
}

func TestARedirectDropsTheKeyWhereverItIsAmongParametersOfItsName(t *testing.T) {
	var got string
	files := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.RawQuery }))
	defer files.Close()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, files.URL+"/x?k=1&a=2&k=k%2D7", http.StatusFound)
	}, transport.WithAuth(auth.QueryKey("k", "k-7")))
	_, err := c.Do(ctx, transport.Request{Path: "/x"})
	require.NoError(t, err)
	assert.Equal(t, "a=2", got)
}

// RFC 9110 §4.2.4: a user name in a URL of another party may mislead.
func TestAUserNameInAURLOfTheSourceIsNotSent(t *testing.T) {
	var urls, authorizations []string
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		urls, authorizations = append(urls, r.URL.String()), append(authorizations, r.Header.Get("Authorization"))
		switch r.URL.Path {
		case "/1":
			_, _ = io.WriteString(w, `{"items":[1],"next":"http://evil.test:s3cret-p@api.example.com/2"}`)
		case "/2":
			http.Redirect(w, r, "https://user:s3cret-p@api.example.com/3", http.StatusFound)
		case "/3":
			_, _ = io.WriteString(w, `{"items":[2],"next":null}`)
		}
	}, transport.WithAuth(auth.HeaderKey("X-Key", "k")))
	got, err := collect(transport.Records[int](ctx, c, transport.Request{Path: "/1", RecordsAt: "items"}, paging.NextURL{At: "next"}))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, got)
	assert.Equal(t, []string{"https://api.example.com/1", "https://api.example.com/2", "https://api.example.com/3"}, urls)
	assert.Equal(t, []string{"", "", ""}, authorizations)

	_, err = c.Do(ctx, transport.Request{Path: "https://user:s3cret-p@files.test/x"})
	assert.ErrorContains(t, err, "must not contain a user name or a password")
	assert.NotContains(t, err.Error(), "s3cret")
}

func TestRedirectsBeforeTheFirstSuccessAreAConfigurationError(t *testing.T) {
	for name, method := range map[string]string{"a loop": "GET", "to another host": "POST"} {
		for _, reached := range []bool{false, true} {
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/ok":
				case r.Method == http.MethodPost:
					http.Redirect(w, r, "https://login.test/sso", http.StatusFound)
				default:
					http.Redirect(w, r, "/loop?a=s3cret", http.StatusFound)
				}
			})
			if reached {
				_, err := c.Do(ctx, transport.Request{Path: "/ok"})
				require.NoError(t, err)
			}
			_, err := c.Do(ctx, transport.Request{Method: method, Path: "/loop", Body: map[string]string{"GET": ""}[method]})
			assert.Equal(t, !reached, asError(t, err).Configuration(), name)
			if method == "GET" {
				assert.ErrorContains(t, err, "too many redirects: 10, the next to https://api.example.com/loop")
				assert.NotContains(t, err.Error(), "s3cret")
			}
		}
	}
}
