// Package auth implements the ways in which sources authenticate requests. Pass one of
// them to transport.WithAuth:
//
//	client, err := transport.New(baseURL, transport.WithAuth(auth.HeaderKey("X-Api-Key", key)))
//
// The kinds are:
//
//   - [Bearer]: a fixed token in the Authorization header
//   - [HeaderKey]: a fixed key in any header
//   - [QueryKey]: a fixed key in a query parameter
//   - [Basic]: a user name and a password
//   - [OAuth2]: OAuth 2.0 with client credentials or a refresh token
//   - [JWTBearer]: OAuth 2.0 with a signed assertion, for service accounts
//   - [Login]: a token from a request of your own, renewed when it expires
//   - [CookieLogin]: a session that is identified by cookies
//   - [Sign]: a signature over each request
//   - [Func]: anything else
//   - [None]: nothing
//
// [FirstOf] picks the kind for which the configuration has a value.
//
// Credentials are sent only to the source's own hosts, and hidden in errors and logs.
// They do not appear if a value of this package is printed. All values are safe for
// concurrent use, and one value can serve several clients.
//
// # Tokens obtained at run time
//
// OAuth2, JWTBearer and Login obtain a token when the first request needs one, and share
// it. In a run of a connector, the runtime masks the latest tokens of each value in rows,
// logs, warnings and errors, and refuses a state that contains one, like the secrets of
// the configuration.
//
// A token endpoint or a login that is busy delays requests as the source itself does: if
// it asks for a wait, requests wait that long, and none of them calls it meanwhile. If it
// refuses the credentials, the error says what the user must fix.
//
// Many sources replace the refresh token at each use and refuse the old one. Set
// [OAuth2Config].Rotated to store the new one.
package auth
