package config

import (
	"fmt"
	"strings"
)

// TextInputDescription returns the description of the field for a form that has only a line of
// text for each field. If not any text will do, it begins with a note on how to enter a value,
// such as "A duration such as 30s or 1h30m. How long to wait".
func (f Field) TextInputDescription() string {
	note := f.inputNote()
	switch {
	case note == "" || len(f.Choices) > 0: // a form can offer the choices
		return f.Description
	case f.Description == "":
		return note
	}
	return note + ". " + f.Description
}

// inputNote says how to enter a value in a line of text, or is "" if any text will do.
func (f Field) inputNote() string {
	switch f.Kind {
	case Integer, Number:
		switch {
		case f.Minimum != "" && f.Maximum != "":
			return fmt.Sprintf("From %v to %v", f.Minimum, f.Maximum)
		case f.Minimum != "":
			return fmt.Sprintf("At least %v", f.Minimum)
		case f.Maximum != "":
			return fmt.Sprintf("At most %v", f.Maximum)
		}
	case Duration:
		return "A duration such as 30s or 1h30m"
	case Time:
		return "A time such as 2006-01-02T15:04:05Z, or a date"
	case List:
		return f.listNote()
	case Map:
		return `A JSON object such as {"a":"b"}`
	case Object:
		return "A JSON object with the members " + f.memberNames()
	case JSON:
		return "A JSON value"
	case Bytes:
		return "Base64"
	}
	return ""
}

// listNote says how to enter a list.
func (f Field) listNote() string {
	switch f.Items.Kind {
	case Object:
		return "A JSON array of objects with the members " + f.Items.memberNames()
	case Map:
		return "A JSON array of objects"
	case List:
		return "A JSON array of arrays"
	case JSON:
		return "A JSON array"
	}
	return `A JSON array such as ["a","b"], or words separated by commas`
}

// memberNames returns the names of the members of an object, and which are required.
func (f Field) memberNames() string {
	names := make([]string, len(f.Fields))
	for i := range f.Fields {
		names[i] = f.Fields[i].Name
		if f.Fields[i].Required {
			names[i] += " (required)"
		}
	}
	return strings.Join(names, ", ")
}
