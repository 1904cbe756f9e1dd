package protocol

// A Condition decides whether the fields of a [ConditionalField] are shown: the field with a
// name must have a value. All of Bool, Text and Empty are nil if the condition is of a kind
// that this package does not know.
type Condition struct {
	Field string
	Bool  *bool   // the value of a toggle
	Text  *string // the value of any other field
	Empty *bool   // whether the field is empty
}

// Append implements the message.
func (c *Condition) Append(b []byte) []byte {
	b = appendString(b, 1, c.Field)
	switch {
	case c.Bool != nil:
		b = appendOptionalBool(b, 2, *c.Bool)
	case c.Text != nil:
		b = appendOptionalString(b, 3, *c.Text)
	case c.Empty != nil:
		b = appendOptionalBool(b, 4, *c.Empty)
	}
	return b
}

func (c *Condition) parse(message []byte) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			c.Field = f.string()
		case f.number == 2 && f.isVarint():
			c.Bool, c.Text, c.Empty = new(f.bool()), nil, nil
		case f.number == 3 && f.isBytes():
			c.Bool, c.Text, c.Empty = nil, new(f.string()), nil
		case f.number == 4 && f.isVarint():
			c.Bool, c.Text, c.Empty = nil, nil, new(f.bool())
		}
		return nil
	})
}

// conditionalFields is the part of a form field that holds its condition and its fields.
type conditionalFields FormField

func (c *conditionalFields) Append(b []byte) []byte {
	b = appendMessage(b, 1, &c.Condition)
	for i := range c.Fields {
		b = appendMessage(b, 2, &c.Fields[i])
	}
	return b
}

func (c *conditionalFields) parse(message []byte, depth int) error {
	return fields(message, func(f *field) error {
		switch {
		case f.number == 1 && f.isBytes():
			return c.Condition.parse(f.bytes)
		case f.number == 2 && f.isBytes():
			var input FormField
			err := input.parse(f.bytes, depth)
			c.Fields = append(c.Fields, input)
			return err
		}
		return nil
	})
}
