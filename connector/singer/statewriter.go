package singer

import (
	"cmp"
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A stateWriter composes STATE messages. It composes the bookmark of a stream again
// only if it has changed, because a source may have thousands of tables.
type stateWriter struct {
	streams *streams
	shared  []byte // the shared part, as a JSON string
	isEmpty bool   // whether the shared part is empty
	version string // of the state, as JSON
	buf     []byte
}

// message returns the STATE message of a checkpoint. It is valid until the next call.
// Each selected stream has a bookmark, even if it is empty, so that an old one does
// not return if the state is laid onto an old state.
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
				w.shared, w.isEmpty = appendQuoted(nil, p.State), len(p.State) <= len("{}")
			}
			continue
		}
		of := w.streams.of(p.Table)
		if of == nil { // it was declared, but is not selected
			var err error
			if of, err = w.streams.declare(p.Table); err != nil {
				return nil, err
			}
		}
		if p.Changed || of.bookmark == nil {
			if err := w.compose(of, p.State); err != nil {
				return nil, fmt.Errorf("compose the bookmark of %s: %w", of.name, err)
			}
		}
		b = appendMember(comma(b, len(present)), of)
		present[of] = true
	}
	for _, of := range w.streams.all {
		if present[of] || !w.isReset(of) {
			continue
		}
		if err := w.compose(of, []byte("{}")); err != nil {
			return nil, err
		}
		b = appendMember(comma(b, len(present)), of)
		present[of] = true
	}
	b = append(append(b, `},"`+commonName+`":{"`+sharedName+`":`...), w.shared...)
	b = append(append(b, `,"`+versionName+`":`...), cmp.Or(w.version, "0")...)
	if late := w.late(); len(late) > 0 {
		b = appendList(append(b, `,"`+lateName+`":`...), late)
	}
	b = append(b, "}}}"...)
	w.buf = b
	return b, nil
}

// compose composes the bookmark of a stream.
func (w *stateWriter) compose(of *stream, part []byte) error {
	bookmark, version, err := bookmarkOf(namesOf(of), part)
	if err != nil {
		return err
	}
	of.bookmark = bookmark
	if version != "0" {
		w.version = version
	}
	return nil
}

// appendMember appends the bookmark of a stream as a member.
func appendMember(b []byte, of *stream) []byte {
	return append(append(appendQuoted(b, of.name), ':'), of.bookmark...)
}

// isReset reports whether a stream without a part must have an empty bookmark although
// it is not selected. If this is a full refresh, an older bookmark may refer to a
// position by its number. This sync has begun to count again, so the number may be
// that of another position.
func (w *stateWriter) isReset(of *stream) bool {
	carrier := w.streams.carrier(of)
	return !w.isEmpty || carrier != nil && w.streams.isSelected(carrier)
}

// late returns the names of the streams that only the sync declares.
func (w *stateWriter) late() []string {
	var names []string
	for _, of := range w.streams.all {
		if of.late {
			names = append(names, of.name)
		}
	}
	return names
}
