package main_test

import (
	"errors"
	"os/exec"
	"strings"
)

// An output holds what a process prints. Write fails after mostOutput bytes, so that no
// test reads without bound.
type output struct{ strings.Builder }

const mostOutput = 4 << 20

func (o *output) Write(p []byte) (int, error) {
	if o.Len()+len(p) > mostOutput {
		return 0, errors.New("the process printed too much")
	}
	return o.Builder.Write(p)
}

// combined runs a command and returns its standard output and standard error.
func combined(cmd *exec.Cmd) (string, error) {
	var out output
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}
