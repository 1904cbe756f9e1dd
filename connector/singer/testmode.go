package singer

import (
	"fmt"
	"slices"
	"strings"
)

// A testMode is the value of the flag --test. The flag may be given without a value.
type testMode string

// The modes of a test.
const (
	testConnection testMode = "connection"
	testSchema     testMode = "schema"
)

// String implements flag.Value.
func (m *testMode) String() string { return string(*m) }

// IsBoolFlag lets the flag be given without a value.
func (m *testMode) IsBoolFlag() bool { return true }

// Set implements flag.Value. "all" is what taps of the Python SDK call the mode without
// a value.
func (m *testMode) Set(value string) error {
	switch strings.ToLower(value) {
	case "true", "all", string(testConnection):
		*m = testConnection
	case string(testSchema):
		*m = testSchema
	default:
		return fmt.Errorf("want --test or --test=%s, which check the connection, or --test=%s, which prints the SCHEMA messages", testConnection, testSchema)
	}
	return nil
}

// joinTestMode returns the arguments with a mode that follows --test joined to it, as in
// --test=schema. Package flag takes the value of a flag that can do without one only in
// this form.
func joinTestMode(args []string) []string {
	for i := range len(args) - 1 {
		var m testMode
		if (args[i] == "--test" || args[i] == "-test") && m.Set(args[i+1]) == nil {
			return slices.Concat(args[:i], []string{args[i] + "=" + args[i+1]}, joinTestMode(args[i+2:]))
		}
	}
	return args
}
