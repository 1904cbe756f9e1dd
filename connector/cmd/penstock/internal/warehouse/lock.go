package warehouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
)

// A Lock keeps others from a file. It ends with its process, however that ends.
type Lock struct{ conn *sqlite3.Conn }

// ErrLocked is the error of TakeLock while someone else has the lock.
var ErrLocked = errors.New("another sync is under way here")

// TakeLock takes the lock at a path, where an empty file stays.
func TakeLock(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	conn, err := sqlite3.Open("file:" + escapePath(path))
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := conn.Exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE"); err != nil {
		if errors.Is(err, sqlite3.BUSY) {
			err = ErrLocked
		}
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), conn.Close())
	}
	return &Lock{conn}, nil
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.conn.Close() }
