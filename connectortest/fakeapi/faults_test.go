package fakeapi_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

// fate returns the status and Retry-After of a response, or how the connection broke.
func fate(client *http.Client, address string) string {
	resp, err := client.Get(address)
	if err != nil {
		return "reset"
	}
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "cut"
	}
	return fmt.Sprintf("%d%v", resp.StatusCode, resp.Header["Retry-After"])
}

func flakyServer(t *testing.T, share float64, seed uint64) (string, *http.Client) {
	t.Helper()
	api := fakeapi.New(t, fakeapi.Collection("/x", orders(5)), fakeapi.Faults(share, seed), fakeapi.IgnoreParameters("q"))
	srv := httptest.NewUnstartedServer(api)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	// Without keep-alive, net/http repeats no request itself.
	return srv.URL + "/x?q=", &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func TestFaultsHaveEveryKindAndAboutTheShare(t *testing.T) {
	at, client := flakyServer(t, 0.2, 1)
	fates := map[string]int{}
	for i := range 600 {
		fates[fate(client, at+strconv.Itoa(i))]++
	}
	assert.InDelta(t, 480, fates["200[]"], 40)
	for _, kind := range []string{"reset", "cut", "429[]", "429[0]", "429[1]", "503[]", "503[0]", "503[1]"} {
		assert.NotZero(t, fates[kind], kind)
	}
	assert.Len(t, fates, 9)
}

func TestARequestNeverFailsMoreThanThreeTimesInARow(t *testing.T) {
	at, client := flakyServer(t, 1, 1)
	for _, query := range []string{"a", "b"} {
		var got []bool
		for range 13 {
			got = append(got, fate(client, at+query) == "200[]")
		}
		assert.Equal(t, []bool{false, false, false, true, true, true, true, true, true, true, true, false, false}, got)
	}
}

func TestEqualSeedsFailAlikeInAnyOrder(t *testing.T) {
	const n = 40
	fates := func(seed uint64, backwards bool) map[int]string {
		at, client := flakyServer(t, 0.5, seed)
		all := map[int]string{}
		var mu sync.Mutex
		var group sync.WaitGroup
		for i := range n {
			if backwards {
				i = n - 1 - i
			}
			group.Go(func() {
				got := fate(client, at+strconv.Itoa(i))
				mu.Lock()
				defer mu.Unlock()
				all[i] = got
			})
		}
		group.Wait()
		return all
	}
	first := fates(1, false)
	assert.Equal(t, first, fates(1, true))
	assert.NotEqual(t, first, fates(2, false))
}

func TestARecorderSeesFaultsAsPanicsOfNetHTTP(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Collection("/x", orders(5)), fakeapi.Faults(1, 1), fakeapi.IgnoreParameters("q"))
	parts := 0
	for i := range 40 {
		for _, method := range []string{"GET", "HEAD"} {
			w := httptest.NewRecorder()
			func() {
				defer func() {
					if p := recover(); p != nil {
						assert.Equal(t, http.ErrAbortHandler, p)
						if w.Body.Len() > 0 {
							assert.Equal(t, "GET", method)
							assert.Less(t, w.Body.Len(), 300)
							parts++
						}
						return
					}
					assert.Contains(t, []int{429, 503}, w.Code)
				}()
				api.ServeHTTP(w, httptest.NewRequest(method, "/x?q="+strconv.Itoa(i), nil))
			}()
		}
	}
	assert.NotZero(t, parts)
	got := map[int]int{}
	for _, r := range api.Requests() {
		got[r.Status]++
	}
	assert.Len(t, got, 3, "429, 503, and none for those that broke: %v", got)
}
