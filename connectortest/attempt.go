package connectortest

import (
	"context"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// An attempt describes a sync that the suite runs. The zero attempt is an
// uninterrupted sync from an empty state to a new platform.
type attempt struct {
	// from is the state to start from.
	from json.RawMessage
	// platform receives the operations. If it is nil, a new platform does.
	platform *Platform
	// selection is the selection in the form that requests have. If it is nil,
	// everything is selected.
	selection json.RawMessage
	// wholeRows is set if the platform does not accept partial rows. It has no effect
	// on a program.
	wholeRows bool
	// before is called before each operation is applied. It receives the number
	// of the operation, starting at 0. If it returns an error, the sync is cut
	// off: the operation does not arrive.
	before func(n int, op *host.Operation) error
	// cancel is set, before the sync begins, to a function that cancels the sync.
	cancel *context.CancelCauseFunc
	// network replaces the network of the suite.
	network http.RoundTripper
	// connector replaces the connector of the suite.
	connector connector.Connector
	// timeout replaces the sync timeout of the suite.
	timeout time.Duration
	// findLeaks makes the suite look for goroutines that the sync leaves behind.
	findLeaks bool
}

// provideCancel sets *a.cancel to a function that cancels the sync. It returns where
// that function stores the time of its first call.
func (a attempt) provideCancel(cancel context.CancelCauseFunc) (canceledAt *atomic.Pointer[time.Time]) {
	canceledAt = new(atomic.Pointer[time.Time])
	if a.cancel != nil {
		*a.cancel = func(cause error) {
			now := time.Now()
			canceledAt.CompareAndSwap(nil, &now)
			cancel(cause)
		}
	}
	return canceledAt
}
