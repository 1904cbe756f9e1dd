package connectortest

var stateSizeRule = rule{
	name:     "StateSize",
	contract: "a state says where the source is to be read on, in some bytes a table; it does not hold what was read: platforms store it anew at each checkpoint, and refuse one of megabytes",
	mend:     "keep cursors and page tokens, not rows and lists of keys; read rows that may come twice once more, a platform replaces them; raise the limit by StateLimit where the state has a part for each of many accounts",
	check: func(s *suite, c *check) {
		var largest []byte
		states := s.uninterrupted(c).into.States()
		for _, state := range states {
			if len(state) > len(largest) {
				largest = state
			}
		}
		if len(largest) > s.stateLimit {
			c.broken("of %d checkpoints, the largest state has %d bytes, more than %d: %.200s…", len(states), len(largest), s.stateLimit, largest)
		}
	},
}
