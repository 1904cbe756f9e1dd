package transport

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// maxReason is how many bytes of a reason an error holds.
const maxReason = 400

// failure returns the error of a job that has failed, according to a response to Poll.
func (r *jobRun) failure(poll *Page, status string) error {
	err := fmt.Errorf("%w: status %s", ErrJobFailed, r.text(status))
	reason, found := r.reason(poll)
	if at := r.Poll(r.id).ErrorAt; at != "" && poll.reported(at) != nil {
		err = fmt.Errorf("%w: %w", err, ErrReported)
	}
	switch {
	case reason == "":
	case found:
		err = fmt.Errorf("%w: %s", err, reason)
	default:
		err = fmt.Errorf("%w: the response is %s", err, reason)
	}
	kd := defect
	if r.OnFailure != nil {
		switch action := r.OnFailure(status, reason); action {
		case DoFail:
		case DoBlame:
			kd = configuration
		case DoRepeat:
			kd = temporary
		default:
			err = fmt.Errorf("%w (transport.Job: OnFailure returned the action %d instead of DoFail, DoBlame or DoRepeat)", err, action)
		}
	}
	failed := poll.fail(err)
	var e *Error
	if errors.As(failed, &e) {
		e.kind = kd
	}
	return failed
}

// reason returns the source's explanation of a failure without secrets. If no member
// of the response explains it, reason reports false and returns the response.
func (r *jobRun) reason(poll *Page) (text string, found bool) {
	for _, at := range []string{r.ReasonAt, r.Poll(r.id).ErrorAt} {
		if at == "" {
			continue
		}
		// A path that leads nowhere must not hide the failure.
		if raw, ok, err := poll.Find(at); err == nil && ok && !isEmptyValue(raw) {
			return poll.reasonText(readable(raw)), true
		}
	}
	if found := poll.explanations(); found != "" {
		return found, true
	}
	return poll.reasonText(string(poll.doc.Body[:min(len(poll.doc.Body), maxMasked+1)])), false
}

// explanations returns the members of the page whose names suggest an explanation of a
// failure, without secrets, or "".
func (p *Page) explanations() string {
	var body any
	if p.doc == nil || len(p.doc.Body) > maxExplained {
		return ""
	}
	if _, err := jsonvalue.Decode(p.doc.Body, &body); err != nil {
		return ""
	}
	return p.reasonText(strings.Join(explanations(body), ", "))
}

func (p *Page) reasonText(s string) string {
	return p.client.mask().excerpt([]byte(s), maxReason-len("…"))
}

// isEmptyValue reports whether a JSON value reports no error.
func isEmptyValue(raw []byte) bool {
	switch string(raw) {
	case "null", "false", "0", `""`:
		return true
	}
	if raw[0] != '[' && raw[0] != '{' {
		return false
	}
	doc, err := jsonpath.NewDocument(raw)
	return err == nil && doc.Empty(jsonpath.Span{Start: 0, End: len(raw)})
}

// readable returns the characters of a JSON string, or any other JSON text as it is. It
// returns the beginning of a text that is too long for an error.
func readable(raw []byte) string {
	var text string
	if len(raw) > maxMasked {
		raw = raw[:maxMasked+1]
	}
	if raw[0] == '"' && jsonv2.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

const (
	// maxExplained is the largest number of bytes of a response that is searched for an
	// explanation, for which it is decoded.
	maxExplained        = 256 << 10
	maxExplanations     = 4
	maxExplanationDepth = 4
)

// explanations returns the members of a JSON value whose names suggest an explanation of
// a failure. Members of outer objects come first.
func explanations(v any) []string {
	var found []string
	level := []any{v}
	for depth := 0; depth < maxExplanationDepth && len(level) > 0; depth++ {
		var inner []any
		for _, v := range level {
			switch v := v.(type) {
			case []any:
				inner = append(inner, v[:min(len(v), maxExplanations)]...)
			case map[string]any:
				for _, name := range slices.Sorted(maps.Keys(v)) {
					if !explains(name) {
						inner = append(inner, v[name])
						continue
					}
					raw, err := jsonv2.Marshal(v[name], jsonv2.Deterministic(true), jsonvalue.EncodeOptions)
					if err == nil && !isEmptyValue(raw) && !isCount(name, raw) && len(found) < maxExplanations {
						found = append(found, name+": "+readable(raw))
					}
				}
			}
		}
		level = inner
	}
	return found
}

// isCount reports whether a member is a number or a bool that explains nothing, such as
// numErrors.
func isCount(name string, raw []byte) bool {
	switch raw[0] {
	case '"', '{', '[':
		return false
	}
	return !strings.Contains(strings.ToLower(name), "code")
}

// explains reports whether the name of a member suggests an explanation.
func explains(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"error", "message", "reason", "fail", "exception", "detail", "cause", "fault", "problem", "issue", "diagnos"},
		func(word string) bool { return strings.Contains(name, word) })
}
