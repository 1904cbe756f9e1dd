package jsonvalue

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/transport/internal/floatdigits"
)

// A directReader reads a JSON text into Go values in one pass. It takes less time than
// the decoder, which looks for the functions and options of each value again. It writes each
// value at its address, because package reflect takes longer than the value does.
//
// It only reads what is beyond doubt, and gives up at everything else: text that is not
// valid, a value that does not fit its type, two members that match one field, names with
// escape sequences. The decoder then reads the whole value, and reports the error if there
// is one.
type directReader struct {
	text    []byte
	pos     int
	depth   int
	strict  jsonv2.Options
	buf     []byte // of a string with escape sequences
	strings stringCache
	blocks  []block // of the lists of a target, by its number
	read    int     // bytes of earlier texts
	lossy   bool    // a null or the digits of a number may have been lost
}

const (
	// maxDirectDepth is the depth to which a directReader reads nested values. It is far
	// below that of the decoder, which refuses deeper values.
	maxDirectDepth = 100
	// maxDelegated is the size up to which a directReader leaves a value within a text to
	// the decoder. A longer one may exceed the depth that the decoder allows for the text.
	maxDelegated = 2 * (maxDepth - 2*maxDirectDepth)
	// directPause is the number of values that the decoder reads after one at which a
	// directReader gave up.
	directPause = 8
)

// decodeDirect decodes the value that text begins with into v, which points to a zero
// value. It returns the length of the value. If whole is true, only white space may follow.
// If lossy is false, v has lost nothing. If ok is false, v is as before.
func (p *plan) decodeDirect(text []byte, v any, whole bool) (n int, lossy, ok bool) {
	if p.pause.Load() > 0 {
		p.pause.Add(-1)
		return 0, false, false
	}
	to := reflect.ValueOf(v)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return 0, false, false
	}
	r := p.reader()
	r.text, r.pos, r.depth, r.lossy = text, 0, 0, false
	r.next()
	ok = r.value(p.direct, to.UnsafePointer())
	n, lossy = r.pos, r.lossy
	if ok && whole {
		r.next()
		ok = r.pos == len(text)
	}
	if !ok {
		r.takeBack()
	}
	p.release(r)
	if !ok {
		setZero(v)
		p.pause.Store(directPause)
	}
	return n, lossy, ok
}

// reader returns a reader for values of the plan's type.
func (p *plan) reader() *directReader {
	if r, ok := p.readers.Get().(*directReader); ok {
		return r
	}
	return &directReader{strict: p.strict, blocks: make([]block, p.lists)}
}

// release makes the reader available again.
func (p *plan) release(r *directReader) {
	if r.read += r.pos; r.pos > maxBlockText {
		clear(r.blocks) // before they keep a long text in memory until the next one
	}
	r.text = nil
	if cap(r.buf) > maxPruned {
		r.buf = nil
	}
	p.readers.Put(r)
}

var null = []byte("null")

// mayLose reports whether a value that the decoder reads may have lost a null or the digits of
// a number.
func mayLose(raw []byte) bool {
	if bytes.Contains(raw, null) {
		return true
	}
	start, _ := floatdigits.NextRun(raw, 0, floatdigits.Safe(32)+1)
	return start >= 0
}

// next skips white space and returns the byte after it, or 0 at the end of the text.
func (r *directReader) next() byte {
	for ; r.pos < len(r.text); r.pos++ {
		if c := r.text[r.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// value reads the value at pos into the variable of the target's type at v, which is zero.
// It reports false if it gives up.
func (r *directReader) value(t *target, v unsafe.Pointer) bool {
	if r.pos == len(r.text) {
		return false
	}
	c := r.text[r.pos]
	if c == 'n' && t.kind != targetRaw && t.kind != targetMethod && t.kind != targetOther {
		r.lossy = r.lossy || t.kind != targetPointer && t.kind != targetList
		return r.literal("null") // v is zero
	}
	switch t.kind {
	case targetString:
		text, ok := r.str()
		if ok {
			*(*string)(v) = r.strings.get(text)
		}
		return ok
	case targetInt:
		return r.integer(t, v)
	case targetUint:
		return r.unsigned(t, v)
	case targetBool:
		if c == 't' {
			*(*bool)(v) = true
			return r.literal("true")
		}
		return r.literal("false")
	case targetFloat:
		return r.float(t, v)
	case targetTime:
		return r.time((*time.Time)(v))
	case targetRaw:
		raw, ok := r.span()
		if ok {
			*(*[]byte)(v) = append([]byte(nil), raw...)
		}
		return ok
	case targetMethod:
		raw, ok := r.span()
		if !ok {
			return false
		}
		r.lossy = r.lossy || bytes.Contains(raw, null)
		method, ok := reflect.TypeAssert[json.Unmarshaler](reflect.NewAt(t.typ, v))
		return ok && method.UnmarshalJSON(raw) == nil
	case targetOther:
		raw, ok := r.span()
		r.lossy = r.lossy || mayLose(raw)
		return ok && len(raw) <= maxDelegated && jsonv2.Unmarshal(raw, reflect.NewAt(t.typ, v).Interface(), r.strict) == nil
	}
	return r.nested(t, v)
}

// nested is value for a target that has others.
func (r *directReader) nested(t *target, v unsafe.Pointer) (ok bool) {
	if r.depth++; r.depth > maxDirectDepth {
		return false
	}
	switch c := r.text[r.pos]; {
	case t.kind == targetPointer:
		to := reflect.New(t.element.typ).UnsafePointer()
		*(*unsafe.Pointer)(v) = to
		ok = r.value(t.element, to)
	case t.kind == targetList && c == '[':
		ok = r.list(t, v)
	case t.kind == targetStruct && c == '{':
		ok = r.object(t, v)
	}
	r.depth--
	return ok
}

func (r *directReader) object(t *target, v unsafe.Pointer) bool {
	r.pos++
	if r.next() == '}' {
		r.pos++
		return true
	}
	var seen uint64
	last := -1 // the field that was read last
	for {
		i, ok := r.name(t, last)
		if !ok {
			return false
		}
		r.next()
		if i >= 0 {
			last = i
			if seen>>i&1 == 1 {
				return false
			}
			seen |= 1 << i
			f := &t.fields[i]
			if !r.value(f.target, unsafe.Add(v, f.offset)) {
				return false
			}
		} else if _, ok := r.span(); !ok {
			return false
		}
		switch r.next() {
		case ',':
			r.pos++
			r.next()
		case '}':
			r.pos++
			return true
		default:
			return false
		}
	}
}

// name reads the name of a member and the colon after it. It returns the index of the field
// that matches, or -1. Many sources send the members in the order in which they document
// them, so that the name often is that of the field after the last one.
func (r *directReader) name(t *target, last int) (field int, ok bool) {
	if next := last + 1; next < len(t.fields) {
		if start := t.fields[next].start; len(r.text)-r.pos > len(start) && string(r.text[r.pos:r.pos+len(start)]) == start {
			r.pos += len(start)
			return next, true
		}
	}
	from := r.pos
	if from == len(r.text) || r.text[from] != '"' {
		return 0, false
	}
	end, ascii := plainStringEnd(r.text, from)
	if end < 0 || !ascii {
		return 0, false
	}
	r.pos = end
	if r.next() != ':' {
		return 0, false
	}
	r.pos++
	return t.names.find(r.text[from+1 : end-1]), true
}
