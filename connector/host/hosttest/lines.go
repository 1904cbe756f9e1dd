package hosttest

import (
	"bufio"
	"errors"
	"io"
)

// maxLine is the maximum length of a line in bytes.
const maxLine = 64 << 20

// Lines implements [Adapter].Serve for a host that writes lines. It calls serve with
// the write end of a pipe, decodes each line, and passes the event to take. The function
// decode receives the line without its end and may keep it. If it returns a nil event,
// the line is skipped. The argument stuck is [Request].Stuck.
//
// Lines returns the error from serve or, if that is nil, the error from
// decoding.
func Lines(serve func(w io.Writer) error, decode func(line []byte) (*Event, error), take func(*Event) error, stuck bool) error {
	r, w := io.Pipe()
	read := make(chan error, 1)
	go func() {
		err := takeLines(r, decode, take)
		r.CloseWithError(io.ErrClosedPipe)
		read <- err
	}()
	err := serve(w)
	_ = w.Close() // it never fails
	if stuck {
		_ = r.Close() // unblocks a write that the host has given up
		return err
	}
	if readErr := <-read; err == nil {
		err = readErr
	}
	return err
}

// errGone reports that take returned an error: the platform has disconnected.
var errGone = errors.New("the platform has disconnected")

// takeLines decodes the lines of r and passes the events to take.
func takeLines(r io.Reader, decode func([]byte) (*Event, error), take func(*Event) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(in)
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		e, err := decode(line)
		if err != nil {
			return err
		}
		if e != nil && take(e) != nil {
			return errGone
		}
	}
}

// readLine returns a line without its end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case !errors.Is(err, bufio.ErrBufferFull):
			if err == io.EOF && len(line) > 0 {
				return nil, errors.New("the output of the host ends in the middle of a line")
			}
			return line, err
		case len(line) > maxLine:
			return nil, errors.New("a line of the host's output is longer than 64 MiB")
		}
	}
}
