package schema

// notes are what a rowWriter records about the value that it writes.
type notes uint8

const (
	replacedText notes = 1 << iota // bytes were replaced by U+FFFD
	nulledValue                    // a value that does not fit was replaced by null
	zeroTime                       // a zero time was written as null
	base64Text                     // the value of a BINARY column was text
)
