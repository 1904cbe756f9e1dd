package stdin

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/pasted"
)

// maxRequest is the maximum size of a request in bytes. It has room for the largest
// state, the configuration and the selection, and for a platform that formats the
// state or escapes more of its characters.
const maxRequest = host.MaxState + 8<<20

// An Action is what a [Request] asks for.
type Action string

// The actions of a request.
const (
	ActionSchema Action = "schema" // list the tables
	ActionTest   Action = "test"   // test the connection
	ActionSpec   Action = "spec"   // describe the configuration
	ActionSync   Action = "sync"   // deliver the rows
)

// A Request is a decoded request from a platform.
type Request struct {
	Action    Action          // ActionSync if the request names none
	Secrets   json.RawMessage // the configuration: an object, or nil if there is none
	State     json.RawMessage // an object, or nil if there is none
	Selection host.Selection  // everything if the request has none
	// Unknown holds the dotted names of members that the protocol does not define, sorted. What
	// looks like a key rather than a name is masked.
	Unknown []string
}

// ReadRequest reads a request, which must extend to the end of the input. If the context is
// done, it returns the cause and abandons the goroutine that reads, which ends with the input.
//
// An error of the kind [connector.Configuration] describes the mistake in the request, without
// a value of the configuration or of the state. If the input cannot be read, the kind is
// [connector.Interrupted].
func ReadRequest(ctx context.Context, in io.Reader) (*Request, error) {
	type result struct {
		req *Request
		err error
	}
	done := make(chan result, 1)
	go func() {
		req, err := readRequest(in)
		done <- result{req, err}
	}()
	select {
	case got := <-done:
		return got.req, got.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// readRequest reads one JSON object, which must extend to the end of the input.
// It rejects input that is not JSON at the first invalid byte, without reading
// the rest.
func readRequest(r io.Reader) (*Request, error) {
	limited := &io.LimitedReader{R: r, N: maxRequest + 1}
	in := bufio.NewReader(limited)
	if err := skipSpace(in); err != nil {
		return nil, err
	}
	dec := jsontext.NewDecoder(in)
	object, err := dec.ReadValue()
	if err == nil {
		object = object.Clone()
		if _, err = dec.ReadToken(); errors.Is(err, io.EOF) && limited.N > 0 {
			return parseRequest(object)
		}
		if err == nil {
			err = errTrailing
		}
	}
	return nil, refusal(err, limited.N <= 0)
}

var errTrailing = errors.New("text follows the JSON object")

// skipSpace skips a byte-order mark and white space. It is an error if no JSON
// object follows.
func skipSpace(in *bufio.Reader) error {
	if bom, err := in.Peek(3); err == nil && string(bom) == "\uFEFF" {
		_, _ = in.Discard(3)
	}
	for {
		c, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return badRequest(wantRequest, "it is empty")
		case err != nil:
			return connector.Errorf(connector.Interrupted, "read the request: %w", err)
		case c == '{':
			return in.UnreadByte()
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return badRequest(wantRequest, "it is not a JSON object")
		}
	}
}

// wantRequest is the hint for input that is not a request at all.
const wantRequest = `want one JSON object such as {"selection":{"action":"schema"}}`

// badRequest reports a request that cannot be answered. The hint says what to send
// instead.
func badRequest(hint, format string, args ...any) error {
	return &connector.Error{Kind: connector.Configuration, Hint: hint, Err: fmt.Errorf("request: "+format, args...)}
}

// refusal turns a decoder's error into one that says what to fix in the request.
func refusal(err error, tooLarge bool) error {
	var syntax *jsontext.SyntacticError
	switch {
	case tooLarge:
		return badRequest("if the state is that large, reset it", "it is larger than %d MiB", maxRequest>>20)
	case errors.Is(err, errTrailing):
		return badRequest(wantRequest, "text follows the JSON object")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return badRequest(wantRequest, "it ends in the middle of the JSON object")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return badRequest("give each member of an object a name of its own", "one of its objects has a duplicate name")
	case errors.As(err, &syntax):
		return badRequest(wantRequest, "it is not valid JSON after byte %d", syntax.ByteOffset)
	}
	return connector.Errorf(connector.Interrupted, "read the request: %w", err)
}

// parseRequest decodes a request. Its members may be in any order.
func parseRequest(object []byte) (*Request, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return nil, badRequest(wantRequest, "it is not valid JSON")
	}
	req := &Request{Action: ActionSync}
	for name, raw := range members {
		var err error
		switch name {
		case "secrets":
			req.Secrets, err = wantObject(name, raw)
		case "state":
			req.State, err = wantObject(name, raw)
		case "selection":
			err = req.parseSelection(raw)
		default:
			req.Unknown = append(req.Unknown, pasted.Name(name))
		}
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(req.Unknown)
	return req, nil
}

// parseSelection decodes the member selection.
func (req *Request) parseSelection(raw json.RawMessage) error {
	object, err := wantObject("selection", raw)
	if err != nil || object == nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return badRequest(wantRequest, "selection is not valid JSON")
	}
	for name, raw := range members {
		switch name {
		case "action":
			if string(raw) == "null" {
				continue
			}
			if err := json.Unmarshal(raw, &req.Action); err != nil {
				return badRequest(wantAction, "selection.action is not a string")
			}
			switch req.Action {
			case ActionSchema, ActionTest, ActionSpec, ActionSync:
			default:
				return badRequest(wantAction, "unknown selection.action %s", pasted.Argument(string(req.Action)))
			}
		case "tables":
			if req.Selection, err = ParseSelection(raw); err != nil {
				return badRequest("correct the selection", "%w", err)
			}
		default:
			req.Unknown = append(req.Unknown, "selection."+pasted.Name(name))
		}
	}
	return nil
}

// wantAction is the hint for an unknown action.
const wantAction = "want one of " + string(ActionSchema+", "+ActionTest+", "+ActionSpec+", "+ActionSync)

// wantObject returns a member that must be an object, or nil if it is null.
func wantObject(name string, raw json.RawMessage) (json.RawMessage, error) {
	switch jsontext.Value(raw).Kind() {
	case 'n':
		return nil, nil
	case '{':
		return raw, nil
	}
	return nil, badRequest("want an object", "%s is not an object", name)
}
