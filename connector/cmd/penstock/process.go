package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A connector is a program that speaks the stdin protocol.
type connector struct {
	command []string
	secrets map[string]string
}

// graceful is how long a connector has to end after it was told to.
const graceful = 10 * time.Second

// start starts the program with a request on its standard input. Cancelling the
// context tells it to end, and kills it if it does not.
func (c *connector) start(ctx context.Context, action, state string) (*process, error) {
	request := map[string]any{"secrets": c.secrets, "selection": map[string]string{"action": action}}
	if state != "" {
		request["state"] = json.RawMessage(state)
	}
	text, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("the request: %w", err)
	}
	cmd := exec.CommandContext(ctx, c.command[0], c.command[1:]...)
	cmd.Stdin = bytes.NewReader(text)
	cmd.Env = os.Environ()
	if os.Getenv("PENSTOCK_LOG_FORMAT") == "" {
		cmd.Env = append(cmd.Env, "PENSTOCK_LOG_FORMAT=json")
	}
	apart(cmd)
	over := make(chan struct{})
	cmd.Cancel = func() error {
		// Whoever holds its pipes after it keeps them from being read to the end.
		time.AfterFunc(graceful, func() {
			select {
			case <-over:
			default:
				kill(cmd.Process)
			}
		})
		return terminate(cmd.Process)
	}
	cmd.WaitDelay = graceful
	p := &process{over: over, cmd: cmd, logs: make(chan string, 100), done: make(chan struct{})}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		p.stdout = stdout
		var stderr io.ReadCloser
		if stderr, err = cmd.StderrPipe(); err == nil {
			err = cmd.Start()
			p.stderr = stderr
		}
	}
	if err != nil {
		return nil, fmt.Errorf("start the connector: %w", err)
	}
	p.reading.Go(p.readLogs)
	return p, nil
}

// A process is a connector that runs.
type process struct {
	cmd     *exec.Cmd
	stdout  io.Reader
	stderr  io.Reader
	logs    chan string // the lines of its standard error; closed at its end
	done    chan struct{}
	over    chan struct{} // closed when it has ended
	reading sync.WaitGroup
}

func (p *process) readLogs() {
	defer close(p.logs)
	in := bufio.NewReader(p.stderr)
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			select {
			case p.logs <- line:
			case <-p.done: // nobody reads them any more
			}
		}
		if err != nil {
			return
		}
	}
}

// wait waits for the end of a process whose standard output was read to its end,
// and returns its exit status, which is -1 if a signal ended it.
func (p *process) wait() (int, error) {
	close(p.done)
	p.reading.Wait()
	err := p.cmd.Wait()
	close(p.over)
	var exit *exec.ExitError
	if errors.As(err, &exit) || err == nil {
		return p.cmd.ProcessState.ExitCode(), nil
	}
	return -1, err
}

// ask returns the one line with which a connector answers a request. If it fails
// instead, the error is its own message.
func (c *connector) ask(ctx context.Context, action string, log func(string)) ([]byte, error) {
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
	text, readErr := io.ReadAll(io.LimitReader(p.stdout, stdin.MaxLine))
	tooLong := len(text) == stdin.MaxLine
	if tooLong {
		cancel()
		_, _ = io.Copy(io.Discard, p.stdout) // until it has ended
	}
	<-logged
	status, err := p.wait()
	if tooLong {
		return nil, fmt.Errorf("action %s: the answer is longer than %s, and begins %.200q", action, size(stdin.MaxLine), text)
	}
	if err = errors.Join(readErr, err); err != nil {
		return nil, fmt.Errorf("action %s: %w", action, err)
	}
	text = bytes.TrimSpace(text)
	if status != 0 {
		if line, err := stdin.NewReader(bytes.NewReader(append(bytes.Clone(text), '\n'))).Next(); err == nil && line.Kind == stdin.Log {
			return nil, errors.New(line.Message)
		}
		return nil, fmt.Errorf("action %s: exit status %d, and the answer %.200q", action, status, text)
	}
	if bytes.IndexByte(text, '\n') >= 0 || !json.Valid(text) {
		return nil, fmt.Errorf("action %s: the answer is not one line of JSON: %.200q", action, text)
	}
	return text, nil
}
