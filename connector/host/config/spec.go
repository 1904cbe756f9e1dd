package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

// Spec returns the JSON Schema (draft 2020-12) of the configuration on one
// line. Platforms build a form from it. The same connector always yields the
// same bytes. The error is an [*connector.Error] of kind Defect.
func (f *Form) Spec() ([]byte, error) {
	encoded, err := f.encoded()
	return bytes.Clone(encoded), err
}

func (f *Form) encode() ([]byte, error) {
	var encoded []byte
	var err error
	p := &panics{} // in values of schemas that types write themselves
	if !p.call(fmt.Sprintf("the JSON Schema of %v", f.defaults.Type()), "", func() { encoded, err = json.Marshal(f.schema) }) {
		return nil, p.err()
	}
	if err != nil {
		return nil, connector.Errorf(connector.Defect, "encode the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	v := jsontext.Value(encoded)
	if err := v.Compact(); err != nil {
		return nil, connector.Errorf(connector.Defect, "encode the JSON Schema of %v: %w", f.defaults.Type(), err)
	}
	return v, nil
}
