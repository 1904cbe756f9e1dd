package transport

import (
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// reported returns an error if the body of a response reports one at a path. Its text
// is without the secrets of m.
func reported(resp *Response, at jsonpath.Path, m *mask) error {
	if resp.hasNoContent() {
		return nil
	}
	body, err := resp.utf8Body()
	if err != nil {
		return nil //nolint:nilerr // decoding the body reports the error
	}
	doc, err := jsonpath.NewDocument(body)
	if err != nil {
		return nil //nolint:nilerr // decoding the body reports the error
	}
	v, ok, err := doc.Find(at)
	if err != nil || !ok {
		return err
	}
	raw := v.Of(doc.Body)
	switch string(raw) {
	case "null", "false", "0", `""`:
		return nil
	}
	if (raw[0] == '[' || raw[0] == '{') && doc.Empty(v) {
		return nil
	}
	var text string
	if raw[0] == '"' {
		if err := jsonv2.Unmarshal(raw, &text); err != nil {
			text = string(raw)
		}
	} else {
		text = string(raw)
	}
	return fmt.Errorf("%w: %s", ErrReported, shorten.Line(m.text(text), 200))
}
