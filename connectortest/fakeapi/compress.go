package fakeapi

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
)

// Compress compresses the body of each response with the content coding gzip, if the
// Accept-Encoding header of the request allows it (RFC 9110 §12.5.3). Without that
// header, the body is not compressed. The responses have a Vary header. Files of
// [GzipFile] are not compressed again.
func Compress() Option { return func(a *API) { a.compress = true } }

// compressed compresses the body of a response if its request allows it, and reports
// whether it does.
func (r response) compressed(req *http.Request) (response, bool) {
	if len(r.body) == 0 || r.contentType == gzipType {
		return r, false
	}
	r.set("Vary", "Accept-Encoding")
	if !acceptsGzip(req.Header.Values("Accept-Encoding")) {
		return r, false
	}
	r.body = gzipped(r.body)
	r.set("Content-Encoding", "gzip")
	return r, true
}

// acceptsGzip reports whether the lines of an Accept-Encoding header prefer gzip to no
// coding. An element for gzip takes precedence over one for *.
func acceptsGzip(lines []string) bool {
	quality, byName := 0.0, false
	for element := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		coding, parameter, _ := strings.Cut(element, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		named := coding == "gzip" || coding == "x-gzip"
		if !named && (coding != "*" || byName) {
			continue
		}
		quality, byName = qualityOf(parameter), named
	}
	return quality > 0
}

// qualityOf returns the weight in a parameter such as q=0.5. It is 1 by default and 0
// if the parameter is malformed.
func qualityOf(parameter string) float64 {
	name, value, ok := strings.Cut(strings.TrimSpace(parameter), "=")
	if !ok && strings.TrimSpace(name) == "" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 0
	}
	return q
}

// gzipped returns data in the gzip format. Equal data yields equal bytes.
func gzipped(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(data) // a buffer accepts everything
	_ = w.Close()
	return b.Bytes()
}
