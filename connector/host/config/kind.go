package config

// A Kind is the kind of value that a field takes.
type Kind uint8

const (
	// Text is a string, or a type that decodes itself from text, such as
	// netip.Addr.
	Text Kind = iota
	// Integer is a whole number.
	Integer
	// Number is a number that may have a fraction.
	Number
	// Bool is true or false.
	Bool
	// Duration is a length of time, as text such as "1h30m".
	Duration
	// Time is an instant or a date, as text in the format of RFC 3339.
	Time
	// Bytes is binary data, as base64 text.
	Bytes
	// List is a JSON array. [Field].Items describes its items.
	List
	// Map is a JSON object whose member names are chosen by the user.
	// [Field].Items describes the values of the members.
	Map
	// Object is a JSON object with the members in [Field].Fields.
	Object
	// JSON is any JSON value, or a value that only the type of the field can
	// decode.
	JSON
)

var kindNames = [...]string{"text", "integer", "number", "bool", "duration", "time", "bytes", "list", "map", "object", "json"}

// String returns the kind as one lower-case word, such as "duration".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}
