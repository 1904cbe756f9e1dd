package bridge

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// portMark stands for a free port in the command of a source.
const portMark = "{port}"

const (
	// startTime is the time that a source has from its start until it listens.
	startTime = 20 * time.Second
	// stopTime is the time that a source has to exit after it was told to. Then it is killed.
	stopTime = time.Second
	// retryTime is the interval of attempts to connect.
	retryTime = 20 * time.Millisecond
)

// A child is a source that the bridge has started.
type child struct {
	address string
	cmd     *exec.Cmd
	done    chan struct{} // closed when the process has exited
	err     error         // of the process; set before done is closed
}

// startChild starts a source with a command and waits until it listens. What the process
// prints is written to output.
func startChild(ctx context.Context, command []string, output io.Writer) (*child, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, connector.Errorf(connector.Transient, "find a free port: %w", err)
	}
	arguments := make([]string, len(command)-1)
	for i, argument := range command[1:] {
		arguments[i] = strings.ReplaceAll(argument, portMark, strconv.Itoa(port))
	}
	cmd := exec.Command(command[0], arguments...) //nolint:noctx // stop ends it with its children
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = output, output, stopTime
	prepare(cmd)
	c := &child{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// On Linux, the process is killed when the thread ends that has started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(c.done)
		if c.err = cmd.Start(); c.err != nil {
			started <- c.err
			return
		}
		started <- nil
		c.err = cmd.Wait()
	}()
	if err := <-started; err != nil {
		return nil, connector.Errorf(connector.Configuration, "start the source: %w", err)
	}
	if err := c.await(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// freePort returns a port that nobody listens on.
func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// await waits until the source accepts connections.
func (c *child) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, &connector.Error{
		Kind: connector.Configuration, Hint: "put " + portMark + " into the command, where the source takes its port",
		Err: fmt.Errorf("the source does not listen on %s within %v of its start", c.address, startTime),
	})
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-c.done:
			return &connector.Error{
				Kind: connector.Configuration, Hint: "see what it has printed",
				Err: fmt.Errorf("the source exited before it listened on %s: %v", c.address, c.cmd.ProcessState),
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(retryTime):
		}
	}
}

// stop ends the process and its children, and waits for it.
func (c *child) stop() {
	terminate(c.cmd)
	select {
	case <-c.done:
	case <-time.After(stopTime):
	}
	kill(c.cmd)
	<-c.done
}
