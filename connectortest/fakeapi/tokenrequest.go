package fakeapi

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const formType = "application/x-www-form-urlencoded"

// An oauthError is the error response of a token endpoint (RFC 6749 §5.2).
type oauthError struct {
	status            int
	code, description string
}

func (e *oauthError) response() response {
	description := strings.Map(func(c rune) rune {
		switch {
		case c == '"', c == '\\':
			return '\''
		case c < ' ' || c > '~':
			return '?'
		}
		return c
	}, e.description) // RFC 6749 §5.2 allows no other characters
	r := jsonResponse(e.status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{e.code, description})
	if e.status == http.StatusUnauthorized {
		r.set("WWW-Authenticate", `Basic realm="fakeapi"`)
	}
	return r
}

func invalidRequest(description string) *oauthError {
	return &oauthError{http.StatusBadRequest, "invalid_request", description}
}

// respond handles a token request.
func (o *oauth) respond(c *call) (response, error) {
	r, e := o.grant(c)
	if e != nil {
		r = e.response()
	}
	r.set("Cache-Control", "no-store") // RFC 6749 §5.1
	r.set("Pragma", "no-cache")
	return r, nil
}

func (o *oauth) grant(c *call) (response, *oauthError) {
	form, e := o.form(c)
	if e != nil {
		return response{}, e
	}
	if e := o.authenticate(c.Request, form); e != nil {
		return response{}, e
	}
	if e := o.checkGrant(form["grant_type"]); e != nil {
		return response{}, e
	}
	scope, e := o.scope(form["scope"])
	if e != nil {
		return response{}, e
	}
	var g grant
	if !o.refreshes {
		g = o.issuer.issue(o.lifetime)
	} else {
		if form["refresh_token"] == "" {
			return response{}, invalidRequest("the parameter refresh_token is missing")
		}
		var err error
		if g, err = o.issuer.rotate(form["refresh_token"], o.lifetime); err != nil {
			return response{}, &oauthError{http.StatusBadRequest, "invalid_grant", err.Error()}
		}
	}
	return jsonResponse(http.StatusOK, struct {
		AccessToken  string `json:"access_token"`
		TokenType    string `json:"token_type"`
		ExpiresIn    int64  `json:"expires_in"`
		RefreshToken string `json:"refresh_token,omitempty"`
		Scope        string `json:"scope,omitempty"`
	}{g.access, "Bearer", int64(o.lifetime / time.Second), g.refresh, scope}), nil
}

// form returns the parameters of a token request. A parameter without a value counts
// as omitted (RFC 6749 §3.2).
func (o *oauth) form(c *call) (map[string]string, *oauthError) {
	if err := c.rejectQuery(); err != nil {
		return nil, invalidRequest(err.Error())
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != formType {
		return nil, invalidRequest("the body is not a form: want the content type " + formType)
	}
	values, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, invalidRequest("the form is malformed")
	}
	known := []string{"grant_type", "scope", "client_id", "client_secret"}
	if o.refreshes {
		known = append(known, "refresh_token")
	}
	form := map[string]string{}
	var names []string
	for name, all := range values {
		if len(all) > 1 && slices.Contains(known, name) {
			return nil, invalidRequest("the parameter " + name + " occurs more than once")
		}
		if all[0] != "" {
			form[name] = all[0]
			names = append(names, name)
		}
	}
	if unknown := c.api.unknown(names, known); len(unknown) > 0 {
		return nil, invalidRequest("the endpoint has no parameter " + strings.Join(unknown, ", ") + ": it has " + strings.Join(known, ", ") + "; the option IgnoreParameters allows further ones")
	}
	return form, nil
}

// authenticate checks the credentials of the client.
func (o *oauth) authenticate(r *http.Request, form map[string]string) *oauthError {
	invalid := func(description string) *oauthError {
		return &oauthError{http.StatusUnauthorized, "invalid_client", description}
	}
	id, secret := form["client_id"], form["client_secret"]
	if r.Header.Get("Authorization") != "" {
		if id != "" && secret != "" {
			return invalidRequest("the client authenticates in the header Authorization and in the body: want one of them")
		}
		user, password, ok := r.BasicAuth()
		if !ok {
			return invalid("the header Authorization has no Basic credentials")
		}
		headerID, err := url.QueryUnescape(user)
		headerSecret, err2 := url.QueryUnescape(password)
		if err != nil || err2 != nil {
			return invalid("the Basic credentials are not form-encoded (RFC 6749 §2.3.1)")
		}
		if id != "" && id != headerID {
			return invalidRequest("client_id differs from the user name of the Basic credentials")
		}
		id, secret = headerID, headerSecret
	}
	switch {
	case id == "":
		return invalid("the credentials of the client are missing")
	case id != o.clientID || secret != o.secret:
		return invalid("the credentials of the client are wrong")
	}
	return nil
}

// checkGrant checks the grant type.
func (o *oauth) checkGrant(grantType string) *oauthError {
	supported, other := "client_credentials", "refresh_token"
	if o.refreshes {
		supported, other = other, supported
	}
	switch grantType {
	case supported:
		return nil
	case "":
		return invalidRequest("the parameter grant_type is missing: want " + supported)
	case other:
		return &oauthError{http.StatusBadRequest, "unauthorized_client", "the client may not use the grant " + other + ": want " + supported}
	}
	return &oauthError{http.StatusBadRequest, "unsupported_grant_type", "the endpoint does not support this grant: want " + supported}
}

// withoutSecrets returns the form of a token request without its secrets.
func withoutSecrets(body []byte) []byte {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil // the secrets in a malformed form cannot be found
	}
	form.Del("client_secret")
	form.Del("refresh_token")
	return []byte(form.Encode())
}
