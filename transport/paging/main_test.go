package paging_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

func number(r *http.Request, name string) (n int) {
	_, _ = fmt.Sscan(r.URL.Query().Get(name), &n)
	return n
}
