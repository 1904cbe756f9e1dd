package config

import (
	"encoding"
	"encoding/json"
	"net/url"
	"reflect"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/connector"
)

var (
	secretType          = reflect.TypeFor[connector.Secret]()
	durationType        = reflect.TypeFor[time.Duration]()
	timeType            = reflect.TypeFor[time.Time]()
	urlType             = reflect.TypeFor[url.URL]()
	jsonNumberType      = reflect.TypeFor[json.Number]()
	rawMessageType      = reflect.TypeFor[json.RawMessage]()
	rawValueType        = reflect.TypeFor[jsontext.Value]()
	byteType            = reflect.TypeFor[byte]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

// readsText reports whether the type decodes itself from text.
func readsText(t reflect.Type) bool {
	return t == timeType || t == urlType || reflect.PointerTo(t).Implements(textUnmarshalerType)
}

// readsItself reports whether the type decodes itself from text or from JSON.
func readsItself(t reflect.Type) bool {
	return readsText(t) || reflect.PointerTo(t).Implements(jsonUnmarshalerType)
}
