package connectortest

import "encoding/json"

var binarySpecRule = rule{
	name:     "Spec",
	contract: `the answer to {"selection":{"action":"spec"}} is one line with the JSON Schema of the configuration, and the exit status is 0`,
	fix:      "call penstock.Main in main, and write nothing to standard output before it",
	check:    checkBinarySpec,
}

func checkBinarySpec(s *suite, c *check) {
	var spec property
	if line := s.program.mustAnswer(c, "spec"); json.Unmarshal(line, &spec) != nil || spec.Type != "object" {
		c.failf("the answer is not a JSON Schema of an object: %s", line)
	}
}
