package singer

import (
	"cmp"
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A stateWriter composes STATE messages. It composes the bookmark of a stream again
// only if it has changed, because a source may have thousands of tables.
type stateWriter struct {
	streams *streams
	shared  []byte // the shared part, as a JSON string
	isEmpty bool   // whether the shared part is empty
	version string // of the state, as JSON
	// expected holds the bookmarks of streams that the sync has not declared yet.
	expected []rawjson.Member
	buf      []byte
}

// emptyBookmark is the bookmark of a stream without a part.
const emptyBookmark = `{"` + plainName + `":[],"` + jsonName + `":"{}","` + versionName + `":0}`

// message returns the STATE message of a checkpoint. It is valid until the next call.
// Each selected stream has a bookmark, even if it is empty, so that an old one does
// not return if a platform merges the state into an old one. A stream that is not
// selected keeps the one that it had.
func (w *stateWriter) message(op *host.Operation) ([]byte, error) {
	if w.shared == nil {
		w.shared, w.isEmpty = []byte(`"{}"`), true
	}
	present := make(map[*stream]bool, len(w.streams.all))
	b := w.buf[:0]
	b = append(b, `{"type":"STATE","value":{"`+bookmarksName+`":{`...)
	for _, p := range op.Parts() {
		if p.Table == nil {
			if p.Changed {
				if err := w.composeShared(p.State); err != nil {
					return nil, fmt.Errorf("compose the shared part: %w", err)
				}
			}
			continue
		}
		stream := w.streams.of(p.Table)
		if stream == nil { // it was declared, but is not selected
			var err error
			if stream, err = w.streams.declare(p.Table); err != nil {
				return nil, err
			}
		}
		if p.Changed || stream.bookmark == nil {
			if err := w.compose(stream, p.State); err != nil {
				return nil, fmt.Errorf("compose the bookmark of %s: %w", stream.name, err)
			}
		}
		b = appendMember(rawjson.AppendComma(b, len(present)), stream)
		present[stream] = true
	}
	for _, stream := range w.streams.all {
		if present[stream] || !stream.saved && !w.isReset(stream) {
			continue
		}
		stream.bookmark = nil // composed again if the stream gets a part
		b = rawjson.AppendString(rawjson.AppendComma(b, len(present)), stream.name)
		b = append(b, ":"+emptyBookmark...)
		present[stream] = true
	}
	for i, m := range w.expected {
		b = rawjson.AppendString(rawjson.AppendComma(b, len(present)+i), m.Name)
		b = append(append(b, ':'), m.Value...)
	}
	b = append(append(b, `},"`+commonName+`":{"`+sharedName+`":`...), w.shared...)
	b = append(append(b, `,"`+versionName+`":`...), cmp.Or(w.version, "0")...)
	if late := w.late(); len(late) > 0 {
		b = rawjson.AppendStrings(append(b, `,"`+lateName+`":`...), late)
	}
	b = append(b, "}}}"...)
	w.buf = b
	return b, nil
}

// compose composes the bookmark of a stream.
func (w *stateWriter) compose(stream *stream, part []byte) error {
	bookmark, version, err := bookmarkOf(namesOf(stream), part)
	if err != nil {
		return err
	}
	stream.bookmark = bookmark
	if version != "0" {
		w.version = version
	}
	return nil
}

// composeShared composes the shared part. Until a table is declared, the runtime keeps
// its part there. Its stream nevertheless has a bookmark, so that the user can reset it.
func (w *stateWriter) composeShared(state []byte) error {
	all, err := rawjson.Members(state)
	if err != nil {
		return err
	}
	version := versionOf(state)
	var rest, names []rawjson.Member
	parts := map[string][]rawjson.Member{} // by stream
	for _, m := range all {
		switch stream, expected := w.streams.expected[m.Name]; {
		case m.Name == versionName || string(m.Value) == "{}":
		case expected:
			if parts[stream] == nil {
				names = append(names, rawjson.Member{Name: stream})
			}
			parts[stream] = append(parts[stream], m)
		default:
			rest = append(rest, m)
		}
	}
	w.expected = names
	for i, m := range names {
		own := parts[m.Name]
		if w.expected[i].Value, _, err = bookmarkOf([]string{own[0].Name}, stateWith(own, version)); err != nil {
			return err
		}
	}
	kept := stateWith(rest, version)
	if w.isEmpty = kept == nil; w.isEmpty {
		kept = []byte("{}")
	}
	w.shared = rawjson.AppendString(nil, kept)
	return nil
}

// appendMember appends the bookmark of a stream as a member.
func appendMember(b []byte, stream *stream) []byte {
	return append(append(rawjson.AppendString(b, stream.name), ':'), stream.bookmark...)
}

// isReset reports whether a stream without a part must have an empty bookmark although
// it is not selected. If this is a full refresh, an older bookmark may refer to a
// position by its number. This sync has begun to count again, so the number may be
// that of another position.
func (w *stateWriter) isReset(stream *stream) bool {
	carrier := w.streams.carrier(stream)
	return !w.isEmpty || carrier != nil && w.streams.isSelected(carrier)
}

// late returns the names of the streams that only the sync declares or may declare.
func (w *stateWriter) late() []string {
	var names []string
	for _, stream := range w.streams.all {
		if stream.late {
			names = append(names, stream.name)
		}
	}
	for _, m := range w.expected {
		names = append(names, m.Name)
	}
	return names
}
