package state

import (
	"bytes"
	"encoding/json"
)

// followsKey is the key in the part of a follower. Its value is a coverage.
const followsKey = "_follows"

// A coverage states up to which position of the other table a follower is
// covered. The zero coverage is unknown.
type coverage struct {
	// Number is the number of the position, or of the position where the
	// follower fell behind or was first read without the other table.
	Number int `json:"number"`
	// Of is a name of the other table. A new version of a connector may let a
	// table follow another one.
	Of string `json:"of"`
	// Position is a copy of the position, or nil if the follower is in step.
	Position json.RawMessage `json:"position,omitzero"`
	// Parted is a copy of the position from which the follower was first read
	// without the other table. It is nil if the follower is behind.
	Parted json.RawMessage `json:"parted,omitzero"`
	// Passed is set in a part that is stored separately. Number is then 0, and Position
	// is also set if the follower is in step.
	Passed *positionList `json:"passed,omitzero"`
}

// least returns a position that is not further on than the follower.
func (c *coverage) least() json.RawMessage {
	if c.Parted != nil {
		return c.Parted
	}
	return c.Position
}

// equal reports whether two coverages are the same.
func (c *coverage) equal(other *coverage) bool {
	return c.Number == other.Number && c.Of == other.Of && bytes.Equal(c.Position, other.Position) && bytes.Equal(c.Parted, other.Parted)
}
