package connectortest

var determinismRule = rule{
	name:     "Determinism",
	contract: "two syncs from nothing, of a source that stands still, deliver equal tables and leave equal states",
	mend:     "take nothing into rows and states that the source does not say; keep nothing in variables of a package; except columns that differ each time by Volatile",
	check: func(s *suite, c *check) {
		first := s.uninterrupted(c)
		second := s.travel(c.Context(), journey{})
		if second.err != nil {
			c.hopeless("the second of two equal syncs failed: %s", second.failure())
		}
		if diff := s.compareWhole().diff(second.into, first.into); diff != "" {
			s.first = c.rule.name
			c.broken("the second of two equal syncs delivered something else than the first:\n%s", diff)
		}
		s.sameState(c, "the second of two equal syncs", first, second)
	},
}
