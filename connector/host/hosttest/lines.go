package hosttest

import (
	"bufio"
	"errors"
	"io"
)

// maxLine is the size from which a line is refused.
const maxLine = 64 << 20

// Lines is what [Adapter].Serve needs for a host that writes lines: it calls
// serve with a pipe to write to, decodes each line, and hands the event to take.
// The line that decode is given is its own to keep. An event that is nil is left
// out. stuck is [Request].Stuck.
//
// The error is that of serve. If there is none, it is what decoding failed with.
func Lines(serve func(w io.Writer) error, decode func(line []byte) (*Event, error), take func(*Event) error, stuck bool) error {
	r, w := io.Pipe()
	read := make(chan error, 1)
	go func() {
		err := takeLines(r, decode, take)
		r.CloseWithError(io.ErrClosedPipe)
		read <- err
	}()
	err := serve(w)
	_ = w.Close() // which never fails
	if stuck {
		_ = r.Close() // frees a write that the host has given up
		return err
	}
	if readErr := <-read; err == nil {
		err = readErr
	}
	return err
}

// errGone wraps the error with which a platform goes away.
var errGone = errors.New("the platform has gone")

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

// readLine reads a line without its end.
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
				return nil, errors.New("the answer ends in the middle of a line")
			}
			return line, err
		case len(line) > maxLine:
			return nil, errors.New("a line of the answer has more than 64 MiB")
		}
	}
}
