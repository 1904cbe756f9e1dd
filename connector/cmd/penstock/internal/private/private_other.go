//go:build !unix

package private

import "io/fs"

// Other systems have no permissions that Go can read. Their files inherit the permissions
// of the directory.

func shared(fs.FileInfo) bool { return false }

func own(fs.FileInfo) bool { return true }

func ours(fs.FileInfo) bool { return true }

// Readable returns false.
func Readable(fs.FileInfo) bool { return false }
