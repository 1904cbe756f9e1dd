package singer

import (
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

// HostWithDeadline is Host with another deadline.
func HostWithDeadline(d time.Duration) host.Option {
	return host.With(host.Wire{Name: "singer", Prefix: "tap-", Accepts: accepts, Deadline: d, Serve: serveProcess})
}
