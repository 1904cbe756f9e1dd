package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A connector is a program that speaks the stdin protocol.
type connector struct {
	command   []string
	secrets   map[string]string
	selection *selection
	leaks     leaks
}

// start starts the program with a request on its standard input. When the context is
// canceled, the program is terminated. If it does not exit within [graceful], it is
// killed.
func (c *connector) start(ctx context.Context, action, state string) (*process, error) {
	selected := map[string]any{"action": action}
	if c.selection.text != nil && action == "sync" {
		selected["tables"] = c.selection.text
	}
	request := map[string]any{"secrets": c.secrets, "selection": selected}
	if state != "" {
		request["state"] = json.RawMessage(state)
	}
	text, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("marshal the request: %w", err)
	}
	cmd := exec.Command(c.command[0], c.command[1:]...) //nolint:noctx // startProcess ends it with its children
	cmd.Env = os.Environ()
	if os.Getenv("PENSTOCK_LOG_FORMAT") == "" {
		cmd.Env = append(cmd.Env, "PENSTOCK_LOG_FORMAT=json")
	}
	p, err := startProcess(cmd, text, ctx.Done())
	if err != nil {
		return nil, fmt.Errorf("start the connector: %w", err)
	}
	p.readLogs(c.leaks.cut)
	return p, nil
}

// ask requests an action and returns the line with which the connector answers. If the
// connector fails, the error is its own message. If SECRETS lines precede the answer,
// ask passes their values to replaced.
func (c *connector) ask(ctx context.Context, action string, log func(string), replaced func(map[string]string) error) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p, err := c.start(ctx, action, "")
	if err != nil {
		return nil, err
	}
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		for line := range p.logs {
			log(line)
		}
	}()
	server := &serverLog{r: p.stdout, found: cancel} // a server does not end by itself
	bounded := &io.LimitedReader{R: server, N: stdin.MaxLine}
	answer, readErr := stdin.NewReader(bounded).Answer(replaced)
	if readErr != nil {
		_, _ = io.Copy(io.Discard, bounded) // the connector cannot exit while its pipe is full
	}
	tooLong := bounded.N == 0
	if tooLong {
		cancel()
		_, _ = io.Copy(io.Discard, p.stdout) // until the connector has exited
	}
	<-logged
	status, err := p.wait()
	var failure *stdin.FailureError
	switch {
	case server.seen:
		return nil, errors.New("the program is a gRPC server for Fivetran, which does not answer on standard output: start it by itself, and name fivetran-bridge with its address here")
	case tooLong:
		begin := string(answer)
		if fault := (*stdin.Error)(nil); begin == "" && errors.As(readErr, &fault) {
			begin = fault.Text
		}
		return nil, fmt.Errorf("action %s: the answer is longer than %s; it begins with %.200q", action, size(stdin.MaxLine), begin)
	case errors.As(readErr, &failure):
		return nil, readErr
	case readErr != nil && status > 0:
		return nil, fmt.Errorf("action %s: exit status %d: %w", action, status, readErr)
	case readErr != nil || err != nil:
		return nil, fmt.Errorf("action %s: %w", action, errors.Join(readErr, err))
	case status != 0:
		return nil, fmt.Errorf("action %s: exit status %d after the answer %.200q", action, status, answer)
	}
	return answer, nil
}
