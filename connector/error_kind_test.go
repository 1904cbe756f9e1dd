package connector_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/state"
)

// An error that the user can fix is of kind Configuration, and a temporary error is
// Transient.
func TestErrorsOfFilesProgramsAndNetworksAreClassified(t *testing.T) {
	_, missing := os.Open(filepath.Join(t.TempDir(), "nowhere", "orders.csv"))
	require.Error(t, missing)
	_, program := exec.LookPath("no-such-program-0123456789")
	require.Error(t, program)
	for _, c := range []struct {
		name string
		err  error
		want connector.Kind
	}{
		{"no such file", missing, connector.Configuration},
		{"no permission", &fs.PathError{Op: "open", Path: "orders.csv", Err: syscall.EACCES}, connector.Configuration},
		{"no such program", program, connector.Configuration},
		{"unknown authority", x509.UnknownAuthorityError{}, connector.Configuration},
		{"no route", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}, connector.Transient},
		{"network down", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ENETUNREACH}, connector.Transient},
		{"refused", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, connector.Transient},
		{"a directory", &fs.PathError{Op: "read", Path: "orders", Err: syscall.EISDIR}, connector.Configuration},
		{"not a directory", &fs.PathError{Op: "open", Path: "orders.csv/x", Err: syscall.ENOTDIR}, connector.Configuration},
		{"not a program", &exec.Error{Name: "orders.csv", Err: fs.ErrPermission}, connector.Configuration},
		{"certificate of another host", fmt.Errorf("dial: %w", x509.HostnameError{Certificate: &x509.Certificate{}, Host: "example.com"}), connector.Configuration},
		{"expired", &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, connector.Configuration},
		{"not TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, connector.Configuration},
		{"no port", &net.OpError{Op: "dial", Net: "tcp", Err: &net.AddrError{Err: "missing port in address", Addr: "db"}}, connector.Configuration},
		{"unknown network", &net.OpError{Op: "dial", Net: "tpc", Err: net.UnknownNetworkError("tpc")}, connector.Configuration},
		{"lost database connection", fmt.Errorf("query: %w", driver.ErrBadConn), connector.Transient},
		{"closed by a database driver", fmt.Errorf("read a row: %w", io.EOF), connector.Transient},
		{"full disk", &fs.PathError{Op: "write", Path: "cache", Err: syscall.ENOSPC}, connector.Transient},
		{"stale file handle of a network file system", &fs.PathError{Op: "read", Path: "orders.csv", Err: syscall.ESTALE}, connector.Transient},
		{"too many files", &fs.PathError{Op: "open", Path: "orders.csv", Err: syscall.EMFILE}, connector.Transient},
		{"joined", errors.Join(errors.New("two things"), missing), connector.Configuration},
		{"a program that failed", &exec.ExitError{ProcessState: &os.ProcessState{}}, connector.Defect},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := syncInto(t.Context(), t, &scripted{sync: func(context.Context, *scripted, state.State, connector.Emitter) error {
				return fmt.Errorf("read the source: %w", c.err)
			}}, "", slog.DiscardHandler, discard)
			require.Error(t, err)
			assert.Equal(t, c.want, connector.KindOf(err), "%v", err)
		})
	}
}
