package schema

import (
	"reflect"
	"strings"
)

// jsonName returns the name in the json tag of a field, or "".
func jsonName(sf reflect.StructField) string {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	return name
}

// hasOption reports whether the options of a json tag, separated by commas,
// include the one with the given name.
func hasOption(options, name string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == name {
			return true
		}
	}
	return false
}
