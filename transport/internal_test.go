package transport

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/secretname"
)

func TestUserAgentNamesTheProgram(t *testing.T) {
	for want, info := range map[string]debug.BuildInfo{
		"shop/v1.2.0 penstock/v0.3.0": {Path: "example.com/connectors/shop", Main: debug.Module{Path: "example.com/connectors/shop", Version: "v1.2.0"},
			Deps: []*debug.Module{{Path: modulePath, Version: "v0.3.0"}}},
		"restapi/v0.3.0 penstock/v0.3.0": {Path: modulePath + "/examples/restapi", Main: debug.Module{Path: modulePath, Version: "v0.3.0"}},
		"penstock":                       {Main: debug.Module{Path: modulePath}},
		"shop penstock":                  {Path: "command-line-arguments", Main: debug.Module{Path: "example.com/shop"}},
	} {
		assert.Equal(t, want, userAgentOf(&info))
	}
	assert.Equal(t, "my-tool/devel", product("my tool", "(devel)"))
	assert.NotEmpty(t, defaultUserAgent())
}

// A circle that begins after more pages than are remembered one by one.
func TestVisitedFindsLateCircles(t *testing.T) {
	c, err := New("https://h")
	require.NoError(t, err)
	v := newVisited()
	at := func(i int) Request {
		if i > maxVisited+100 {
			i = maxVisited + 100 + (i-maxVisited-100)%37
		}
		return Request{Query: url.Values{"page": {fmt.Sprint(i)}}}
	}
	for i := range 4 * maxVisited {
		if err = v.add(c, at(i)); err != nil {
			assert.ErrorIs(t, err, ErrPageLoop)
			assert.Len(t, v.seen, maxVisited)
			assert.Less(t, i, 2*maxVisited+100)
			return
		}
	}
	t.Fatal("not found")
}

func TestMask(t *testing.T) {
	m := &mask{params: map[string]bool{"k": true}}
	m.add("a b&c", "a bc", "x", "")
	assert.Equal(t, "*** *** *** *** *** x", m.text("a b&c a+b%26c a%20b&c a bc a+bc x"))
	u, err := url.Parse("https://user:pass@host/p?k=1&page_token=2&API-Key=3&client_secret=4&empty=&token=#frag")
	require.NoError(t, err)
	assert.Equal(t, "https://host/p?k=***&page_token=2&API-Key=***&client_secret=***&empty=&token=", m.url(u))
	assert.Equal(t, "text", (*mask)(nil).text("text"))
	assert.Empty(t, m.url(nil))
	for _, name := range []string{"Authorization", "cookie", "X-Api-Key", "X-Auth-Token", "x-shop-secret"} {
		assert.True(t, secretname.Header(name), name)
	}
	assert.False(t, secretname.Header("Accept"))
}

func TestExcerpt(t *testing.T) {
	assert.Equal(t, "a b", excerpt([]byte(" a\r\n\t\x00b ")))
	long := excerpt([]byte(strings.Repeat("€", 100)))
	assert.Equal(t, strings.Repeat("€", 66)+"…", long)
	assert.Empty(t, excerpt(nil))
}

func TestKindOf(t *testing.T) {
	assert.Equal(t, configuration, kindOf(fmt.Errorf("x: %w", configurationError{errors.New("y")}), defect))
	assert.Equal(t, temporary, kindOf(temporaryError{errors.New("y")}, defect))
	assert.Equal(t, defect, kindOf(context.Canceled, configuration))
	assert.Equal(t, temporary, kindOf(fmt.Errorf("%w: %w", context.DeadlineExceeded, ErrTimeout), configuration))
	assert.Equal(t, configuration, kindOf(errors.New("x"), configuration))
}

func TestBackoffIsBounded(t *testing.T) {
	r := Retry{Base: time.Second, Max: 10 * time.Second}
	for n, most := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 1000: 10 * time.Second} {
		var longest time.Duration
		for range 500 {
			d := r.backoff(n)
			assert.LessOrEqual(t, d, most)
			longest = max(longest, d)
		}
		assert.Greater(t, longest, most/2, "full jitter uses the whole range")
	}
}
