package warehouse

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// A Lock excludes other processes from a directory. The system releases it when its
// process exits, even if the process is killed.
type Lock struct{ conn *sqlite3.Conn }

// ErrLocked reports that another process holds the lock. The error of [TakeLock] wraps
// it.
var ErrLocked = errors.New("another sync is using this directory")

// TakeLock takes the lock whose file is at path. If another process holds it, TakeLock
// does not wait and returns an error that wraps [ErrLocked]. The file is empty and is
// not removed by Release.
func TakeLock(path string) (*Lock, error) {
	if _, err := Secure(path, true); err != nil {
		return nil, err
	}
	conn, err := sqlite3.Open("file:" + escapePath(path) + "?modeof=" + escapePath(path))
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

// Release releases the lock.
func (l *Lock) Release() error { return l.conn.Close() }
