package connector_test

import (
	"context"
	"crypto/x509"
	"fmt"
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

// What a user can fix is of kind Configuration, and what passes is Transient.
func TestErrorsOfFilesProgramsAndNetworksHaveTheKindThatAUserNeeds(t *testing.T) {
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
