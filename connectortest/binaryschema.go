package connectortest

import "bytes"

var binarySchemaRule = rule{
	name:     "Schema",
	contract: `the answer to {"selection":{"action":"schema"}} is one line with the tables, the same each time, and the exit status is 0; the names of tables and columns are valid, and distinct even if case is ignored`,
	fix:      "let Schema return every table, in an order that does not come from a map",
	onlyFix:  true,
	check:    checkBinarySchema,
}

func checkBinarySchema(s *suite, c *check) {
	line := s.program.mustAnswer(c, "schema")
	if again := s.program.mustAnswer(c, "schema"); !bytes.Equal(line, again) {
		c.failf("a second answer differs from the first:\n%s\n%s", line, again)
	}
	checkSchema(s, c)
}
