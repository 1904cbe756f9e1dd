package connectortest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// maxOperationBytes is the number of bytes of a request in which the suite looks for
// the name of an operation.
const maxOperationBytes = 64 << 10

// An endpoint is what requests of the same kind share.
type endpoint struct {
	// path is the method and the path, in which IDs are replaced by an asterisk.
	path string
	// operation tells apart the requests of sources with one path for everything, such
	// as GraphQL and JSON-RPC. It is empty for other sources.
	operation string
}

// anID matches segments of a path that differ from record to record: numbers, and long
// texts with several digits, such as a UUID.
var anID = regexp.MustCompile(`^(\d+|[\w%~.-]*\d[\w%~.-]*\d[\w%~.-]*\d[\w%~.-]*)$`)

// endpointOf returns the endpoint of a request.
func endpointOf(r *http.Request) endpoint {
	return endpoint{r.Method + " " + pathWithoutIDs(r.URL.EscapedPath()), operationOf(r)}
}

// pathWithoutIDs returns a path in which IDs are replaced by an asterisk.
func pathWithoutIDs(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if anID.MatchString(segment) && (len(segment) >= 8 || strings.Trim(segment, "0123456789") == "") {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}

// operationOf returns the members of the body of a request that name an operation.
// The others change from page to page.
func operationOf(r *http.Request) string {
	if r.Method != http.MethodPost || r.GetBody == nil {
		return ""
	}
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	var named struct {
		Query         any `json:"query"`
		Method        any `json:"method"`
		OperationName any `json:"operationName"`
	}
	text, err := io.ReadAll(io.LimitReader(body, maxOperationBytes))
	if err != nil || json.Unmarshal(text, &named) != nil {
		return ""
	}
	operation := ""
	for _, member := range []any{named.OperationName, named.Method, named.Query} {
		if text, ok := member.(string); ok {
			operation += text + "\n"
		}
	}
	return operation
}

// An endpointCount is an endpoint and the number of requests to it.
type endpointCount struct {
	endpoint
	name  string // for reports
	count int
}

// endpointCounts count the requests to each endpoint. They are safe for concurrent use.
type endpointCounts struct {
	mu  sync.Mutex
	all []*endpointCount // in the order of their first requests
}

func (e *endpointCounts) add(r *http.Request) {
	found := endpointOf(r)
	e.mu.Lock()
	defer e.mu.Unlock()
	at := slices.IndexFunc(e.all, func(known *endpointCount) bool { return known.endpoint == found })
	if at < 0 {
		operations := 1
		for _, known := range e.all {
			if known.path == found.path {
				operations++
			}
		}
		name := found.path
		if found.operation != "" { // its text may be long
			name = fmt.Sprintf("%s (operation %d)", name, operations)
		}
		at = len(e.all)
		e.all = append(e.all, &endpointCount{endpoint: found, name: name})
	}
	e.all[at].count++
}

// counted returns the endpoints in the order of their first requests.
func (e *endpointCounts) counted() []*endpointCount {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.all)
}
