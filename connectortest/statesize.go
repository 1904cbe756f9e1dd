package connectortest

var stateSizeRule = rule{
	name:     "StateSize",
	contract: "a state holds the position in the source, in a few bytes per table, and not the rows that were read: platforms store it at each checkpoint, and reject states of more than a few megabytes",
	fix:      "keep cursors and page tokens, not rows or lists of keys; read a row again rather than remember it, because a platform replaces it; if the state has a part for each of many accounts, raise the limit with the option StateLimit",
	check:    checkStateSize,
}

func checkStateSize(s *suite, c *check) {
	var largest []byte
	states := s.baseline(c).platform.States()
	for _, state := range states {
		if len(state) > len(largest) {
			largest = state
		}
	}
	if len(largest) > s.stateLimit {
		c.failf("the largest state of %d checkpoints has %d bytes, but the limit is %d: %.200s…", len(states), len(largest), s.stateLimit, largest)
	}
}
