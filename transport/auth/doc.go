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
//   - [None]: no credentials
//
// [FirstOf] picks the kind for which the configuration has a value.
//
// Credentials are sent only to the source's own hosts (see transport.WithHosts). They are
// hidden in errors and logs, and do not appear if a value of this package is printed. All
// values are safe for concurrent use, and one value can serve several clients.
//
// # Failures
//
// If the user must fix the configuration, requests fail with an error whose Configuration
// method returns true: a credential is empty, has a character that cannot be sent, or is
// refused by the source or its token endpoint. The error says what to fix. It does not
// contain the credential.
//
// If obtaining a token fails in a way that may be temporary, the token is requested again
// together with the request that needs it, as transport.WithRetry describes. If the token
// endpoint or the login asks for a wait, all requests wait that long, and none of them
// calls it in the meantime.
//
// # Tokens obtained at run time
//
// OAuth2, JWTBearer and Login obtain a token when the first request needs one, and share
// it among all requests. In a run of a connector, the runtime treats these tokens, also
// replaced ones, like the secrets of the configuration: it masks them in rows, logs, warnings
// and errors, and refuses a state that contains one. If a run obtains thousands of tokens, it
// may drop replaced ones, and logs a warning when it does.
//
// Many sources replace the refresh token at each use and refuse the old one. Set
// [OAuth2Config].Rotated to store the new one.
package auth
