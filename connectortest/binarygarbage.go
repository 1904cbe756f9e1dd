package connectortest

var binaryGarbageRule = rule{
	name:     "Garbage",
	contract: "the answer to a malformed request is one LOG line of level SEVERE, and the exit status is 1",
	fix:      "call penstock.Main in main: it reads the request",
	check:    checkBinaryGarbage,
}

func checkBinaryGarbage(s *suite, c *check) {
	for _, request := range []string{"", "garbage", "{", "[]", `{"selection":{"action":"dance"}}`} {
		e, err := s.program.run(c.Context(), []byte(request), nil)
		if err != nil {
			c.fatalf("%v", err)
		}
		if e.status != 1 || len(e.lines) != 1 || !e.endsWithSevereLog() {
			c.failf("the request %q: %s", request, e.failure())
		}
	}
}
