package connectortest

import "time"

var binaryClosedPipeRule = rule{
	name:     "ClosedPipe",
	contract: "a process whose reader closes the pipe ends within seconds, without a panic, with exit status 1",
	fix:      "call penstock.Main in main, and return the error of each method of the Emitter",
	check:    checkBinaryClosedPipe,
}

func checkBinaryClosedPipe(s *suite, c *check) {
	p := s.program
	length := len(s.baseline(c).platform.operations())
	for _, eighths := range []int{0, 3} {
		lines := length * eighths / 8
		if p.rotates { // a new secret would be lost, and the program locked out
			lines = max(lines, 1)
		}
		e, err := p.run(c.Context(), p.request("sync", p.secrets, nil, nil), &intervention{lines, func(run *process) {
			_ = run.out.Close() // nothing was written to it
		}})
		if err != nil {
			c.fatalf("%v", err)
		}
		switch {
		case e.took > stopTimeout:
			c.failf("the reader closed the pipe after %d lines, and the process ran for another %v", lines, e.took.Round(time.Second))
		case e.status != 0 && e.status != 1: // 0 if it had already ended
			c.failf("the reader closed the pipe after %d lines: %s", lines, e.failure())
		}
	}
}
