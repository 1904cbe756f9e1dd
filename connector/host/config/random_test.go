package config_test

import (
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
)

// fieldTypes holds types of fields, including types that cannot be configuration
// and types whose methods panic.
var fieldTypes = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[int8](), reflect.TypeFor[uint64](), reflect.TypeFor[float32](),
	reflect.TypeFor[connector.Secret](), reflect.TypeFor[time.Duration](), reflect.TypeFor[time.Time](), reflect.TypeFor[json.Number](),
	reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any](), reflect.TypeFor[[]byte](), reflect.TypeFor[url.URL](),
	reflect.TypeFor[netip.Addr](), reflect.TypeFor[big.Int](), reflect.TypeFor[level](), reflect.TypeFor[window](), reflect.TypeFor[port](),
	reflect.TypeFor[proxy](), reflect.TypeFor[promoted](), reflect.TypeFor[rich](), reflect.TypeFor[selfReading](), reflect.TypeFor[panicking](),
	reflect.TypeFor[panicsInText](), reflect.TypeFor[panicsInJSON](), reflect.TypeFor[panicsInWrite](), reflect.TypeFor[panicsInSchema](),
	reflect.TypeFor[panicsInExtend](), reflect.TypeFor[noSchema](), reflect.TypeFor[wrongSchema](),
	reflect.TypeFor[list](), reflect.TypeFor[dictionary](), reflect.TypeFor[pair](), reflect.TypeFor[mapOfLists](), reflect.TypeFor[pointer](),
	reflect.TypeFor[branch](), reflect.TypeFor[trunk](), reflect.TypeFor[endless](), reflect.TypeFor[inPointer](), reflect.TypeFor[embedsList](),
	reflect.TypeFor[embedsReader](), reflect.TypeFor[embedsNamed](), reflect.TypeFor[embedsNamedPointer](), reflect.TypeFor[embedsNamedInt](),
	reflect.TypeFor[embedsReaderWithoutName](), reflect.TypeFor[embedsInObject](), reflect.TypeFor[embedsPointer](), reflect.TypeFor[embedsTime](),
	reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[http.Handler](), reflect.TypeFor[map[int]string](), reflect.TypeFor[complex64](),
	reflect.TypeFor[struct{}](), reflect.TypeFor[error](), reflect.TypeFor[jsonTree](), reflect.TypeFor[describedList](), reflect.TypeFor[mixed](),
}

// A jsonTree contains itself and decodes itself.
type jsonTree []jsonTree

func (*jsonTree) UnmarshalJSON([]byte) error { return nil }

// mixed has fields that are decoded in several ways.
type mixed struct {
	methods `json:"-"`
	level
	A, B *struct {
		inner
		C map[string][]*proxy
	}
	D [2]any
}

// randomType returns one of fieldTypes, sometimes in a list, map or struct or
// behind a pointer.
func randomType(r *rand.Rand, depth int) reflect.Type {
	n := r.IntN(8)
	if depth == 0 {
		n = 7
	}
	switch n {
	case 0:
		return reflect.PointerTo(randomType(r, depth-1))
	case 1:
		return reflect.SliceOf(randomType(r, depth-1))
	case 2:
		return reflect.ArrayOf(r.IntN(3), randomType(r, depth-1))
	case 3:
		return reflect.MapOf(reflect.TypeFor[string](), randomType(r, depth-1))
	case 4:
		return randomStruct(r, depth-1)
	}
	return fieldTypes[r.IntN(len(fieldTypes))]
}

var fieldTags = []string{
	``, ``, ``, `json:"NAME"`, `json:"NAME,omitempty"`, `json:"NAME,omitzero"`, `jsonschema:"required"`, `jsonschema:"nullable"`, `jsonschema:"rotates"`,
	`jsonschema:"enum=abc,enum=1"`, `jsonschema:"minimum=1"`, `jsonschema:"pattern=^a"`, `jsonschema:"minItems=1,uniqueItems=true"`, `jsonschema:"default=abc"`,
	`jsonschema:"oneof_type=string;integer"`, `jsonschema:"type=object"`, `json:"-"`, `jsonschema:"anyof_required=a"`, `jsonschema:"title"`,
}

func randomStruct(r *rand.Rand, depth int) reflect.Type {
	fields := make([]reflect.StructField, r.IntN(3)+1)
	for i := range fields {
		name := string(rune('A' + i))
		tag := fieldTags[r.IntN(len(fieldTags))]
		tag = strings.ReplaceAll(tag, "NAME", "the_"+name)
		fields[i] = reflect.StructField{Name: name, Type: randomType(r, depth), Tag: reflect.StructTag(tag)}
	}
	return reflect.StructOf(fields)
}

// fill sets some values within v, as an author sets defaults.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if depth == 0 || !v.CanSet() || r.IntN(2) == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("abc")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int64:
		v.SetInt(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), depth-1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(r, v.Index(0), depth-1)
	case reflect.Map:
		if v.Type().Key() == reflect.TypeFor[string]() {
			elem := reflect.New(v.Type().Elem()).Elem()
			fill(r, elem, depth-1)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("k"), elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth-1)
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.Zero(randomType(r, 1)))
		}
	}
}

