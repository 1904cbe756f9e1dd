package stdin

import (
	"os"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// A configFile is a destination that saves new values of the configuration in the
// file that the configuration was read from. At a terminal there is no platform
// that could store them.
type configFile struct {
	host.BatchWriter
	path string
	s    *server // whose run is set before the first Write
}

// Flush implements [host.Flusher].
func (f *configFile) Flush() error { return f.s.out.lines.Flush() }

// Write implements [host.Destination].
func (f *configFile) Write(op *host.Operation) error {
	if op.Kind != host.OpReplacedSecret {
		return f.BatchWriter.Write(op)
	}
	if err := f.replace(op.Field, op.Value); err != nil {
		return connector.Errorf(connector.Configuration, "save the new value of field %s: %w", op.Field, err)
	}
	return nil
}

// replace replaces the value of a field in the file.
func (f *configFile) replace(field string, value connector.Secret) error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	old, err := host.ReadObject(f.path)
	if err != nil {
		return err
	}
	form, err := f.s.run.Form()
	if err != nil {
		return err
	}
	replaced, err := form.Replace(old, field, value)
	if err != nil {
		return err
	}
	return atomicfile.WriteSecret(f.path, append(replaced, '\n'), info.Mode().Perm())
}
