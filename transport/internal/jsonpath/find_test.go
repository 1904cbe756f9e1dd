package jsonpath

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFindReturnsTheSameValueAsADocument(t *testing.T) {
	const record = ` {"a":{"b":[1,{"c":"x"}]},"d":null,"e.f":2}`
	for _, at := range []string{"a", "a.b.1.c", "/d", "$['e.f']", "a.*", "x", "a.b.7", ""} {
		p, err := Parse(at)
		assert.NoError(t, err)
		doc, err := NewDocument([]byte(record))
		assert.NoError(t, err)
		want, wantOK, err := doc.Find(p)
		assert.NoError(t, err)
		got, ok, err := Find([]byte(record), p)
		assert.NoError(t, err)
		assert.Equal(t, wantOK, ok, at)
		if at != "" {
			assert.Equal(t, want, got, at)
		}
	}
	for _, record := range []string{`1`, `"a"`, `[1]`, `null`} {
		p, _ := Parse("a")
		_, ok, err := Find([]byte(record), p)
		assert.NoError(t, err)
		assert.False(t, ok)
	}
}

func TestNamesAreThoseOfAnObject(t *testing.T) {
	assert.Equal(t, []string{"a", "b\"c"}, Names([]byte(` {"a":1,"b\"c":{"d":2}}`)))
	assert.Nil(t, Names([]byte(`[1]`)))
	assert.Nil(t, Names([]byte(`7`)))
	assert.Nil(t, Names(nil))
}

func FuzzFind(f *testing.F) {
	for _, text := range []string{`{"a":{"b":[1,{"c":"x"}]},"d":null}`, `{"a":1,"a":2}`, ` [1,2]`, `{"a"`, `{"a":"\`, `7`} {
		for _, at := range []string{"a", "a.b.1.c", "/a", "0", "*", ""} {
			f.Add(text, at)
		}
	}
	f.Fuzz(func(t *testing.T, text, at string) {
		p, err := Parse(at)
		if err != nil || len(p.steps) == 0 {
			return
		}
		_ = Names([]byte(text))
		got, ok, errFind := Find([]byte(text), p)
		doc, err := NewDocument([]byte(text))
		if err != nil {
			return // Find does not read to the end
		}
		want, wantOK, err := doc.Find(p)
		if errFind == nil && err == nil && (got != want || ok != wantOK) {
			t.Fatalf("%q in %s: %v %v, want %v %v", at, text, got, ok, want, wantOK)
		}
	})
}
