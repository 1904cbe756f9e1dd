//go:build unix

package private

import (
	"io/fs"
	"os"
	"syscall"
)

// shared reports whether every user can write to a directory.
func shared(dir fs.FileInfo) bool { return dir.Mode()&0o002 != 0 }

// own reports whether a file belongs to this user and has only one name.
func own(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid() && stat.Nlink == 1
}

// ours reports whether a directory belongs to this user, or to the administrator.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(stat.Uid) == os.Geteuid() || stat.Uid == 0)
}

// Readable reports whether other users can read or change a file.
func Readable(info fs.FileInfo) bool { return info.Mode()&0o077 != 0 }
