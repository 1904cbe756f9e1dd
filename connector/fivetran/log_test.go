package fivetran

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestARecordOfTheLogIsALineOfThePlatform(t *testing.T) {
	for d, want := range map[Dialect]string{
		PartnerSDK: `{"level":"INFO","message":"details a=1","message-origin":"sdk_connector"}
{"level":"INFO","message":"say \"hi\" <b> table=orders group.n=2 group.text=\"two words\"","message-origin":"sdk_connector"}
{"level":"WARNING","message":"line\nbreak","message-origin":"sdk_connector"}
{"level":"SEVERE","message":"no","message-origin":"sdk_connector"}
`,
		ConnectorSDK: `{"level":"DEBUG","message":"details a=1","message_origin":"connector_sdk"}
{"level":"INFO","message":"say \"hi\" <b> table=orders group.n=2 group.text=\"two words\"","message_origin":"connector_sdk"}
{"level":"WARNING","message":"line\nbreak","message_origin":"connector_sdk"}
{"level":"SEVERE","message":"no","message_origin":"connector_sdk"}
`,
	} {
		var b strings.Builder
		log := slog.New(newLogHandler(&b, slog.LevelDebug, d))
		log.Debug("details", "a", 1)
		log.With("table", "orders").WithGroup("group").Info(`say "hi" <b>`, "n", 2, "text", "two words")
		log.Warn("line\nbreak")
		log.Error("no")
		assert.Equal(t, want, b.String())
	}
	assert.False(t, newLogHandler(nil, slog.LevelWarn, PartnerSDK).Enabled(context.Background(), slog.LevelInfo))
}

func TestAnAttributeWithANameOfTheRecordIsInTheLog(t *testing.T) {
	var b strings.Builder
	slog.New(newLogHandler(&b, slog.LevelDebug, PartnerSDK)).With("time", "1s").Warn("slow", "level", 2, "msg", "", slog.Group("empty"), slog.Attr{})
	assert.Equal(t, `{"level":"WARNING","message":"slow time=1s level=2 msg=\"\"","message-origin":"sdk_connector"}`+"\n", b.String())
}
