package redact_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/internal/redact"
)

func TestTheTimeForARunOfBase64WithManyMatchesGrowsWithItsSize(t *testing.T) {
	set := redact.New([]string{apiKey})
	one := base64.StdEncoding.EncodeToString([]byte("ab" + apiKey))
	growth.AssertLinear(t, 40_000, func(size int) func() {
		data := inString(t, strings.Repeat(one, size/len(one)))
		return func() {
			masked, _, err := set.Data(data)
			assert.NoError(t, err)
			assert.Equal(t, `["[redacted]"]`, string(masked))
		}
	})
}

func TestEachRunOfBase64IsMaskedToItsOwnEnds(t *testing.T) {
	set := redact.New([]string{apiKey})
	run := func(before, after string) string {
		return base64.StdEncoding.EncodeToString([]byte(before + apiKey + after))
	}
	twice := strings.TrimRight(run("a", ""), "=") + run("ab", "c")
	assert.Equal(t, "x [redacted] y [redacted]. [redacted], key [redacted]",
		set.Text("x "+run("before ", " after")+" y "+twice+". "+strings.ReplaceAll(run("a", ""), "=", "%3d")+", key "+apiKey))
	assert.Equal(t, "[redacted] [redacted]", set.Text(strings.Repeat(run("abc", "ab"), 3)+" "+strings.Repeat(run("ab", ""), 3)))
}

func TestTheTimeForALongTokenThatRepeatsItselfGrowsWithItsSize(t *testing.T) {
	for name, of := range map[string]func(size int) (secret, row string){
		"the row has no end of the token": func(size int) (string, string) {
			return strings.Repeat("a", size) + "b", strings.Repeat("a", size) + " " + apiKey
		},
		"the row is longer": func(size int) (string, string) {
			return strings.Repeat("a", size) + "b", strings.Repeat("a", 4*size) + " " + apiKey
		},
		"a long period": func(size int) (string, string) {
			period := "abcdefghijklmnopq"
			return strings.Repeat(period, size/17) + "?", strings.Repeat(period, size/8) + apiKey
		},
		"the start differs": func(size int) (string, string) {
			return "b" + strings.Repeat("a", size), strings.Repeat("a", size) + apiKey
		},
		"the middle differs": func(size int) (string, string) {
			half := strings.Repeat("a", size/2)
			return half + "b" + half, half + "c" + half + " " + apiKey
		},
		"not a token": func(size int) (string, string) {
			return strings.Repeat("a", size) + "b;<", strings.Repeat("a", size) + " " + apiKey
		},
	} {
		t.Run(name, func(t *testing.T) {
			growth.AssertLinear(t, 4_000, func(size int) func() {
				secret, row := of(size)
				set, data := redact.New([]string{secret, apiKey}), inString(t, row)
				_ = set.Text("the index is built")
				set.InData([]byte("the tables are built"))
				return func() {
					assert.True(t, set.InData(data))
					masked, _, err := set.Data(data)
					assert.NoError(t, err)
					assert.NotContains(t, string(masked), apiKey)
					assert.NotContains(t, set.Text(row), apiKey)
				}
			})
		})
	}
}

func TestTheTimeToFindALongTokenThatRepeatsItselfInDataGrowsWithItsSize(t *testing.T) {
	for _, end := range []string{"", "\\", "\u200b"} {
		growth.AssertLinear(t, 12_000, func(size int) func() {
			set := redact.New([]string{strings.Repeat("a", size/2) + "b"})
			data := inString(t, strings.Repeat("a", size)+end)
			set.InData(data)
			return func() { assert.False(t, set.InData(data)) }
		})
	}
}

func TestALongTokenIsFoundAfterManyTextsThatAreAlmostIt(t *testing.T) {
	secret := strings.Repeat("a", 20_000) + "b"
	for _, end := range []string{"", ";<"} {
		set := redact.New([]string{secret + end})
		for _, row := range []string{secret + end, strings.Repeat("a", 30_000) + secret + end, strings.Repeat("a", 9_000) + " " + strings.Repeat("a", 60_000) + " " + secret + end + " x"} {
			data := inString(t, row)
			assert.True(t, set.InData(data))
			masked, count, err := set.Data(data)
			require.NoError(t, err)
			assert.Equal(t, 1, count)
			assert.NotContains(t, string(masked), "b")
			assert.Equal(t, `["`, string(masked[:2]), "the mask replaces the token, not the value")
			assert.NotContains(t, set.Text(row), "b")
		}
		almost := inString(t, strings.Repeat("a", 60_000))
		assert.False(t, set.InData(almost))
		masked, _, err := set.Data(almost)
		require.NoError(t, err)
		assert.Equal(t, string(almost), string(masked))
	}
}
