package airbyte

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A savedState is the state that the platform hands over. The zero savedState is that
// of a first sync.
type savedState struct {
	streams map[tableName]streamState // for each table of the source with a state
	// shared is the shared part of a state of type GLOBAL. whole is a state that is not
	// split by stream. At most one of them is set.
	shared, whole []byte
	unknown       []descriptor // streams that the source does not have
	mark          string       // see markOf
}

// A streamState is the state of one stream.
type streamState struct {
	descriptor descriptor
	state      []byte
}

// parts returns the parts for host.Run.JoinState. The order does not matter.
func (s *savedState) parts() [][]byte {
	all := [][]byte{s.whole, s.shared}
	for _, part := range s.streams {
		all = append(all, part.state)
	}
	return all
}

// A stateMessage is the part of a STATE message that a source reads.
type stateMessage struct {
	Stream *streamBlob `json:"stream"`
	Global *struct {
		Shared  json.RawMessage `json:"shared_state"`
		Streams []streamBlob    `json:"stream_states"`
	} `json:"global"`
	Data  json.RawMessage `json:"data"`
	State json.RawMessage `json:"state"` // of a message that a source has written
}

type streamBlob struct {
	Descriptor descriptor      `json:"stream_descriptor"`
	State      json.RawMessage `json:"stream_state"`
}

// readState reads a state from a file.
func readState(path string, tables *tableIndex) (*savedState, error) {
	data, err := host.ReadFile(path)
	if err != nil {
		return nil, err
	}
	saved, err := parseState(data, tables)
	if err != nil {
		return nil, &connector.Error{Kind: connector.Configuration, Hint: "reset the state of the connection, or omit --state, to read everything",
			Err: fmt.Errorf("file %s: the state: %w", path, err)}
	}
	return saved, nil
}

// parseState decodes a state: a list of messages, one message, or the object that a
// message of type LEGACY holds; see add. A message replaces what earlier ones state
// about the same stream. Clients write some members of a message twice.
func parseState(data []byte, tables *tableIndex) (*savedState, error) {
	if !json.Valid(data) {
		return nil, errors.New(notJSON(data))
	}
	s := &savedState{mark: markOf(tables), streams: map[tableName]streamState{}}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return s, s.add(data, tables)
	}
	for i, element := range list {
		if err := s.add(element, tables); err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return s, nil
}

// notJSON returns the reason why a state is not valid JSON. A common one is that it has
// the lines of a read instead of a list.
func notJSON(data []byte) string {
	if len(data) == 0 {
		return "it is not valid JSON, because it is empty; want a list of STATE messages"
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	var first, second json.RawMessage
	if dec.Decode(&first) == nil && dec.Decode(&second) == nil {
		return "it is not valid JSON, because it has several values; want a list of STATE messages"
	}
	return "it is not valid JSON"
}

// add adds a message, or an object that has the states of all streams. Such an object
// is a whole state of this module or, as other sources write it, has the state of each
// stream under the name of the stream.
func (s *savedState) add(data []byte, tables *tableIndex) error {
	members, err := objectOf(data)
	if err != nil || members == nil {
		return err
	}
	typ := messageType(members, tables)
	if typ == "" {
		return s.setWhole(data, tables)
	}
	var m stateMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return errors.New("a member has an unexpected type; want a STATE message of type STREAM, GLOBAL or LEGACY")
	}
	switch typ {
	case "STREAM":
		if m.Stream == nil {
			return errors.New("it is of type STREAM and has no member stream")
		}
		s.whole = nil
		return s.setStream(*m.Stream, tables)
	case "GLOBAL":
		if m.Global == nil {
			return errors.New("it is of type GLOBAL and has no member global")
		}
		return s.setGlobal(m.Global.Shared, m.Global.Streams, tables)
	case "LEGACY":
		return s.setWhole(m.Data, tables)
	case "STATE":
		return s.add(m.State, tables)
	}
	return errors.New("it has an unknown type; want STREAM, GLOBAL or LEGACY")
}

