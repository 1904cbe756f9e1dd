package redact_test

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// layouts are changes of white space and the like, by programs and by people.
var layouts = []struct {
	name  string
	apply func(string) string
}{
	{"as it is", func(s string) string { return s }},
	{"lines become spaces", strings.NewReplacer("\r\n", " ", "\n", " ").Replace},
	{"more spaces", strings.NewReplacer(" ", "   ").Replace},
	{"no spaces", strings.NewReplacer(" ", "", "\n", "").Replace},
	{"plus signs become spaces", strings.NewReplacer("+", " ").Replace},
	{"spaces become plus signs", strings.NewReplacer(" ", "+").Replace},
	{"a space in the middle", func(s string) string { return inTheMiddle(s, " ") }},
	{"a zero-width space", func(s string) string { return inTheMiddle(s, "\u200b") }},
	{"a soft hyphen", func(s string) string { return inTheMiddle(s, "\u00ad") }},
	{"a byte-order mark", func(s string) string { return inTheMiddle(s, "\ufeff") }},
	{"a soft line break", func(s string) string { return inTheMiddle(s, "=\r\n") }},
	{"a soft line break with spaces", func(s string) string { return inTheMiddle(s, "=  ") }},
	{"a space after each character", func(s string) string { return strings.Join(strings.Split(s, ""), " ") }},
	{"doubled quotes, more spaces", strings.NewReplacer("'", "''", " ", "  ").Replace},
	{"the end is missing", func(s string) string { return s[:len(s)-1] }},
}

func inTheMiddle(s, add string) string {
	all := []rune(s)
	return string(all[:len(all)/2]) + add + string(all[len(all)/2:])
}

func TestASecretIsFoundInDataExactlyIfItIsMasked(t *testing.T) {
	found, count := 0, 0
	for _, k := range secretspelling.Kinds() {
		if len(k.Value) > 1000 { // it would take long
			continue
		}
		for _, secret := range k.Texts() {
			set := redact.New([]string{secret, apiKey})
			for _, s := range secretspelling.Spellings() {
				spelled := s.Spell(secret)
				if spelled == "" {
					continue
				}
				for _, layout := range layouts {
					if count++; count%8 != 0 {
						continue // all of them would take long
					}
					data := inString(t, "it is "+layout.apply(spelled)+", is it not?")
					masked, hits, err := set.Data(data)
					require.NoError(t, err)
					if hits > 0 {
						found++
					}
					if set.InData(data) != (hits > 0) {
						assert.Fail(t, "Data and InData differ", "%s, %s, %s: %q in %s: %s", k.Name, s.Name, layout.name, secret, data, masked)
					}
				}
			}
		}
	}
	assert.Greater(t, found, 3_000)
}

func TestASecretWithOtherWhiteSpaceIsFoundInDataInEachForm(t *testing.T) {
	for _, c := range []struct{ secret, text string }{
		{"abcDEF12+ghiJKL/mnopqr==", "abcDEF12 ghiJKL/mnopqr=="},
		{apiKey, "c2tfbGl2ZV85YUYza1E3 eFpwMkxtVDh2Unc0WQ=="},
		{apiKey, "sk_live_9aF3\u200bkQ7xZp2LmT8vRw4Y"},
		{apiKey, "s k _ l i v e _ 9 a F 3 k Q 7 x Z p 2 L m T 8 v R w 4 Y"},
		{"sk_live_9aF3\u200bkQ7xZp2LmT8vRw4Y", apiKey},
		{"o'brien'longest'word xyz", "o''brien''longest''word  xyz"},
		{"größenwahnsinnig horse", latin1("größenwahnsinnig") + "  horse"},
		{apiKey, "73 6b 5f 6c 69 76 65  5f 39 61 46 33 6b 51  37 78 5a 70 32 4c 6d 54 38 76 52 77 34 59"},
		{`\u0041\u0042\u0043\u0044\u0045 \u0046\u0047`, "ABCDE+FG"},
	} {
		set := redact.New([]string{c.secret})
		data := []byte(`{"a":"` + c.text + `"}`)
		assert.True(t, set.InData(data), "%q in %q", c.secret, c.text)
		masked, _, err := set.Data(data)
		require.NoError(t, err)
		assert.Equal(t, `{"a":"[redacted]"}`, string(masked))
	}
}

func TestASecretIsFoundInDataWhateverPrecedesItAndHoweverDeepItIs(t *testing.T) {
	deep := "pass&word&12345"
	for range 8 {
		deep = html.EscapeString(deep)
	}
	for _, c := range []struct{ secret, text, want string }{
		{"nQ7xK2Lm9Vt4RsW", `C:\nQ7xK2Lm9Vt4RsW`, `C:\\[redacted]`},
		{"41bcdefghij", `100%41bcdefghij`, `100%[redacted]`},
		{"pass&word&12345", deep, "[redacted]"},
	} {
		set := redact.New([]string{c.secret})
		data := inString(t, c.text)
		assert.True(t, set.InData(data), "%s", data)
		masked, _, err := set.Data(data)
		require.NoError(t, err)
		assert.Equal(t, `["`+c.want+`"]`, string(masked))
	}
}
