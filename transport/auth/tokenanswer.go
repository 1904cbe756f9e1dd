package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A tokenAnswer is the body of a response of a token endpoint: a success (RFC 6749
// §5.1) or an error (§5.2). Token endpoints differ from the RFC in many ways, so it is
// parsed leniently: an access token that the answer contains is used.
type tokenAnswer struct {
	accessToken, tokenType, refreshToken string
	lifetime                             time.Duration // 0 if it is unknown
	failed                               bool          // the answer reports an error
	errorCode, errorDescription          string
	names                                []string // of all members
}

// These errors report that a body is not the answer of a token endpoint.
var (
	errNoTokenAnswer = errors.New("the response is neither JSON nor a form")
	errEmptyAnswer   = errors.New("the response is empty, neither JSON nor a form")
)

// parseTokenAnswer parses a body. Some endpoints respond with a form instead of JSON, and
// many declare a wrong media type, so the body itself decides.
func parseTokenAnswer(body []byte) (tokenAnswer, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff")))
	if len(body) == 0 {
		return tokenAnswer{}, errEmptyAnswer
	}
	if bytes.HasPrefix(body, []byte("{")) {
		return parseTokenJSON(body)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("access_token") && !form.Has("error") {
		return tokenAnswer{}, errNoTokenAnswer
	}
	a := tokenAnswer{
		accessToken: strings.TrimSpace(form.Get("access_token")), tokenType: form.Get("token_type"),
		refreshToken: strings.TrimSpace(form.Get("refresh_token")), lifetime: lifetimeOf(form.Get("expires_in")),
		errorCode: form.Get("error"), errorDescription: form.Get("error_description"),
		names: slices.Sorted(maps.Keys(form)),
	}
	a.failed = a.errorCode != ""
	return a, nil
}

func parseTokenJSON(body []byte) (tokenAnswer, error) {
	var members struct {
		AccessToken  json.RawMessage `json:"access_token"`
		TokenType    json.RawMessage `json:"token_type"`
		RefreshToken json.RawMessage `json:"refresh_token"`
		ExpiresIn    json.RawMessage `json:"expires_in"`
		Error        json.RawMessage `json:"error"`
		Description  json.RawMessage `json:"error_description"`
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil || json.Unmarshal(body, &all) != nil {
		return tokenAnswer{}, errNoTokenAnswer
	}
	a := tokenAnswer{
		accessToken: scalar(members.AccessToken), tokenType: scalar(members.TokenType),
		refreshToken: scalar(members.RefreshToken), lifetime: lifetimeOf(scalar(members.ExpiresIn)),
		errorCode: errorCodeOf(members.Error), errorDescription: scalar(members.Description),
		names: slices.Sorted(maps.Keys(all)),
	}
	// Some endpoints have an object with the details, or true beside a message.
	var details map[string]json.RawMessage
	if json.Unmarshal(members.Error, &details) == nil && len(details) > 0 {
		a.explain(details)
	}
	a.failed = a.errorCode != "" || len(details) > 0 || string(members.Error) == "true"
	if a.accessToken == "" {
		a.explain(all)
		var list []map[string]json.RawMessage
		if json.Unmarshal(all["errors"], &list) == nil && len(list) > 0 {
			a.explain(list[0])
		}
	}
	return a, nil
}

// errorCodeOf returns an error code. If errors have numbers, 0 is not an error.
func errorCodeOf(raw json.RawMessage) string {
	if code := scalar(raw); code != "0" {
		return code
	}
	return ""
}

// explain completes the error code and the description of an answer by members that are
// not those of the RFC.
func (a *tokenAnswer) explain(members map[string]json.RawMessage) {
	for _, name := range []string{"errorCode", "error_code", "code", "type", "status"} {
		if a.errorCode == "" {
			a.errorCode = errorCodeOf(members[name])
		}
	}
	for _, name := range []string{"message", "errorSummary", "errorMessage", "error_message", "detail", "title"} {
		if a.errorDescription == "" {
			a.errorDescription = scalar(members[name])
		}
	}
}

// scalar returns a JSON string without surrounding white space, or the digits of a
// number. It returns "" for any other value.
func scalar(raw json.RawMessage) string {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return strings.TrimSpace(text)
	case json.Unmarshal(raw, &number) == nil:
		return number.String()
	}
	return ""
}

// maxLifetime bounds the lifetime of a token so that adding it to a time does not
// overflow. A longer one does not end while a process runs.
const maxLifetime = 100 * 365 * 24 * time.Hour

// lifetimeOf parses an expires_in, which is a number of seconds. Endpoints also send
// fractions, exponents and texts, and 0 or a negative number for a token that does not
// expire. If the lifetime is unknown, it returns 0: the token then works until the source
// refuses it.
func lifetimeOf(expiresIn string) time.Duration {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(expiresIn), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 || seconds > maxLifetime.Seconds() {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// isBearer reports whether a token is sent as a bearer token (RFC 6750). A client must
// not use a token whose type it does not know (RFC 6749 §7.1). If the endpoint omits the
// type, it is a bearer token.
func (a tokenAnswer) isBearer() bool {
	name := strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.TrimSpace(a.tokenType)))
	return name == "" || name == "bearer" || name == "bearertoken"
}

// memberNames returns the names of the members for an error.
func (a tokenAnswer) memberNames() string {
	if len(a.names) == 0 {
		return "no members"
	}
	return shorten.Line(strings.Join(a.names, ", "), 200)
}

// withoutToken says what an answer without an access token has.
func (a tokenAnswer) withoutToken() string {
	if slices.ContainsFunc(a.names, func(name string) bool { return strings.EqualFold(name, "access_token") }) {
		return "the access_token in the response is empty"
	}
	return "the response has no access_token, only " + a.memberNames()
}

// token returns the access token of an answer.
func (a tokenAnswer) token() (AccessToken, error) {
	switch {
	case a.accessToken == "":
		return AccessToken{}, errors.New("get an access token: " + a.withoutToken())
	case !a.isBearer():
		return AccessToken{}, fmt.Errorf("get an access token: its type is %q, not bearer: to send it in another way, use auth.Login", shorten.Line(a.tokenType, 50))
	}
	t := AccessToken{Value: a.accessToken}
	if a.lifetime > 0 {
		t.Expires = time.Now().Add(a.lifetime)
	}
	return t, nil
}
