package fakeapi

import (
	"errors"
	"net/http"
	"strings"
)

// A credential admits the requests that carry it.
type credential struct {
	header, query  string // the header or the query parameter that holds it
	challenge      string // for WWW-Authenticate
	want           string // for the message
	present, valid func(*http.Request) bool
	// problem says why an access token is not valid. It is nil for credentials that do
	// not change.
	problem func(*http.Request) error
}

// Bearer accepts requests with this bearer token (RFC 6750). The API rejects other
// requests with status 401 and a WWW-Authenticate header.
//
// If there are several options for credentials, of the same or of different
// kinds, each of them is sufficient. Without such an option, the API accepts
// every request.
func Bearer(token string) Option {
	return authorizationHeader("Bearer", "the header Authorization: Bearer <token>", token, func(r *http.Request) bool {
		return bearerToken(r) == token
	})
}

// Basic accepts requests with this user name and password (RFC 7617). Otherwise it
// works like [Bearer].
func Basic(user, password string) Option {
	return authorizationHeader("Basic", "the header Authorization: Basic <user and password>", user+password, func(r *http.Request) bool {
		gotUser, gotPassword, ok := r.BasicAuth()
		return ok && gotUser == user && gotPassword == password
	})
}

// Header accepts requests in which the named header, such as X-API-Key, has this
// value. Otherwise it works like [Bearer].
func Header(name, value string) Option {
	return accept(value, credential{
		header:    name,
		challenge: `APIKey realm="fakeapi", header="` + name + `"`, // no scheme is registered for API keys
		want:      "the header " + name,
		present:   func(r *http.Request) bool { return r.Header.Get(name) != "" },
		valid:     func(r *http.Request) bool { return r.Header.Get(name) == value },
	})
}

// Query accepts requests in which the named query parameter, such as api_key, has
// this value. Otherwise it works like [Bearer]. Links to a next page do not contain the
// parameter.
func Query(name, value string) Option {
	return accept(value, credential{
		query:     name,
		challenge: `APIKey realm="fakeapi", query="` + name + `"`,
		want:      "the query parameter " + name,
		present:   func(r *http.Request) bool { return r.URL.Query().Has(name) },
		valid:     func(r *http.Request) bool { return r.URL.Query().Get(name) == value },
	})
}

func authorizationHeader(scheme, want, secret string, valid func(*http.Request) bool) Option {
	return accept(secret, credential{
		header:    "Authorization",
		challenge: scheme + ` realm="fakeapi"`,
		want:      want,
		present:   func(r *http.Request) bool { return r.Header.Get("Authorization") != "" },
		valid:     valid,
	})
}

func accept(secret string, c credential) Option {
	return func(a *API) {
		if secret == "" {
			a.errs = append(a.errs, errors.New("the credentials are empty: "+c.want))
		}
		a.credentials = append(a.credentials, c)
	}
}

// authorize checks the credentials of a request.
func (a *API) authorize(r *http.Request, header http.Header) error {
	if len(a.credentials) == 0 {
		return nil
	}
	var wants []string
	problem := "missing credentials"
	for _, credential := range a.credentials {
		if credential.valid(r) {
			header.Del("WWW-Authenticate")
			return nil
		}
		if credential.present(r) {
			problem = "wrong credentials"
		}
		challenge := credential.challenge
		if credential.problem != nil {
			if err := credential.problem(r); err != nil {
				problem = err.Error()
				challenge += `, error="invalid_token", error_description="` + err.Error() + `"`
			}
		}
		header.Add("WWW-Authenticate", challenge)
		wants = append(wants, credential.want)
	}
	return reject(http.StatusUnauthorized, "%s: want %s", problem, strings.Join(wants, " or "))
}
