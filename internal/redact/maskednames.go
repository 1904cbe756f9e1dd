package redact

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// MaskedNames keeps the masked names of the members of JSON objects distinct. Otherwise two
// secrets of an object, or a secret and a member that is named like the mask, would have the
// same name, and a reader would lose one of the members. It is not safe for concurrent use.
type MaskedNames struct {
	text    []byte
	begun   int // the number of objects that have begun
	open    map[int]object
	members []map[string]bool // the names of each object of the text; nil until they are needed
}

// An object holds the state of the object at a depth.
type object struct {
	number int            // within the text
	times  map[string]int // the number of times that a masked name has occurred
}

// NewMaskedNames returns the names of the objects in a JSON text.
func NewMaskedNames(text []byte) *MaskedNames {
	return &MaskedNames{text: text, open: map[int]object{}}
}

// Begin reports that the next object of the text begins, at a depth.
func (n *MaskedNames) Begin(depth int) {
	n.open[depth] = object{n.begun, map[string]int{}}
	n.begun++
}

// Unique returns a masked name, with a number if the object at the depth has a member of that
// name already or later. The name of a member without a secret therefore never changes.
func (n *MaskedNames) Unique(depth int, name string) string {
	if n.members == nil {
		n.members = namesOfObjects(n.text)
	}
	in := n.open[depth]
	for {
		in.times[name]++
		unique := name
		if times := in.times[name]; times > 1 {
			unique = fmt.Sprintf("%s %d", name, times)
		}
		if names := n.members[in.number]; !names[unique] {
			names[unique] = true
			return unique
		}
	}
}

// namesOfObjects returns the names of the members of each object in a JSON text, up to the
// first error.
func namesOfObjects(text []byte) []map[string]bool {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var all []map[string]bool
	at := map[int]map[string]bool{} // by depth
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return all
		}
		depth := dec.StackDepth()
		switch token.Kind() {
		case '{':
			at[depth] = map[string]bool{}
			all = append(all, at[depth])
		case '"':
			if kind, length := dec.StackIndex(depth); kind == '{' && length%2 == 1 {
				at[depth][token.String()] = true
			}
		}
	}
}
