package schema

import "fmt"

// An encoderColumn is a declared column of an encoder's table, or a column that
// only the struct type of a row has. A nil *encoderColumn stands for a column
// that neither declares.
type encoderColumn struct {
	Column
	position int
	member   memberText
	quoted   string // the member text without the comma
	plain    plainValues
	drop     bool
	checked  bool        // each value must be passed to Encoder.settle
	texts    binaryTexts // of a BINARY column
}

// newEncoderColumn returns the column at a position of the table, or at no
// position if the position is negative.
func newEncoderColumn(c Column, position int) *encoderColumn {
	member := newMemberText(c.Name)
	return &encoderColumn{
		Column: c, position: position, member: member, quoted: member.quoted(), plain: newPlainValues(c),
		checked: c.PrimaryKey || c.Type == TypeBinary || c.Type == TypeDecimal && c.Precision > 0,
	}
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
func (c *encoderColumn) name(undeclared string) string {
	if c == nil {
		return undeclared
	}
	return c.Name
}

// check returns an error if the column does not allow a value of its type. The
// value has its canonical form.
func (c *encoderColumn) check(value []byte, n notes) error {
	if len(value) < 2 || value[0] != '"' {
		return nil // null
	}
	text := value[1 : len(value)-1]
	switch {
	case c.Type == TypeBinary && n&base64Text != 0:
		return c.texts.add(text)
	case c.Type == TypeDecimal && c.Precision > 0:
		if why := c.decimalProblem(text); why != "" {
			return &valueError{why: why, unfit: true}
		}
	}
	return nil
}

// decimalProblem returns why the column's precision and scale do not allow a
// number, or "".
func (c *Column) decimalProblem(number []byte) string {
	whole, fraction := decimalDigits(number)
	switch {
	case whole > c.Precision-c.Scale:
		return fmt.Sprintf("it has %d digits before the decimal point, and DECIMAL(%d,%d) allows %d", whole, c.Precision, c.Scale, c.Precision-c.Scale)
	case fraction > c.Scale:
		return fmt.Sprintf("it has %d digits after the decimal point, and DECIMAL(%d,%d) allows %d", fraction, c.Precision, c.Scale, c.Scale)
	}
	return ""
}
