package state

// followersKey is the key in the part of a table that others follow. Its value is a
// carriage.
const followersKey = "_followers"

// A carriage identifies the position of a table that others follow. A position
// with a greater number is further on than one with a smaller number, provided
// that both numbers are at least Since. Each sync that moves the position gives it
// a new number. A table that was not declared in that sync, because the source did
// not have it, or it followed another table, is therefore not in step.
type carriage struct {
	Number int `json:"number"`
	// Since is the number with which the table last started from an earlier
	// position.
	Since int `json:"since"`
	// Again makes the next sync start from the beginning.
	Again bool `json:"again,omitzero"`
	// Passed is set in a part that is stored separately. The numbers are then 0.
	Passed *positionList `json:"passed,omitzero"`
}
