package transport_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/userwarning"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestTheUserOfAPlatformIsWarnedOfARepeatedPage(t *testing.T) {
	client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { writeItems(w, 1, 2, "") })
	var got []string
	ctx := userwarning.With(t.Context(), func(key, message string, _ int) { got = append(got, key+"|"+message) })
	next := func(p *transport.Page) (transport.Request, string, error) {
		if p.Number == 4 {
			return transport.Request{}, "four pages are enough", nil
		}
		req, err := p.Request.WithParam("n", false, p.Number)
		return req, "", err
	}
	_, err := collect(transport.Records[item](ctx, client, transport.Request{Path: "/items?key=secret", RecordsAt: "data"}, paging.Func(next)))
	require.NoError(t, err)
	assert.Equal(t, []string{"pages of /items|/items: page 2 has the same records as page 1, so others may be missing; if equal pages are right, set transport.MaxStalled"}, got)
}

// carrying counts the pages in Carry.
type carrying struct{}

func (carrying) Start(req transport.Request) (transport.Request, error) { return req, nil }

func (carrying) Next(p *transport.Page) (transport.Request, string, error) {
	n, _ := p.Carry.(int)
	p.Carry = n + 1
	if n == 3 {
		return transport.Request{}, "three pages were carried", nil
	}
	req, err := p.Request.WithParam("n", false, n)
	return req, "", err
}

func TestAPagingCarriesAValueFromPageToPage(t *testing.T) {
	client := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		n := number(r, "n")
		fmt.Fprintf(w, `{"data":[{"id":%d}]}`, n+10*len(r.URL.RawQuery))
	})
	for _, p := range []transport.Paging{carrying{}, transport.Prefetch(carrying{}, 2), transport.MaxStalled(carrying{}, 9)} {
		for range 2 { // each sequence begins anew
			pages := 0
			for page, err := range transport.Pages(t.Context(), client, transport.Request{RecordsAt: "data"}, p) {
				require.NoError(t, err)
				page.Carry = "changed by the caller"
				pages++
			}
			assert.Equal(t, 4, pages)
		}
	}
}
