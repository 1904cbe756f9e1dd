package protocol

// A dropdown holds the choices of a field. Without choices, it is an empty message.
type dropdown []string

func (d dropdown) Append(b []byte) []byte {
	for _, choice := range d {
		b = appendOptionalString(b, 1, choice)
	}
	return b
}
