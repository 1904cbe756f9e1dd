package warehouse

import (
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// readingPragmas are the pragmas with an argument that only read.
var readingPragmas = []string{
	"foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check", "quick_check",
	"table_info", "table_list", "table_xinfo",
}

// writingPragmas are the pragmas that write without an argument.
var writingPragmas = []string{"incremental_vacuum", "optimize", "wal_checkpoint"}

// restrict makes the connection refuse statements that reach other files or change the
// connection, so that a copied query reads only the warehouse. SQLite reports that such
// statements do not write.
func (w *Warehouse) restrict() error {
	return w.conn.SetAuthorizer(func(action sqlite3.AuthorizerActionCode, name, argument, _, _ string) sqlite3.AuthorizerReturnCode {
		switch action {
		case sqlite3.AUTH_ATTACH, sqlite3.AUTH_DETACH:
			return sqlite3.AUTH_DENY
		case sqlite3.AUTH_FUNCTION:
			if strings.EqualFold(argument, "load_extension") {
				return sqlite3.AUTH_DENY
			}
		case sqlite3.AUTH_PRAGMA:
			name = strings.ToLower(name)
			if slices.Contains(writingPragmas, name) || argument != "" && !slices.Contains(readingPragmas, name) {
				return sqlite3.AUTH_DENY
			}
		}
		return sqlite3.AUTH_OK
	})
}

// attach attaches a file under a name, for reading.
func (w *Warehouse) attach(path, name string) error {
	if err := check(path); err != nil {
		return err
	}
	if err := w.conn.SetAuthorizer(nil); err != nil {
		return err
	}
	if err := w.exec("ATTACH ? AS "+quote(name), uri(path, "mode=ro")); err != nil {
		return err
	}
	return w.restrict()
}
