package schema

// memberRoom is the room that a short memberText needs behind a row.
const memberRoom = 32

// A memberText is the beginning of a member of a row: a comma, the name as a JSON
// string and a colon.
type memberText struct {
	text  string
	short uint8            // the length of a text of up to memberRoom bytes, or 0
	bytes [memberRoom]byte // of a short text
}

func newMemberText(name string) memberText {
	m := memberText{text: "," + quotedName(name)}
	if len(m.text) <= memberRoom {
		m.short = uint8(copy(m.bytes[:], m.text))
	}
	return m
}

// quoted returns the text without the comma.
func (m *memberText) quoted() string { return m.text[1:] }

// append appends the text. A copy of a constant number of bytes takes less time than
// a copy of the bytes that count.
func (m *memberText) append(b []byte) []byte {
	if n := len(b); m.short != 0 && cap(b)-n >= memberRoom {
		*(*[memberRoom]byte)(b[n : n+memberRoom]) = m.bytes
		return b[:n+int(m.short)]
	}
	return append(b, m.text...)
}