// randomValue returns a JSON value for a field, or a value of another kind.
func randomValue(r *rand.Rand, f config.Field, depth int) any {
	others := []any{nil, "", "abc", "1,2", `{"a":1}`, "[1]", 0, 1.5, true, []any{"a", 1}, map[string]any{"A": 1, "host": "h"}}
	if depth == 0 || r.IntN(3) == 0 {
		return others[r.IntN(len(others))]
	}
	var value any
	switch f.Kind {
	case config.Object:
		value = randomObject(r, f.Fields, depth-1)
	case config.Map:
		value = map[string]any{"x": randomItem(r, f.Items, depth-1)}
	case config.List:
		value = []any{randomItem(r, f.Items, depth-1), randomItem(r, f.Items, depth-1)}
	default:
		return others[r.IntN(len(others))]
	}
	if r.IntN(4) == 0 {
		text, _ := json.Marshal(value)
		return string(text)
	}
	return value
}

func randomItem(r *rand.Rand, f *config.Field, depth int) any {
	if f == nil {
		return 1
	}
	return randomValue(r, *f, depth)
}

func randomObject(r *rand.Rand, fields []config.Field, depth int) map[string]any {
	object := map[string]any{}
	for _, f := range fields {
		if r.IntN(4) > 0 {
			object[f.Name] = randomValue(r, f, depth)
		}
	}
	return object
}

// exercise calls every method of a form. It reports whether FormOf returned one.
func exercise(t *testing.T, r *rand.Rand, form *config.Form, err error) bool {
	t.Helper()
	if err != nil {
		require.Equal(t, connector.Defect, connector.KindOf(err))
		return false
	}
	_, _ = form.Spec()
	_, _ = form.SpecWith(func(string, config.Field) map[string]any { return map[string]any{"x-a": 1, "title": nil} })
	for range 5 {
		configuration, err := json.Marshal(randomObject(r, form.Fields, 4))
		require.NoError(t, err)
		c, _, _ := form.Decode(configuration)
		for name, f := range form.Walk() {
			_, _ = form.Replace(configuration, name, "new")
			if c == nil {
				continue // a struct type made at run time is not a connector
			}
			value := f.Get(c)
			_, err := f.Without(c)
			require.NoError(t, err, name)
			if value != nil {
				_, err = f.With(c, value)
				require.NoError(t, err, name)
			}
		}
		if c != nil {
			for _, f := range form.Fields {
				_ = f.Get(c)
				_, err := f.Without(c)
				require.NoError(t, err, f.Name)
			}
		}
	}
	return true
}

func TestNoStructMakesAFormPanic(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test may be predictable
	accepted := 0
	for range 2000 {
		typ := randomStruct(r, 3)
		v := reflect.New(typ).Elem()
		fill(r, v, 5)
		func() {
			defer func() { require.Nil(t, recover(), "a form of %v panics", typ) }()
			form, err := config.FormOfStruct(v)
			if exercise(t, r, form, err) {
				accepted++
			}
		}()
	}
	assert.Greater(t, accepted, 100)
}

// describedList is a list that writes its own JSON Schema.
type describedList []string

func (describedList) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Type: "array"} }

// formsOf returns connectors with a field of type T, alone and within other
// types.
func formsOf[T any](zero T) []connector.Connector {
	return []connector.Connector{
		&wrong[T]{}, &wrong[T]{Field: zero}, &wrong[*T]{}, &wrong[*T]{Field: &zero}, &wrong[[]T]{}, &wrong[[]T]{Field: []T{zero}}, &wrong[[2]T]{},
		&wrong[map[string]T]{}, &wrong[map[string]T]{Field: map[string]T{"k": zero}}, &wrong[struct{ Inner T }]{}, &wrong[map[string][]*T]{},
		&wrong[any]{Field: zero}, &wrong[any]{Field: &zero}, &wrong[struct{ *inner }]{}, &wrong[struct {
			inner
			Inner []T
		}]{},
	}
}

func TestNoConnectorMakesAFormPanic(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // a test may be predictable
	all := [][]connector.Connector{
		formsOf(""), formsOf(1), formsOf(level(1)), formsOf(window{1, 2}), formsOf(port(1)), formsOf(proxy{Host: "h"}), formsOf(netip.Addr{}),
		formsOf(url.URL{Host: "h"}), formsOf(time.Time{}), formsOf(big.Int{}), formsOf(json.RawMessage("1")), formsOf(connector.Secret("k")),
		formsOf(panicsInText{}), formsOf(panicsInJSON{}), formsOf(panicsInWrite{"a"}), formsOf(panicsInSchema{}), formsOf(wrongSchema{}),
		formsOf(list{list{}}), formsOf(dictionary{}), formsOf(pair{}), formsOf(jsonTree{}), formsOf(describedList{"a"}), formsOf(mixed{}),
		formsOf(Addr{}), formsOf(inner{}), formsOf(promoted{}), formsOf(embedsReader{}), formsOf(embedsNamed{}), formsOf(embedsNamedInt{}),
		{&promoted{}, &embedsReader{}, &embedsNamed{}, &embedsNamedPointer{}, &embedsInObject{}, &embedsList{}, &mixed{}, &panicking{}, &rich{}, &selfReading{}},
	}
	for _, connectors := range all {
		for _, c := range connectors {
			form, err := config.FormOf(c)
			exercise(t, r, form, err)
		}
	}
}
