package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// An addr decodes itself from text.
type addr struct{ s string }

func (a *addr) UnmarshalText(text []byte) error { a.s = string(text); return nil }

type (
	embedsReader struct {
		source
		addr `json:"addr"`
	}
	embedsNamed struct {
		source
		named `json:"named"`
	}
	embedsNamedPointer struct {
		source
		*named `json:"named"`
	}
	embedsNamedInt struct {
		source
		level `json:"level"`
	}
	embedsInObject struct {
		source
		Outer struct {
			named `json:"named"`
		}
	}
	embedsReaderWithoutName struct {
		source
		addr
	}
	embedsPointerWithoutName struct {
		source
		*named
	}
)

func TestAnEmbeddedFieldThatNothingCanSetIsRejected(t *testing.T) {
	for _, test := range []struct {
		c    connector.Connector
		want string
	}{
		{&embedsReader{}, "config_test.embedsReader.addr: an embedded field of the unexported type config_test.addr can't be set: give the field an exported name, as in Addr config_test.addr, or tag it `json:\"-\"`"},
		{&embedsNamed{}, "config_test.embedsNamed.named: an embedded field of the unexported type config_test.named can't be set"},
		{&embedsNamedPointer{}, "config_test.embedsNamedPointer.named: an embedded field of the unexported type *config_test.named can't be set"},
		{&embedsNamedInt{}, "config_test.embedsNamedInt.level: an embedded field of the unexported type config_test.level can't be set"},
		{&embedsInObject{}, "config_test.embedsInObject.Outer.named: an embedded field of the unexported type config_test.named can't be set"},
		{&embedsReaderWithoutName{}, "config_test.embedsReaderWithoutName.addr: an embedded config_test.addr is one value, not several fields: give the field an exported name, as in Addr config_test.addr, or"},
		{&embedsPointerWithoutName{}, "config_test.embedsPointerWithoutName.named: an embedded pointer can't be configuration: embed the struct itself, give the field an exported name, as in Named *config_test.named, or"},
	} {
		_, err := config.FormOf(test.c)
		require.ErrorContains(t, err, test.want)
		assert.Equal(t, connector.Defect, connector.KindOf(err))
	}
}

// An Addr decodes itself from text.
type Addr struct{ s string }

func (a *Addr) UnmarshalText(text []byte) error { a.s = string(text); return nil }

// A Zone is one field of the structs that embed it with a name.
type Zone struct{ City string }

type inner struct {
	Port  int `json:"port,omitempty"`
	Proxy proxy
}

type outer struct {
	inner
	Size int `json:"size,omitempty"`
}

type promoted struct {
	source
	outer
	level
	Addr `json:"addr"`
	Zone `json:"zone"`
}

func TestFieldsOfEmbeddedStructsCanBeSetAndRead(t *testing.T) {
	form := formOf(t, &promoted{outer: outer{Size: 3}, level: 2})
	got, unknown, err := form.Decode([]byte(`{"port":"1","Proxy":{"host":"h"},"addr":"a","zone":{"City":"Oslo"}}`))
	require.NoError(t, err)
	assert.Empty(t, unknown)
	assert.Equal(t, &promoted{outer: outer{inner: inner{Port: 1, Proxy: proxy{Host: "h"}}, Size: 3}, level: 2, Addr: Addr{"a"}, Zone: Zone{"Oslo"}}, got)
	for _, f := range form.Fields {
		value := f.Get(got)
		empty, err := f.Without(got)
		require.NoError(t, err, f.Name)
		again, err := f.With(empty, value)
		require.NoError(t, err, f.Name)
		assert.Equal(t, got, again, f.Name)
	}
}
