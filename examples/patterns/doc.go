// Package patterns shows how to read the HTTP API that you have in front of
// you. Look up what it does in the lists below, and copy the function at the
// end of the line. Each is complete, and go test runs it against a server that
// speaks just that.
//
// Most APIs need one of each list: credentials, a way to the next page, and
// perhaps a limit. They are put together by giving transport.New several
// options, and transport.Records the paging.
//
// # Credentials (auth_test.go)
//
//	API key in a header: X-Api-Key, Authorization: Token     Example_apiKeyInHeader
//	API key in the URL: ?api_key=, ?key=                     Example_apiKeyInQuery
//	user name and password: HTTP Basic                       Example_basic
//	bearer token, personal access token                      Example_bearer
//	OAuth2 client credentials: client id and secret          Example_oauth2ClientCredentials
//	OAuth2 refresh token, also one that changes with use     Example_oauth2RefreshToken
//	session token: log in first, and again after a 401       Example_sessionToken
//
// # Pages (paging_test.go)
//
//	page number: ?page=2&per_page=100                        Example_pageNumber
//	offset and limit: ?offset=100, ?skip=100, ?startAt=100   Example_offset
//	cursor in the body: next_cursor, nextPageToken           Example_cursor
//	keyset, last id: ?starting_after=42, ?since_id=42        Example_keyset
//	next URL in the body: next, links.next, @odata.nextLink  Example_nextURL
//	Link header: rel="next"                                  Example_linkHeader
//	scroll token: _scroll_id, Elasticsearch, OpenSearch      Example_scrollToken
//	GraphQL: pageInfo, endCursor, hasNextPage                Example_graphQL
//
// # Much of it (slices_test.go)
//
//	time windows: ?from=&to=, at most a day per request      Example_timeWindows
//	parent and child: /orders/42/items for every order       Example_parentChild
//	parallel pages: many pages, slow answers                 Example_parallelPages
//	prefetch: ask for the next page while working on this    Example_prefetch
//	async report: create, poll until done, download          Example_asyncReport
//
// # Formats other than JSON (formats_test.go)
//
//	NDJSON, JSON Lines, .jsonl                               Example_ndjson
//	CSV export, TSV, semicolons, Latin-1                     Example_csvExport
//	XML                                                      Example_xml
//	gzipped file: .csv.gz, .json.gz                          Example_gzipped
//
// # Limits and failures (limits_test.go)
//
//	rate limit: requests per minute, 429, Retry-After        Example_rateLimit
//	errors reported with status 200: {"ok": false}           Example_errorsWithStatus200
//	retry rule: what one status or answer means here         Example_retryRule
package patterns
