// Package replay records the HTTP traffic between a connector and a real API once,
// and replays it in later test runs.
//
//	func TestOrders(t *testing.T) {
//		key := cmp.Or(os.Getenv("SHOP_API_KEY"), "key-0123456789")
//		c := &Connector{APIKey: connector.Secret(key)}
//		network := replay.Open(t, "testdata/orders.yaml", replay.Scrub(key))
//
//		sync := connectortest.Sync(t, c, connectortest.Network(network))
//		assert.Len(t, sync.Rows("orders"), 5)
//	}
//
// To record, run the test with the flag -replay.record and a real key:
//
//	SHOP_API_KEY=… go test -run TestOrders -replay.record
//
// Requests then go to the real API. If the test passes, the recording is written at
// its end. Review the file and commit it. Without the flag, responses come from the
// file, and no request reaches the network. Recording is refused if the environment
// variable CI is set, as in continuous integration.
//
// Each test needs its own file and must make the same requests in each run. If a
// request depends on the time, use a fixed time in the test or [Ignore] the
// parameter.
//
// # Secrets
//
// No secret reaches the disk. Before anything is written, the mask [redacted] replaces
// the following values in requests and responses:
//
//   - the values of [Scrub], in any place and in the spellings that the runtime
//     recognizes in logs: plain, URL-escaped, in JSON and in JSON within JSON, in HTML,
//     in hex, and in base64, alone or as part of the encoded text, also with line breaks
//     and indentation
//   - headers whose names sound secret: Authorization, Cookie, Set-Cookie and all
//     others whose names contain auth, key, token, secret, signature, password,
//     session or cookie, except page tokens
//   - URL parameters whose names sound secret, such as api_key, token, sig and
//     X-Amz-Signature, including those of URLs in bodies and headers
//   - form fields with such names, and the fields code and code_verifier of a token
//     request
//   - the JSON members access_token, refresh_token, id_token, client_secret,
//     password, assertion and client_assertion, also in camel case
//   - passwords in URLs
//   - every other occurrence of a value of at least 16 bytes that a request had in
//     one of these places, or that a response contained as a token
//
// Three places cannot hold the mask. In the name of a host, the user information of a URL
// and the name of a header, which must not contain brackets, it is the word redacted. A
// number of JSON that contains a secret becomes 0. Base64 that contains a secret is decoded
// and encoded again, so it can still be decoded. If a line break or an escape divides a
// secret in base64, the mask replaces the characters of base64, up to two bytes at the ends
// of the secret may remain, and the rest cannot be decoded.
//
// Independent code then searches the finished file for these values, and for parts of 16
// bytes that look like a generated key, unless the value is a URL, a JSON object or a
// connection string. If it finds one, nothing is written and the test fails. Use [Keep] for
// names that sound secret but are not.
//
// Secrets in compressed files, images and other encodings are not found, nor are secrets
// that a message divides among several strings of JSON, parameters or headers. Personal
// data is not removed. Record with a test account.
//
// # Matching
//
// A request gets the response to the recorded request with the same method, URL and
// body.
// The order of parameters does not matter. JSON bodies are compared as JSON, with
// all digits of numbers. Forms are compared as forms, and all other bodies byte by
// byte. Headers are not compared. Neither are secrets, which are replaced in both
// requests, so a test replays with any key. A token that was
// replaced in a response reaches the connector as the mask, and the connector sends
// the mask in later requests.
//
// Equal requests get their responses in the order of the recording, so a job that
// is polled becomes ready, and a retry succeeds. After the last response, further
// equal requests get that response again. For example, a second sync reads what the
// first one read last. A recording therefore omits responses at its end that repeat
// the previous response to an equal request.
//
// A response has the recorded status, headers and body, except for the Date header,
// replaced secrets and compression. Bodies are stored uncompressed.
//
// A request that was not recorded fails with [ErrNotRecorded]. The error names the
// nearest recorded request and the differences. Package transport reports the error
// as a defect and does not retry the request. The first error of this kind also
// fails the test, in case the connector ignores it.
//
// # Limits
//
// A recording accepts all credentials and contains only the states in which it was
// recorded. It is therefore not suited to connectortest.Run, which starts from many
// states and with wrong secrets. Use a source in memory there, such as package
// fakeapi.
package replay
