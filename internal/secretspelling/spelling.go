package secretspelling

import "slices"

// A Spelling is a form in which a secret may appear in a text.
type Spelling struct {
	// Name says what the form is, such as "as JSON".
	Name string
	// Spell returns a text in the form. If the form says nothing new about a text, such
	// as the lines of a text that has one, Spell returns "".
	Spell func(s string) string
	// Last reports that nothing may follow in the text, because the end is cut off.
	Last bool
	// Binary reports that the form is base64 or hexadecimal, or contains it.
	Binary bool
	// Twice reports that the form encodes bytes twice, such as base64 in hexadecimal.
	Twice bool
}

// Spellings returns at least 20 spellings.
func Spellings() []Spelling {
	return slices.Concat(escapes, binaries, nested, layouts, truncations())
}
