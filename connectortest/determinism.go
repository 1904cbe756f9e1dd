package connectortest

var determinismRule = rule{
	name:     "Determinism",
	contract: "two syncs from an empty state, while the source does not change, deliver equal rows and leave equal states",
	fix:      "put only what responses contain into rows and states; keep nothing in package variables; if a column differs each time it is read, name it in the option Volatile",
	check:    checkDeterminism,
}

func checkDeterminism(s *suite, c *check) {
	first := s.baseline(c)
	second := s.sync(c.Context(), attempt{})
	if second.err != nil {
		c.fatalWithf("read the error; keep nothing in package variables, which the next sync finds changed", "the second of two equal syncs failed: %s", second.failure())
	}
	if diff := s.compareComplete().diff(second.platform, first.platform); diff != "" {
		s.findings.cause = c.rule.name
		c.failf("the rows of the second of two equal syncs differ from those of the first:\n%s", diff)
	}
	wantSameState(s, c, "the second of two equal syncs", first, second)
}
