package host

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"syscall"

	"github.com/penstock-sdk/penstock/internal/visible"
)

// An output is the destination of a [LineWriter]. One goroutine uses it at a time.
type output interface {
	// room returns the number of bytes that a call of write accepts without waiting
	// for a reader. It is zero if that is unknown.
	room() int
	// awaitRoom waits until a call of write accepts pipeBuf bytes without waiting, or
	// until the reader is gone. It reports false if that is unknown or, soon after ctx is
	// done, if it has not happened.
	awaitRoom(ctx context.Context) bool
	// limit returns the number of bytes up to which a call of write should write
	// whole lines. A single line may be longer.
	limit() int
	// write writes whole lines. It waits for the reader.
	write(lines []byte) error
}

// pipeBuf is the number of bytes that a pipe on Linux accepts as a whole or not at all
// (PIPE_BUF).
const pipeBuf = 4096

// newOutput returns an output that writes to w.
func newOutput(w io.Writer) output {
	f, ok := w.(*os.File)
	if !ok {
		return anyOutput{w}
	}
	info, err := f.Stat()
	switch {
	case err != nil: // the first write will fail, too
	case info.Mode().IsRegular():
		return regularFile{f}
	case info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0:
		return newStream(f, info)
	case isTerminal(f):
		return terminal{patientFile{f}}
	}
	return patientFile{f}
}

// An anyOutput is an output of an unknown kind.
type anyOutput struct{ w io.Writer }

func (o anyOutput) room() int                      { return 0 }
func (o anyOutput) awaitRoom(context.Context) bool { return false }
func (o anyOutput) limit() int                     { return math.MaxInt }

func (o anyOutput) write(lines []byte) error {
	n, err := o.w.Write(lines)
	if err == nil && n < len(lines) {
		err = io.ErrShortWrite
	}
	return err
}

// A patientFile is a file such as a device, for which a write may have to wait.
type patientFile struct{ f *os.File }

func (o patientFile) room() int                      { return 0 }
func (o patientFile) awaitRoom(context.Context) bool { return false }
func (o patientFile) limit() int                     { return pipeBuf }

// write waits if the file does not block, because another program that has the file
// open may have changed it to that mode.
func (o patientFile) write(lines []byte) error {
	for {
		n, err := o.f.Write(lines)
		lines = lines[n:]
		if !errors.Is(err, syscall.EAGAIN) {
			return err
		}
		if err := awaitWritable(o.f); err != nil {
			return err
		}
	}
}

// A terminal shows lines of JSON, and help texts, to a person. Rows and messages come from
// a source, so the characters that a terminal obeys are escaped. JSON keeps its values.
type terminal struct{ patientFile }

func (o terminal) write(lines []byte) error {
	return o.patientFile.write([]byte(visible.JSON(string(lines))))
}

// A regularFile is a file on a disk.
type regularFile struct{ f *os.File }

func (o regularFile) room() int                      { return math.MaxInt }
func (o regularFile) awaitRoom(context.Context) bool { return true }
func (o regularFile) limit() int                     { return math.MaxInt }

// write removes the part of a line that was written before the disk was full.
func (o regularFile) write(lines []byte) error {
	n, err := o.f.Write(lines)
	if err != nil && n > 0 {
		err = errors.Join(err, o.cut(int64(n-bytes.LastIndexByte(lines[:n], '\n')-1)))
	}
	return err
}

// cut removes the given number of bytes, which have just been written, from the end of
// the file. If another program has extended the file since, cut does nothing.
func (o regularFile) cut(n int64) error {
	if n == 0 {
		return nil
	}
	end, err := o.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	info, err := o.f.Stat()
	if err != nil || info.Size() != end {
		return err
	}
	if err := o.f.Truncate(end - n); err != nil {
		return err
	}
	_, err = o.f.Seek(end-n, io.SeekStart) // another program may write to the file after this one
	return err
}
