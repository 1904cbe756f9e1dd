// Package status describes HTTP status codes.
package status

import (
	"fmt"
	"net/http"
	"slices"
)

// Text returns a status code with its name.
func Text(code int) string {
	if name := http.StatusText(code); name != "" {
		return fmt.Sprintf("%d %s", code, name)
	}
	return fmt.Sprintf("status %d", code)
}

var retryable = []int{
	http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	520, 521, 522, 523, 524, 529, // of proxies
}

// Retryable reports whether a request that failed with the code may succeed later.
func Retryable(code int) bool { return slices.Contains(retryable, code) }
