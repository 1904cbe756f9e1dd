package connectortest

import (
	"bytes"
	"encoding/json"
	"strings"
)

// replace stores secrets that the source has replaced, so that later requests send them.
// request is the one whose secrets were replaced. A secret of the program that differs from
// the one in the request, because one of them is wrong on purpose, is not replaced.
func (p *program) replace(request []byte, values map[string]string) {
	var sent struct{ Secrets json.RawMessage }
	if json.Unmarshal(request, &sent) != nil {
		return
	}
	for q := p; q != nil; q = q.parent {
		q.rotates = true
	}
	for field, value := range values {
		path := strings.Split(field, ".")
		for q := p; q != nil; q = q.parent {
			if current := memberAt(q.secrets, path); current != nil && bytes.Equal(current, memberAt(sent.Secrets, path)) {
				q.secrets = withMember(q.secrets, path, value)
			}
		}
	}
}

// memberAt returns a member of nested objects, or nil if there is none.
func memberAt(object json.RawMessage, path []string) json.RawMessage {
	for _, name := range path {
		var members map[string]json.RawMessage
		if json.Unmarshal(object, &members) != nil {
			return nil
		}
		object = members[name]
	}
	return object
}

// withMember returns nested objects with another value of a member that they have.
func withMember(object json.RawMessage, path []string, value string) json.RawMessage {
	var changed any = value
	if len(path) > 0 {
		var members map[string]json.RawMessage
		_ = json.Unmarshal(object, &members) // memberAt has parsed it
		members[path[0]] = withMember(members[path[0]], path[1:], value)
		changed = members
	}
	text, _ := json.Marshal(changed) // cannot fail for parsed JSON and a string
	return text
}
