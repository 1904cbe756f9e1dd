// Package patterns is a catalogue of the ways in which HTTP APIs work. It shows how to
// read each of them. Look up your API in the tables below, open the file that the table
// names, and copy the function in the last column. The files are tests, whose functions
// the command go doc does not show. Every example is complete, and go test runs it against
// a server that works in this way.
//
// Most APIs need one example of each kind: credentials, pages, and perhaps a limit. To
// combine them, pass several options to transport.New, and the paging to
// transport.Records. Where the schema, the state or the configuration matters, the example
// is a whole connector in a file of its own, which passes connectortest.Run. The functions
// that start the examples, run and newPlatform, are not needed in a connector.
//
// # Credentials (auth_test.go)
//
//	API key in a header            X-Api-Key, Authorization: Token         Example_apiKeyInHeader
//	API key in the URL             ?api_key=, ?key=                        Example_apiKeyInQuery
//	user name and password         Authorization: Basic                    Example_basic
//	fixed token                    Authorization: Bearer                   Example_bearer
//	OAuth 2.0 client credentials   client id and client secret             Example_oauth2ClientCredentials
//	OAuth 2.0 refresh token        access that a user has granted          Example_oauth2RefreshToken
//	session token                  login before other requests             Example_sessionToken
//	session cookie                 login, then Set-Cookie                  Example_sessionCookie
//
// # Pages (paging_test.go)
//
//	page number                    ?page=2&per_page=100                    Example_pageNumber
//	offset                         ?offset=100, ?skip=100, ?startAt=100    Example_offset
//	token or cursor                next_cursor, nextPageToken              Example_pageToken
//	flag or value for the end      end_of_stream, is_last, "END", -1       Example_endFlag
//	key of the last record         ?starting_after=42, ?since_id=42        Example_keyset
//	next URL in the body           next, links.next, @odata.nextLink       Example_nextURL
//	next URL in a header           Link: <...>; rel="next"                 Example_linkHeader
//	scroll                         _scroll_id: Elasticsearch, OpenSearch   Example_scrollToken
//	GraphQL connection             pageInfo { hasNextPage endCursor }      Example_graphQL
//
// # Many records (volume_test.go)
//
//	time windows                   ?from=&to=, at most a day per request   Example_timeWindows
//	records of other records       /orders/42/items for every order        Example_parentChild
//	several pages at a time        slow responses, total_pages             Example_parallelPages
//	one page ahead                 slow responses, slow processing         Example_prefetch
//	report in the background       create, poll until done, download       Example_asyncReport
//	bulk job with typed columns    CSV of a query, columns of a table      Example_bulkExport
//
// # Formats other than JSON (formats_test.go)
//
//	NDJSON, JSON Lines             one JSON value per line, .jsonl         Example_ndjson
//	CSV                            commas, semicolons, tabs, Latin-1       Example_csvExport
//	dialect of CSV                 \N, backslashes, footers, short rows    Example_csvDialect
//	XML                            <orders><order>...</order></orders>     Example_xml
//	gzip file                      .csv.gz, .json.gz                       Example_gzipped
//
// # Limits and failures (limits_test.go)
//
//	rate limit                     requests per minute, 429, Retry-After   Example_rateLimit
//	wait in the body               {"error": ..., "retry_in_ms": 500}      Example_waitInBody
//	error with status 200          {"ok": false, "error": ...}             Example_errorsWithStatus200
//	unusual meaning of a status    404 after the last page                 Example_responseRules
//
// # Whole connectors
//
//	rotated refresh token          each refresh token works once           rotation_test.go: Example_rotatedRefreshToken
//	unchanged responses            ETag, Last-Modified, 304                unchanged_test.go: Example_unchanged
//	accounts or regions            a request for each, at the same time    partitions_test.go: Example_partitions
//	changed records of others      /projects/42/issues?updated_since=      incrementalchildren_test.go: Example_incrementalChildren
//	objects that users define      /objects, /objects/deals/fields         discovery_test.go: Example_discovery
//	results of queries             columns and rows, SQL over HTTP         queryresults_test.go: Example_queryResults
//	nested GraphQL connections     pageInfo within nodes, cost of queries  nestedgraphql_test.go: Example_nestedGraphQL
package patterns
