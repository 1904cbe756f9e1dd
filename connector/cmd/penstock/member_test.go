package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSetMemberChangesNothingElse(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                              `{"t": "new"}`,
		"{\n}\n":                          "{\"t\": \"new\"\n}\n",
		`{"a":"1"}`:                       `{"a":"1","t": "new"}`,
		"{\n  \"a\": \"${A}\"\n}\n":       "{\n  \"a\": \"${A}\",\n  \"t\": \"new\"\n}\n",
		`{ "t" : "old" , "a":"\u0031" }`:  `{ "t" : "new" , "a":"\u0031" }`,
		`{"a":"t","\u0074":"old"}`:        `{"a":"t","\u0074":"new"}`,
		`{"t":"older","a":"1","t":"old"}`: `{"t":"new","a":"1","t":"new"}`,
	} {
		_, changed, err := setMember([]byte(text), "t", "new")
		require.NoError(t, err, text)
		assert.Equal(t, want, string(changed))
	}
	old, _, err := setMember([]byte(`{"t":"a\nb"}`), "t", "new")
	require.NoError(t, err)
	assert.Equal(t, "a\nb", old)
	for _, text := range []string{``, `[]`, `{"t":"hush"`, `{"t":hush}`, `{"t":1}`} {
		_, _, err := setMember([]byte(text), "t", "new")
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "hush")
	}
}
