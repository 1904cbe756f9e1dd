package transport

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"testing"

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

type fixable struct{ error }

func (fixable) Error() string       { return "fixable" }
func (fixable) Configuration() bool { return true }

type passing struct{ error }

func (passing) Error() string   { return "passing" }
func (passing) Temporary() bool { return true }

func TestKindOf(t *testing.T) {
	assert.Equal(t, configuration, kindOf(fmt.Errorf("x: %w", fixable{}), defect))
	assert.Equal(t, temporary, kindOf(passing{}, defect))
	assert.Equal(t, defect, kindOf(context.Canceled, configuration))
	assert.Equal(t, temporary, kindOf(fmt.Errorf("%w: %w", context.DeadlineExceeded, ErrTimeout), configuration))
	assert.Equal(t, configuration, kindOf(errors.New("x"), configuration))
}
