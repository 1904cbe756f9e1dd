package host

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A reader of the log would lose a line that is not JSON.
func TestALineOfTheLogStaysJSONWhateverTheSecretIs(t *testing.T) {
	for _, secret := range []string{"0", "17", "1234", "true", "null", "msg", "level", "INFO", `"`, `":`, ",", "{", "}", `\`, `0,"b`, `"ok":tr`, "\n", "e"} {
		var out bytes.Buffer
		r := new(redactor)
		r.add([]string{secret})
		log := slog.New(slog.NewJSONHandler(redactingWriter{&out, r}, nil))
		log.Info(`a "quoted" line`, "n", 0, "b", 1234, "ok", true, "no", nil, "deep", slog.GroupValue(slog.Int("x", 17), slog.String("s", `\"`)))
		log.Info("second")
		lines := bytes.SplitAfter(out.Bytes(), []byte("\n"))
		require.Len(t, lines, 3, "%q", secret)
		for _, line := range lines[:2] {
			var fields map[string]any
			assert.NoError(t, json.Unmarshal(line, &fields), "secret %q: %s", secret, line)
		}
	}
}

func TestASecretInARecordIsMaskedInEveryToken(t *testing.T) {
	r := new(redactor)
	r.add([]string{"1234", "long-secret"})
	assert.Equal(t, `{"n":"[redacted]","s":"pin [redacted]","[redacted]":[1,"[redacted]"]}`+"\n",
		r.record(`{"n":1234,"s":"pin 1234","long-secret":[1,"long\u002dsecret"]}`+"\n"))
	assert.Equal(t, "pin [redacted] {", r.record("pin 1234 {"))
	r.add([]string{`","level":"INFO`})
	assert.NotContains(t, r.record(`{"a":"x","level":"INFO","n":1234}`), `","level":"INFO`)
}
