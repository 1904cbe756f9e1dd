package connectortest

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector"
)

// A field is a field of a connector's configuration.
type field struct {
	name  string // as in the configuration, such as "proxy.password"
	index []int
	typ   reflect.Type
}

var (
	secretType = reflect.TypeFor[connector.Secret]()
	timeType   = reflect.TypeFor[time.Time]()
	textType   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// fieldsOf returns the fields of a connector's configuration, those of structs
// within it included.
func fieldsOf(c connector.Connector) []field {
	t := reflect.TypeOf(c)
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil
	}
	return appendFields(nil, t.Elem(), "", nil)
}

func appendFields(all []field, t reflect.Type, prefix string, index []int) []field {
	for sf := range t.Fields() {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if sf.Tag.Get("json") == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		within := prefix
		if name == "" {
			name = sf.Name
		} else {
			sf.Anonymous = false
		}
		at := append(append([]int(nil), index...), sf.Index...)
		if sf.Type.Kind() == reflect.Struct && sf.Type != timeType && !reflect.PointerTo(sf.Type).Implements(textType) {
			if !sf.Anonymous {
				within += name + "."
			}
			all = appendFields(all, sf.Type, within, at)
			continue
		}
		if sf.IsExported() {
			all = append(all, field{prefix + name, at, sf.Type})
		}
	}
	return all
}

// with returns a copy of the connector in which the field holds another value.
func (f field) with(c connector.Connector, value reflect.Value) connector.Connector {
	fresh := reflect.New(reflect.TypeOf(c).Elem())
	fresh.Elem().Set(reflect.ValueOf(c).Elem())
	fresh.Elem().FieldByIndex(f.index).Set(value)
	return fresh.Interface().(connector.Connector) // as c is one
}

// empty returns a copy of the connector in which the field holds nothing.
func (f field) empty(c connector.Connector) connector.Connector {
	return f.with(c, reflect.Zero(f.typ))
}

// secretFields returns the fields that hold a secret.
func secretFields(c connector.Connector) []field {
	var found []field
	for _, f := range fieldsOf(c) {
		if f.typ == secretType && f.of(c) != "" {
			found = append(found, f)
		}
	}
	return found
}

// of returns the value that the field of a connector holds, as text.
func (f field) of(c connector.Connector) string {
	v := reflect.ValueOf(c).Elem().FieldByIndex(f.index)
	if f.typ == secretType {
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}

// soundsSecret reports whether a field's name is that of something that nobody
// else may know.
func soundsSecret(name string) bool {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r != '_' && r != '-' {
			b.WriteRune(r)
		}
	}
	for _, end := range []string{
		"password", "passwd", "passphrase", "secret", "apikey", "privatekey", "secretkey",
		"accesstoken", "refreshtoken", "authtoken", "bearertoken", "apitoken",
	} {
		if strings.HasSuffix(b.String(), end) {
			return true
		}
	}
	return false
}