// messageType returns the type of a message. It is "" for an object that is a whole
// state: no value of a state of this module is text.
func messageType(members map[string]json.RawMessage, tables *tableIndex) (typ string) {
	if json.Unmarshal(members["type"], &typ) == nil && typ != "" {
		return typ
	}
	has := func(name, member string) bool {
		object, err := objectOf(members[name])
		return err == nil && object[member] != nil
	}
	switch {
	case has("stream", "stream_descriptor"):
		return "STREAM"
	case has("global", "stream_states"):
		return "GLOBAL"
	case members["data"] != nil && tables.find(descriptor{Name: "data"}) == nil:
		return "LEGACY"
	}
	return ""
}

// setWhole replaces everything by an object that has the states of all streams.
func (s *savedState) setWhole(data []byte, tables *tableIndex) error {
	if streams := s.streamsIn(data, tables); streams != nil {
		return s.setGlobal(nil, streams, tables)
	}
	whole, err := s.withoutMark(data)
	if err != nil {
		return err
	}
	*s = savedState{mark: s.mark, streams: map[tableName]streamState{}, whole: whole}
	return nil
}

// streamsIn returns the states of the streams in an object that has them by name. The
// state of a stream has its part under the name of the table, whereas in a whole state,
// the part itself is under that name. The result is nil for a whole state. If each part
// of a whole state has only an object under the name of its table, the parts are
// misread, and the tables are read from the start.
func (s *savedState) streamsIn(data []byte, tables *tableIndex) []streamBlob {
	members, err := objectOf(data)
	if err != nil {
		return nil
	}
	var streams []streamBlob
	found := false
	for _, name := range slices.Sorted(maps.Keys(members)) {
		inner, err := objectOf(members[name])
		if err != nil {
			return nil
		}
		for key, part := range inner {
			switch object, err := objectOf(part); {
			case key == s.mark || key == "_version":
			case err == nil && object != nil && isPartOf(tables, key, name):
				found = true
			default:
				return nil
			}
		}
		streams = append(streams, streamBlob{descriptor{Name: name}, members[name]})
	}
	if !found {
		return nil
	}
	return streams
}

// isPartOf reports whether a part with the given key belongs to a stream without a
// namespace. In a source with several schemas, the key has the name of the schema.
func isPartOf(tables *tableIndex, key, stream string) bool {
	if key == stream {
		return true
	}
	t := tables.find(descriptor{Name: stream})
	keyed, ok := tables.Table(key)
	return ok && keyed == t
}

// setGlobal replaces everything by a shared part and the states of streams.
func (s *savedState) setGlobal(shared []byte, streams []streamBlob, tables *tableIndex) error {
	shared, err := s.withoutMark(shared)
	if err != nil {
		return fmt.Errorf("shared_state: %w", err)
	}
	*s = savedState{mark: s.mark, streams: map[tableName]streamState{}, shared: shared}
	for _, blob := range streams {
		if err := s.setStream(blob, tables); err != nil {
			return err
		}
	}
	return nil
}

// setStream sets the state of a stream. A state that is null has been reset.
func (s *savedState) setStream(blob streamBlob, tables *tableIndex) error {
	if blob.Descriptor.Name == "" {
		return errors.New("a stream has no stream_descriptor.name")
	}
	t := tables.find(blob.Descriptor)
	if t == nil {
		s.unknown = append(s.unknown, blob.Descriptor)
		return nil
	}
	part, err := s.withoutMark(blob.State)
	if err != nil {
		return fmt.Errorf("stream %s: %w", blob.Descriptor.shown(), err)
	}
	if part == nil {
		delete(s.streams, nameOf(t))
		return nil
	}
	s.streams[nameOf(t)] = streamState{blob.Descriptor, part}
	return nil
}

// objectOf returns the members of a JSON object. They are nil for a value that is
// missing or null.
func objectOf(data []byte) (map[string]json.RawMessage, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, errors.New("want an object, or null")
	}
	return members, nil
}

// sameState reports whether two states are the same JSON. A missing state is the same
// as an empty one.
func sameState(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y := decoded(a), decoded(b)
	return len(x) == 0 && len(y) == 0 || reflect.DeepEqual(x, y)
}

// decoded returns the members of an object. Numbers keep their digits.
func decoded(object []byte) map[string]any {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	var members map[string]any
	if dec.Decode(&members) != nil { // missing
		return nil
	}
	return members
}
