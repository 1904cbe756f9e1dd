package format

// A bracketStack holds the open brackets of a text, one bit for each.
type bracketStack struct {
	bits  []uint64
	depth int
}

// maxJSONDepth is the largest depth of nested arrays and objects.
const maxJSONDepth = 10000

func (s *bracketStack) push(object bool) {
	i := s.depth / 64
	if i == len(s.bits) {
		s.bits = append(s.bits, 0)
	}
	s.bits[i] &^= 1 << (s.depth % 64)
	if object {
		s.bits[i] |= 1 << (s.depth % 64)
	}
	s.depth++
}

// inObject reports whether the innermost bracket is that of an object.
func (s *bracketStack) inObject() bool {
	return s.bits[(s.depth-1)/64]>>((s.depth-1)%64)&1 == 1
}
