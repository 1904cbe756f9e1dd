package redact

// longMiss is the number of bytes from which on a part of a text that is equal to a part of a
// pattern, but not a match, counts as compared in vain.
const longMiss = 512

// A misses holds the numbers of bytes that were compared in vain in the search of one text,
// by pattern. The zero value is empty. A source can choose both a token and a text, so that
// they are equal at very many positions except for their ends.
type misses[P comparable] map[P]int

// add adds a number of bytes of a pattern. It reports whether the bytes of the pattern have
// become excessive.
func (m *misses[P]) add(pattern P, size, text int) bool {
	if *m == nil {
		*m = misses[P]{}
	}
	(*m)[pattern] += size
	return m.areExcessive(pattern, text)
}

// areExcessive reports whether the bytes of a pattern are many in relation to the length of
// the text, so that another way to search is faster.
func (m *misses[P]) areExcessive(pattern P, text int) bool {
	const times, least = 8, 1 << 16
	return len(*m) > 0 && (*m)[pattern] > least+times*text
}

// occurrences calls found for each occurrence of a pattern in a text, until it returns false.
// It uses the algorithm of Knuth, Morris and Pratt, whose time does not depend on how often
// the pattern almost occurs.
func occurrences[T ~string | ~[]byte](text []byte, pattern T, found func(span) bool) {
	// borders[i] is the length of the longest text with which the first i bytes of the
	// pattern begin and end, except for these bytes themselves.
	borders := make([]int32, len(pattern)+1)
	borders[0] = -1
	for i, length := 0, int32(-1); i < len(pattern); i++ {
		for length >= 0 && pattern[length] != pattern[i] {
			length = borders[length]
		}
		length++
		borders[i+1] = length
	}
	length := 0 // of the start of the pattern before at
	for at := range text {
		for length == len(pattern) || length >= 0 && pattern[length] != text[at] {
			length = int(borders[length])
		}
		length++
		if length == len(pattern) && !found(span{at + 1 - length, at + 1}) {
			return
		}
	}
}
