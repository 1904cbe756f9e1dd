package airbyte

import (
	"encoding/json"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

// markOf returns the name of the member that makes the states of a stream differ; see
// delivery.appendPart. The part of a table must not have this name.
func markOf(tables schema.Schema) string {
	mark := "__penstock"
	for slices.ContainsFunc(tables.Tables(), func(t *schema.Table) bool { return t.Name == mark }) {
		mark += "_"
	}
	return mark
}

// withoutMark returns a state without its mark. It returns nil for a state that is
// missing or null.
func (s *savedState) withoutMark(state []byte) ([]byte, error) {
	members, err := objectOf(state)
	if err != nil || members == nil {
		return nil, err
	}
	if _, marked := members[s.mark]; !marked {
		return state, nil
	}
	delete(members, s.mark)
	return json.Marshal(members)
}
