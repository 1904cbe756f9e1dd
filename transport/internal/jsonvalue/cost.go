package jsonvalue

import (
	"fmt"
	"math"
	"reflect"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

const (
	// checkedText is the number of bytes from which a text is checked before it is decoded.
	// The values of a shorter text take little memory.
	checkedText = 64 << 10
	// anyValue is about the number of bytes of memory of a value in an any, such as an empty
	// list.
	anyValue = 128
	// maxNumber is the largest number of digits of a number. The time to decode a big.Int
	// grows with the square of it.
	maxNumber = 1 << 17
	// maxDepth is the depth up to which the decoder reads nested values.
	maxDepth = 10_000
)

// CheckCost returns an error that wraps ErrTooLarge if decoding a value into the type that v
// points to would take much more memory than the limit, which is that of its text. A value
// of millions of empty lists takes 40 times its text. The check costs nothing for a short
// text.
func CheckCost(raw []byte, v any, limit int64) error {
	if len(raw) < checkedText {
		return nil
	}
	p := planFor(v, false)
	c := p.cost
	most := max(2*min(limit, math.MaxInt64/2), anyValue*checkedText)
	values, largest, digits := countValues(raw, c.members)
	if c.numbers && digits > maxNumber || c.perValue > 0 && values > most/c.perValue {
		if err := checkMemory(raw, p.memory(), most); err != nil {
			return err
		}
	}
	// The decoder remembers the names of all members, also of those that no field reads.
	if c.objects && largest > most/anyValue {
		return fmt.Errorf("%w: an object with more than %d members: decode the whole record into a json.RawMessage, or raise the limit of its size, such as transport.WithMaxBody", sentinel.ErrTooLarge, most/anyValue)
	}
	return nil
}

// checkMemory returns an error if the values of a text would take more than most bytes. It
// takes longer than countValues, and leaves out the values that are not decoded.
func checkMemory(raw []byte, p *memoryPlan, most int64) error {
	count, valid := countMemory(raw, p)
	switch {
	case count.digits > maxNumber:
		return fmt.Errorf("%w: a number of %d digits, more than %d", sentinel.ErrTooLarge, count.digits, maxNumber)
	case valid && count.bytes <= most:
		return nil
	}
	of := "it"
	if member := count.largest(); member != "" {
		of = "the member " + member
	}
	return fmt.Errorf("%w: %s has values that would take more than %d MiB of memory: decode %s into a json.RawMessage, or raise the limit of its size, such as transport.WithMaxBody", sentinel.ErrTooLarge, of, most>>20, of)
}

// countValues returns the number of elements of all lists in a JSON text, or that of all
// values if members is true, the number of members of the largest object, and the length of
// the longest number.
func countValues(raw []byte, members bool) (values, largest int64, digits int) {
	var object [maxDepth/64 + 1]uint64 // a bit for each open bracket
	var size []int64                   // of each open bracket
	depth, inObject := 0, false
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			if i = stringEnd(raw, i); i < 0 {
				return values, largest, digits // the decoder reports it
			}
			continue
		case c == '{' || c == '[':
			if depth == maxDepth {
				return values, largest, digits
			}
			size = append(size, 0)
			object[depth/64] &^= 1 << (depth % 64)
			if inObject = c == '{'; inObject {
				object[depth/64] |= 1 << (depth % 64)
			}
			depth++
			if !inObject || members {
				values++
			}
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return values, largest, digits
			}
			size = size[:depth]
			inObject = depth > 0 && object[(depth-1)/64]>>((depth-1)%64)&1 == 1
		case c == ',':
			if !inObject || members {
				values++
			}
			if inObject && depth > 0 {
				size[depth-1]++
				largest = max(largest, size[depth-1])
			}
		case c >= '0' && c <= '9':
			start := i
			for i < len(raw) && isScalar[raw[i]] {
				i++
			}
			digits = max(digits, i-start)
			continue
		}
		i++
	}
	return values, largest, digits
}

// A cost describes the memory of the values of a type.
type cost struct {
	perValue int64 // of the largest one; 0 if the type has no lists, maps and pointers to structs
	members  bool  // the members of objects count as well
	numbers  bool  // a number may take time
	objects  bool  // the decoder remembers the names of the members of an object
}

// add adds the cost of the type t. known holds the types that have been examined.
func (c *cost) add(t reflect.Type, known map[reflect.Type]bool) {
	for t.Kind() == reflect.Pointer && !known[t] {
		known[t] = true
		if t = t.Elem(); t.Kind() == reflect.Struct && t != bigIntType && !decodesItself(t) {
			// Each member can be such a pointer.
			c.perValue, c.members = max(c.perValue, int64(t.Size())), true
		}
	}
	if known[t] {
		return
	}
	known[t] = true
	c.numbers = c.numbers || t == bigIntType
	if !decodesItself(t) && t != rawMessageType {
		c.addParts(t, known)
	}
}

// addParts adds the cost of what a value of the type t consists of.
func (c *cost) addParts(t reflect.Type, known map[reflect.Type]bool) {
	c.objects = c.objects || t.Kind() == reflect.Struct
	switch t.Kind() {
	case reflect.Interface:
		c.perValue, c.members = max(c.perValue, anyValue), true
	case reflect.Map:
		c.perValue, c.members = max(c.perValue, anyValue, anyValue/2+sizeOf(t.Elem())), true
		c.add(t.Elem(), known)
	case reflect.Slice:
		if t.Elem().Kind() != reflect.Uint8 {
			c.perValue = max(c.perValue, sizeOf(t.Elem()))
			c.add(t.Elem(), known)
		}
	case reflect.Array:
		c.add(t.Elem(), known)
	case reflect.Struct:
		for sf := range t.Fields() {
			c.add(sf.Type, known)
		}
	}
}

// sizeOf returns the size of a value of the type t and of what it points to.
func sizeOf(t reflect.Type) int64 {
	n := int64(t.Size())
	if t.Kind() == reflect.Pointer {
		n += int64(t.Elem().Size())
	}
	return n
}
