package fivetran

import (
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// maxStatus is the maximum length in bytes of the message of a status. gRPC sends it in a
// header, in which other than ASCII bytes take three times the space, and clients refuse
// headers of more than 8 KB.
const maxStatus = 2000

// statusCodes holds the code of each kind of failure.
var statusCodes = map[connector.Kind]codes.Code{
	connector.Configuration: codes.InvalidArgument,
	connector.Transient:     codes.Unavailable,
	connector.Defect:        codes.Internal,
	connector.Interrupted:   codes.Unavailable, // the process was told to end, so Fivetran must try again
}

// failure returns the status of a request that failed with an error of a run.
func failure(run *host.Run, err error) error {
	code, ok := statusCodes[connector.KindOf(err)]
	if !ok {
		code = codes.Unknown
	}
	return status.Error(code, shortened(run.Explain(err), maxStatus))
}

// shortened returns a text of at most limit bytes. The log has the whole text.
func shortened(text string, limit int) string {
	const end = "… (see the log)"
	if len(text) <= limit {
		return text
	}
	cut := limit - len(end)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + end
}

// validText returns a text in which U+FFFD replaces bytes that are not UTF-8, because a client
// refuses a message with such bytes.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
