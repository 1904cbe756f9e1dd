package schema

// An encoderColumn is a declared column. The nil one stands for all that are
// not declared.
type encoderColumn struct {
	Column
	position int
	quoted   string // the name as JSON, with the colon
	drop     bool
}

func (c *encoderColumn) isKey() bool { return c != nil && c.PrimaryKey }

func (c *encoderColumn) typ() Type {
	if c == nil {
		return 0
	}
	return c.Type
}

func (c *encoderColumn) name(undeclared []byte) string {
	if c == nil {
		return string(undeclared)
	}
	return c.Name
}

func (c *encoderColumn) dropped(e *Encoder, undeclared []byte) bool {
	if c == nil {
		return e.drop(string(undeclared))
	}
	return c.drop
}
