package singer

import (
	"errors"
	"strings"
)

// A choice is a boolean member that may be absent.
type choice int8

// The values of a choice.
const (
	unstated choice = iota
	chosen
	refused
)

// UnmarshalJSON accepts a boolean, null, and the text of a boolean, which tools write
// that read the value from an environment variable.
func (c *choice) UnmarshalJSON(value []byte) error {
	switch strings.ToLower(strings.Trim(string(value), `"`)) {
	case "true":
		*c = chosen
	case "false":
		*c = refused
	case "null":
		*c = unstated
	default:
		return errors.New("want true or false")
	}
	return nil
}
