package state

// maxDepth is the maximum depth of nested arrays and objects in a value that a
// connector sets. The JSON packages of this module reject text that is nested
// more than 10,000 deep. Platforms wrap a state into objects of their own and
// read it with other libraries, many of which stop at about 1,000.
const maxDepth = 500

// depth returns the depth of nested arrays and objects in valid JSON.
func depth(raw []byte) int {
	deepest, now := 0, 0
	quoted := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			now++
			deepest = max(deepest, now)
		case c == ']' || c == '}':
			now--
		}
	}
	return deepest
}
