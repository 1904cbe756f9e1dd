package stdin

import (
	"bytes"
	"os"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

// A configFile is a destination that keeps new values of the configuration in
// the file that the configuration came from, where no platform could.
type configFile struct {
	host.Destination
	path string
	s    *server // which has the run, once it is made
}

// Write implements [host.Destination].
func (f *configFile) Write(op *host.Operation) error {
	if op.Kind != host.OpReplacedSecret {
		return f.Destination.Write(op)
	}
	if err := f.replace(op.Field, op.Value); err != nil {
		return connector.Errorf(connector.Configuration, "keep the new value of field %s: %w", op.Field, err)
	}
	return nil
}

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
	if bytes.ContainsRune(old, '\n') { // it is laid out for people
		v := jsontext.Value(replaced)
		if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
			return err
		}
		replaced = v
	}
	return atomicfile.Write(f.path, append(replaced, '\n'), info.Mode().Perm())
}
