package state

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// split rewrites the parts that refer to one another, so that a platform can store each
// of them separately.
func (s *Snapshot) split() {
	byName := make(map[string]*SavedPart, len(s.parts))
	for i := range s.parts {
		byName[s.parts[i].Name] = &s.parts[i]
	}
	s.doc.splitting.Lock()
	defer s.doc.splitting.Unlock()
	for _, f := range s.families {
		f.family.splitParts(f, s.sequence, byName)
	}
	s.doc.shared.splitParts(s, byName)
}

// A splitPart is a part that is being split.
type splitPart struct {
	saved   *SavedPart
	members map[string]json.RawMessage
}

// readPart decodes a part. It returns nil if the part has no member with the given key,
// because there is then nothing to split.
func readPart(saved *SavedPart, key string) *splitPart {
	if saved == nil || !bytes.Contains(saved.JSON, []byte(key)) {
		return nil
	}
	p := &splitPart{saved: saved}
	if json.Unmarshal(saved.JSON, &p.members) != nil || p.members[key] == nil {
		return nil
	}
	return p
}

// position returns the connector's position: the members that are not the runtime's.
func (p *splitPart) position() json.RawMessage {
	own := maps.Clone(p.members)
	maps.DeleteFunc(own, func(key string, _ json.RawMessage) bool { return isRuntime(key) })
	return objectOf(own)
}

// set replaces the value of a key.
func (p *splitPart) set(key string, v json.RawMessage) {
	p.members[key] = v
	p.saved.JSON = objectOf(p.members)
}

// objectOf returns a JSON object with the members sorted by key.
func objectOf(members map[string]json.RawMessage) json.RawMessage {
	sorted := make([]rawjson.Member, 0, len(members))
	for _, key := range slices.Sorted(maps.Keys(members)) {
		sorted = append(sorted, rawjson.Member{Name: key, Value: rawjson.Value(members[key])})
	}
	return json.RawMessage(rawjson.Object(sorted))
}
