package main

// heldBytes is the size of the log that is held back until the spec is known.
const heldBytes = 256 << 10

// A heldLog passes on lines of a log once it is known which values are secret.
type heldLog struct {
	held  []string
	bytes int
	open  bool
	pass  func(line string)
}

func (h *heldLog) log(line string) {
	if h.open || h.bytes > heldBytes {
		h.flush()
		h.pass(line)
		return
	}
	h.held, h.bytes = append(h.held, line), h.bytes+len(line)
}

// flush passes on the lines that were held back.
func (h *heldLog) flush() {
	for _, line := range h.held {
		h.pass(line)
	}
	h.held = nil
}

// release passes on all lines, from now on at once.
func (h *heldLog) release() {
	h.open = true
	h.flush()
}
