package fakeapi

import (
	"errors"
	"net/http"
	"strings"
)

// A door is a way to be let in.
type door struct {
	header, query string // where the credentials are
	challenge     string // for WWW-Authenticate
	want          string // for the message
	given, good   func(*http.Request) bool
}

// Bearer lets in who bears a token (RFC 6750). All others get status 401 with
// WWW-Authenticate. Of several such options, of this kind or another, each is a
// way in; without any, everybody is let in.
func Bearer(token string) Option {
	return authorization("Bearer", "the header Authorization: Bearer <token>", token, func(r *http.Request) bool {
		scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return strings.EqualFold(scheme, "Bearer") && got == token
	})
}

// Basic lets in who has a name and a password (RFC 7617), and is otherwise as
// [Bearer].
func Basic(user, password string) Option {
	return authorization("Basic", "the header Authorization: Basic <user and password>", user+password, func(r *http.Request) bool {
		gotUser, gotPassword, ok := r.BasicAuth()
		return ok && gotUser == user && gotPassword == password
	})
}

// Header lets in who sends a header of that value, such as X-API-Key, and is
// otherwise as [Bearer].
func Header(name, value string) Option {
	return enter(value, door{
		header:    name,
		challenge: `APIKey realm="fakeapi", header="` + name + `"`, // there is no registered scheme for it
		want:      "the header " + name,
		given:     func(r *http.Request) bool { return r.Header.Get(name) != "" },
		good:      func(r *http.Request) bool { return r.Header.Get(name) == value },
	})
}

// Query lets in who sends a query parameter of that value, such as api_key, and
// is otherwise as [Bearer]. Links to a next page come without it.
func Query(name, value string) Option {
	return enter(value, door{
		query:     name,
		challenge: `APIKey realm="fakeapi", query="` + name + `"`,
		want:      "the query parameter " + name,
		given:     func(r *http.Request) bool { return r.URL.Query().Has(name) },
		good:      func(r *http.Request) bool { return r.URL.Query().Get(name) == value },
	})
}

func authorization(scheme, want, secret string, good func(*http.Request) bool) Option {
	return enter(secret, door{
		header:    "Authorization",
		challenge: scheme + ` realm="fakeapi"`,
		want:      want,
		given:     func(r *http.Request) bool { return r.Header.Get("Authorization") != "" },
		good:      good,
	})
}

func enter(secret string, d door) Option {
	return func(a *API) {
		if secret == "" {
			a.errs = append(a.errs, errors.New("the credentials are empty: "+d.want))
		}
		a.doors = append(a.doors, d)
	}
}

// letIn checks a request's credentials.
func (a *API) letIn(r *http.Request, header http.Header) error {
	if len(a.doors) == 0 {
		return nil
	}
	var wants []string
	what := "no"
	for _, door := range a.doors {
		if door.good(r) {
			header.Del("WWW-Authenticate")
			return nil
		}
		if door.given(r) {
			what = "wrong"
		}
		header.Add("WWW-Authenticate", door.challenge)
		wants = append(wants, door.want)
	}
	return refuse(http.StatusUnauthorized, "%s credentials: want %s", what, strings.Join(wants, " or "))
}
