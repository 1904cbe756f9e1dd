package schema

// An encoderColumn is a declared column of an encoder's table. A nil
// *encoderColumn stands for a column that the table does not declare.
type encoderColumn struct {
	Column
	position int
	quoted   string // the name as a JSON string, followed by a colon
	drop     bool
}

func (c *encoderColumn) isKey() bool { return c != nil && c.PrimaryKey }

func (c *encoderColumn) typ() Type {
	if c == nil {
		return 0
	}
	return c.Type
}

// name returns the column's name. For an undeclared column, it returns the
// argument.
func (c *encoderColumn) name(undeclared []byte) string {
	if c == nil {
		return string(undeclared)
	}
	return c.Name
}
