//go:build !linux

package host

import (
	"io/fs"
	"math"
	"os"
	"time"
)

// A stream is a pipe or a socket. This operating system does not tell how much room
// there is in it.
type stream struct{ patientFile }

func newStream(f *os.File, _ fs.FileInfo) output { return stream{patientFile{f}} }

// limit implements output.
func (stream) limit() int { return math.MaxInt }

// awaitWritable waits until a file that does not block may have become writable.
func awaitWritable(*os.File) error {
	time.Sleep(5 * time.Millisecond)
	return nil
}
