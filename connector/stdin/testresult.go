package stdin

import (
	"encoding/json"
	"fmt"
)

// ParseTest decodes the answer to the action test, as [Reader.Answer] returns it. It
// reports whether the test succeeded. The message is for the person who fills in
// the configuration.
func ParseTest(text []byte) (ok bool, message string, err error) {
	var object struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return false, "", fmt.Errorf("the answer to a test: %w", err)
	}
	switch object.Status {
	case "SUCCESS", "FAILURE":
		return object.Status == "SUCCESS", object.Message, nil
	}
	return false, "", fmt.Errorf("the answer to a test has the status %q; want SUCCESS or FAILURE", object.Status)
}
