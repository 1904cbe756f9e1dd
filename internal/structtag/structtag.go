// Package structtag finds mistakes in struct tags that package reflect ignores.
package structtag

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/internal/editdistance"
)

// pair matches a key and a value, and the space before them. Package reflect also takes a
// comma for a part of the key.
var pair = regexp.MustCompile(`^ *([^\x00-\x20:",\x7f]+):("(?:[^"\\]|\\.)*")`)

// ours matches text that a person may have meant as a key of this module.
var ours = regexp.MustCompile(`\b(?:json|schema)`)

// Problem returns what is wrong with a tag as far as the keys json, schema and jsonschema
// are concerned, or "": a pair that is not of the form key:"value", or a key that is a
// misspelling of schema or jsonschema.
func Problem(tag reflect.StructTag) string {
	rest := string(tag)
	for strings.TrimLeft(rest, " ") != "" {
		found := pair.FindStringSubmatch(rest)
		if found == nil {
			if !ours.MatchString(rest) {
				return "" // it is of no concern to this module
			}
			return fmt.Sprintf("this part of its tag has no effect, because it is not of the form key:%q, with a space before each further key: %s", "value", strings.TrimLeft(rest, " "))
		}
		if _, err := strconv.Unquote(found[2]); err != nil {
			return fmt.Sprintf("the value of %s in its tag is not a string of Go: %s", found[1], found[2])
		}
		if want := misspelled(found[1]); want != "" {
			return fmt.Sprintf("its tag has the key %s: write %s", found[1], want)
		}
		rest = rest[len(found[0]):]
	}
	return ""
}

// misspelled returns the key of which another one is a misspelling, or "".
func misspelled(key string) string {
	for _, want := range []string{"json", "schema", "jsonschema"} {
		plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(key))
		switch {
		case key == want:
			return ""
		case plain == want, want != "json" && len(key) <= len(want)+1 && editdistance.Between(plain, want) == 1: // bson is a key of others
			return want
		}
	}
	return ""
}
