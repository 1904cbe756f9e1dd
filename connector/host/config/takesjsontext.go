package config

// TakesJSONText reports whether text sets the field to the JSON that the text contains, so that
// a text must be given as "\"text\"". This is so for a json.RawMessage. Text sets any other
// field of kind [JSON] to itself if the field can hold text.
func (f Field) TakesJSONText() bool { return f.base == rawMessageType || f.base == rawValueType }
