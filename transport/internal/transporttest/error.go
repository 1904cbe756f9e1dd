package transporttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

// AsError returns err as the error of a request. It ends the test if err is not one.
func AsError(t testing.TB, err error) *transport.Error {
	t.Helper()
	var e *transport.Error
	require.ErrorAs(t, err, &e)
	return e
}

// KindOf returns the kind of an error: "configuration", "temporary" or "defect".
func KindOf(e *transport.Error) string {
	switch {
	case e.Configuration():
		return "configuration"
	case e.Temporary():
		return "temporary"
	}
	return "defect"
}
