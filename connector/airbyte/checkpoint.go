package airbyte

import (
	"slices"
	"strconv"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/rawjson"
	"github.com/penstock-sdk/penstock/state"
)

// checkpoint writes the state of each stream that has changed, or that has had records
// since its last state. No other message comes between these states.
func (d *delivery) checkpoint(op *host.Operation) error {
	shared, used, changed := []byte("{}"), false, !d.anyState
	var parts []streamPart
	for _, part := range op.Parts() {
		if part.Table == nil {
			shared, used, changed = part.State, part.Used, changed || part.Changed
			continue
		}
		p := d.partOf(part)
		changed = changed || p.changed || p.records() > 0
		parts = append(parts, p)
	}
	if err := d.setGlobal(used || hasShared(shared)); err != nil {
		return err
	}
	d.anyState = true
	if d.global {
		if !changed {
			return nil
		}
		return d.writeGlobal(shared, parts)
	}
	parts = slices.DeleteFunc(parts, func(p streamPart) bool { return p.stream == nil || !p.changed && p.records() == 0 })
	for _, p := range parts {
		if err := d.writePart(&p); err != nil {
			return err
		}
	}
	return nil
}

// setGlobal notes whether the connector uses the shared part of the state.
func (d *delivery) setGlobal(used bool) error {
	late := used && !d.global && d.anyState
	d.global = d.global || used
	if !late {
		return nil
	}
	return d.warn("the connector used the shared part of the state only after a checkpoint, so this sync writes states of the types STREAM and GLOBAL, which the platform may reject: " +
		"the connector must call State.Shared before its first checkpoint")
}

// hasShared reports whether the shared part of a state is not empty. The part of a table
// that the source no longer has may be next to it; it is not kept.
func hasShared(shared []byte) bool {
	members, _ := objectOf(shared) // the runtime has written it
	part, _ := objectOf(members[state.SharedName])
	return len(part) > 0
}

// partOf returns the state of the stream of a part. The first state of a sync is
// compared with the one that the platform has handed over.
func (d *delivery) partOf(part host.StatePart) streamPart {
	p := streamPart{stream: d.streamOf(part.Table), state: part.State, changed: part.Changed}
	saved, known := d.saved.streams[nameOf(part.Table)]
	if !d.anyState {
		p.changed = !sameState(saved.state, part.State)
	}
	switch {
	case p.stream != nil:
		p.quoted = p.stream.quoted
		p.stream.done = p.stream.done && !p.changed // the end of the table did not cover the change
	case known:
		p.quoted = saved.descriptor.quoted()
	default:
		unselected := descriptor{Name: part.Table.Name}
		if d.namespaced {
			unselected.Namespace = part.Table.Schema
		}
		p.quoted = unselected.quoted()
	}
	return p
}

// writePart writes the state of a stream as a message of type STREAM.
func (d *delivery) writePart(p *streamPart) error {
	b := append([]byte(`{"type":"STATE","state":{"type":"STREAM","stream":`), '{')
	b = append(d.appendPart(b, p), '}')
	records := p.stream.records
	p.stream.records, p.stream.stated = 0, true
	return d.lines.Line("", append(appendCount(b, records), "}}"...), "")
}

// writeGlobal writes the whole state as a message of type GLOBAL. It includes tables
// that are not selected, because the message replaces the whole state of the platform.
func (d *delivery) writeGlobal(shared []byte, parts []streamPart) error {
	b := append([]byte(`{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":`), shared...)
	b = append(b, `,"stream_states":[`...)
	records := int64(0)
	for i := range parts {
		b = append(d.appendPart(append(rawjson.AppendComma(b, i), '{'), &parts[i]), '}')
		if s := parts[i].stream; s != nil {
			records += s.records
			s.records, s.stated = 0, true
		}
	}
	b = append(b, "]}"...)
	return d.lines.Line("", append(appendCount(b, records), "}}"...), "")
}

// appendPart appends the descriptor and the state of a stream as members of an object.
// A platform rejects a state that repeats the last one although records arrived between
// them. If the part has not changed, the state therefore contains a mark that differs.
func (d *delivery) appendPart(b []byte, p *streamPart) []byte {
	b = append(append(append(b, `"stream_descriptor":`...), p.quoted...), `,"stream_state":`...)
	if p.changed || p.records() == 0 {
		return append(b, p.state...)
	}
	b = append(b, p.state[:len(p.state)-1]...)
	if len(p.state) > len("{}") {
		b = append(b, ',')
	}
	b = append(append(append(b, '"'), d.mark...), `":{"at":"`...)
	b = time.Unix(0, d.now()).UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","records":`...)
	return append(strconv.AppendInt(b, p.stream.total, 10), "}}"...)
}

// appendCount appends the number of records that a state covers. The protocol wants a
// decimal point.
func appendCount(b []byte, records int64) []byte {
	b = append(b, `,"sourceStats":{"recordCount":`...)
	return append(strconv.AppendInt(b, records, 10), ".0}"...)
}
