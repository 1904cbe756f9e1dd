package jsonvalue

import (
	"strings"
)

// A memoryCount is the memory that the values of a text would take, other than that of the
// text itself.
type memoryCount struct {
	text  []byte
	pos   int
	depth int

	bytes  int64
	digits int // of the longest number in a big.Int

	path   []string // of the members at pos
	field  *memoryField
	shares map[*memoryField]int64  // of bytes, without what further fields in it have
	paths  map[*memoryField]string // of the first member of each field with a share
}

// countMemory returns the memory of the values that are decoded from a JSON text, without
// those that no field reads and those that stay text. It reports false if the text is not
// valid. It does not find each error.
func countMemory(raw []byte, p *memoryPlan) (*memoryCount, bool) {
	c := &memoryCount{text: raw, shares: map[*memoryField]int64{}, paths: map[*memoryField]string{}}
	return c, c.value(p)
}

// largest returns the path of the member whose values take the most memory. It is "" if these
// are not in a member.
func (c *memoryCount) largest() string {
	rest, most := c.bytes, int64(0)
	path := ""
	for f, n := range c.shares {
		rest -= n
		if n > most || n == most && c.paths[f] < path {
			most, path = n, c.paths[f]
		}
	}
	if rest > most {
		return ""
	}
	return path
}

// shownNames is the number of names that are shown of the path of a member.
const shownNames = 8

func (c *memoryCount) add(n int64) {
	c.bytes += n
	if c.field == nil || n == 0 {
		return
	}
	if _, known := c.paths[c.field]; !known {
		c.paths[c.field] = strings.Join(c.path[max(0, len(c.path)-shownNames):], ".")
	}
	c.shares[c.field] += n
}

// value counts the value at pos, after white space.
func (c *memoryCount) value(p *memoryPlan) (ok bool) {
	if c.depth++; c.depth > 2*maxDepth {
		return false // of a type such as "type P *P"
	}
	switch first := c.next(); {
	case c.pos == len(c.text):
	case p.kind == memoryPointer:
		if first != 'n' {
			c.add(p.size)
		}
		ok = c.value(p.element)
	case p.kind == memoryNumber:
		start := c.pos
		for c.pos < len(c.text) && isScalar[c.text[c.pos]] {
			c.pos++
		}
		c.digits = max(c.digits, c.pos-start)
		ok = c.pos > start || c.skip()
	case p.kind == memoryAny:
		start := c.pos
		if ok = c.skip(); ok {
			values, _, digits := countValues(c.text[start:c.pos], p.all.members)
			c.add((1 + values) * p.all.perValue)
			if p.all.numbers {
				c.digits = max(c.digits, digits)
			}
		}
	case first == '[' && (p.kind == memoryList || p.kind == memoryArray):
		ok = c.list(p)
	case first == '{' && (p.kind == memoryMap || p.kind == memoryStruct):
		ok = c.object(p)
	default:
		ok = c.skip()
	}
	c.depth--
	return ok
}

// next skips white space and returns the byte after it, or 0 at the end of the text.
func (c *memoryCount) next() byte {
	for ; c.pos < len(c.text); c.pos++ {
		if b := c.text[c.pos]; b != ' ' && b != '\n' && b != '\r' && b != '\t' {
			return b
		}
	}
	return 0
}

// skip skips the value at pos.
func (c *memoryCount) skip() bool {
	end := valueEnd(c.text, c.pos)
	if end >= 0 {
		c.pos = end
	}
	return end >= 0
}

func (c *memoryCount) list(p *memoryPlan) bool {
	c.pos++
	c.add(p.header)
	if c.next() == ']' {
		c.pos++
		return true
	}
	for {
		c.add(p.size)
		if !c.value(p.element) {
			return false
		}
		switch c.next() {
		case ',':
			c.pos++
		case ']':
			c.pos++
			return true
		default:
			return false
		}
	}
}

func (c *memoryCount) object(p *memoryPlan) bool {
	c.pos++
	c.add(p.header)
	if c.next() == '}' {
		c.pos++
		return true
	}
	for {
		c.add(p.size)
		if !c.member(p) {
			return false
		}
		switch c.next() {
		case ',':
			c.pos++
		case '}':
			c.pos++
			return true
		default:
			return false
		}
	}
}

// member counts the member at pos of an object.
func (c *memoryCount) member(p *memoryPlan) bool {
	if c.next() != '"' {
		return false
	}
	end := stringEnd(c.text, c.pos)
	if end < 0 {
		return false
	}
	name := c.text[c.pos+1 : end-1]
	c.pos = end
	if c.next() != ':' {
		return false
	}
	c.pos++
	if p.kind == memoryMap {
		return c.value(p.element)
	}
	f := p.field(name)
	if f == nil {
		return c.next() != 0 && c.skip()
	}
	outer := c.field
	c.field, c.path = f, append(c.path, f.name)
	ok := c.value(f.plan)
	c.field, c.path = outer, c.path[:len(c.path)-1]
	return ok
}
