package transport

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// refusePart returns an error if a response has a part of the bytes of a file although the
// request asked for all of them (RFC 9110 §15.3.7), as a cache answers that has kept a download
// that was cut. Sources also use the status for pages, in other units, such as "items 0-24/3573".
func refusePart(hr *http.Response) error {
	if hr.StatusCode != http.StatusPartialContent || hr.Request == nil || hr.Request.Header.Get("Range") != "" {
		return nil
	}
	unit, part, _ := strings.Cut(strings.TrimSpace(hr.Header.Get("Content-Range")), " ")
	var first, last int64
	var length string
	if _, err := fmt.Sscanf(part, "%d-%d/%s", &first, &last, &length); err != nil || !strings.EqualFold(unit, "bytes") {
		return nil //nolint:nilerr // a header that does not mean this
	}
	size, err := strconv.ParseInt(length, 10, 64)
	switch {
	case err == nil && (first > 0 || last < size-1):
		return fmt.Errorf("%w: the source sent the bytes %d to %d of %d, although all of them were requested", ErrCut, first, last, size)
	case first > 0: // of an unknown size
		return fmt.Errorf("%w: the source sent the bytes from %d on, although all of them were requested", ErrCut, first)
	}
	return nil
}
