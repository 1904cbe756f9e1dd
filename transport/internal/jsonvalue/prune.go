package jsonvalue

import (
	"sync"

	jsonv2 "github.com/go-json-experiment/json"
)

// A pruner copies a JSON value without the members that no field of a struct reads. The
// decoder takes about as long to skip a member as to read it, and longer to check that its
// name is unique. The pruner drops a member only if its value is valid beyond doubt, and
// copies everything else for the decoder to check.
//
// It gives up at names that it cannot compare quickly, at two members that match one
// field, and at text that is not valid.
type pruner struct {
	text    []byte
	pos     int
	out     []byte
	dropped int // the number of members
}

// pruners holds pruners for reuse.
var pruners = sync.Pool{New: func() any { return new(pruner) }}

const (
	// maxPruned is the size up to which the memory of a pruner is reused.
	maxPruned = 64 << 10
	// maxPrunedText is the size up to which a text is pruned, for which it is copied.
	maxPrunedText = 1 << 20
	// pruningPause is the number of values that are not pruned after one that has not
	// become shorter.
	pruningPause = 64
	// bytesPerDropped is the length of text that the pruner copies in about the time that
	// the decoder takes for a member.
	bytesPerDropped = 100
)

// decodePruned decodes the value that text begins with into v, which points to a zero
// value, if it is faster to prune it first. It returns the length of the value. If whole is
// true, only white space may follow. If it reports false, v is as before.
func (p *plan) decodePruned(text []byte, v any, whole bool) (n int, ok bool) {
	if !p.prunes || len(text) > maxPrunedText {
		return 0, false
	}
	if p.pause.Load() > 0 {
		p.pause.Add(-1)
		return 0, false
	}
	pr := pruners.Get().(*pruner)
	pr.text, pr.pos, pr.dropped = text, 0, 0
	pr.next()
	ok = pr.value(p.shape)
	n = pr.pos
	if ok && whole {
		pr.next()
		ok = pr.pos == len(text)
	}
	if !ok || pr.dropped*bytesPerDropped < n {
		p.pause.Store(pruningPause)
	}
	if ok && jsonv2.Unmarshal(pr.out, v, p.lenient) != nil {
		setZero(v)
		ok = false
	}
	pr.text, pr.out = nil, pr.out[:0]
	if p.keepsText || cap(pr.out) > maxPruned {
		pr.out = nil
	}
	pruners.Put(pr)
	return n, ok
}

// value copies the value at pos. It reports false if it gives up.
func (p *pruner) value(s *shape) bool {
	if p.pos == len(p.text) {
		return false
	}
	switch c := p.text[p.pos]; {
	case s == nil:
	case c == '{' && s.kind == shapeStruct:
		return p.object(s)
	case c == '[' && s.kind == shapeList:
		return p.list(s)
	}
	end := valueEnd(p.text, p.pos)
	if end < 0 {
		return false
	}
	p.out = append(p.out, p.text[p.pos:end]...)
	p.pos = end
	return true
}

// next skips white space and returns the byte after it, or 0 at the end of the text.
func (p *pruner) next() byte {
	for ; p.pos < len(p.text); p.pos++ {
		if c := p.text[p.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

func (p *pruner) list(s *shape) bool {
	p.pos++
	p.out = append(p.out, '[')
	if p.next() == ']' {
		p.pos++
		p.out = append(p.out, ']')
		return true
	}
	for {
		p.next()
		if !p.value(s.element) {
			return false
		}
		c := p.next()
		if c != ',' && c != ']' {
			return false
		}
		p.pos++
		p.out = append(p.out, c)
		if c == ']' {
			return true
		}
	}
}

func (p *pruner) object(s *shape) bool {
	p.pos++
	start := len(p.out)
	p.out = append(p.out, '{')
	if p.next() == '}' {
		p.pos++
		p.out = append(p.out, '}')
		return true
	}
	var seen uint64
	for {
		if p.next() != '"' {
			return false
		}
		from := p.pos
		end, ascii := plainStringEnd(p.text, p.pos)
		if end < 0 || !ascii {
			return false
		}
		p.pos = end
		if p.next() != ':' {
			return false
		}
		p.pos++
		p.next()
		if i := s.names.find(p.text[from+1 : end-1]); i >= 0 {
			if seen>>i&1 == 1 {
				return false
			}
			seen |= 1 << i
			p.out = append(p.out, p.text[from:p.pos]...)
			if !p.value(s.names.fields[i].shape) {
				return false
			}
			p.out = append(p.out, ',')
		} else if end := plainValueEnd(p.text, p.pos, maxPlainDepth); end >= 0 {
			p.pos = end
			p.dropped++
		} else {
			p.out = append(p.out, p.text[from:p.pos]...)
			if !p.value(nil) {
				return false
			}
			p.out = append(p.out, ',')
		}
		switch p.next() {
		case ',':
			p.pos++
			continue
		case '}':
			p.pos++
			if last := len(p.out) - 1; last > start {
				p.out[last] = '}' // instead of a comma
			} else {
				p.out = append(p.out, '}')
			}
			return true
		}
		return false
	}
}
