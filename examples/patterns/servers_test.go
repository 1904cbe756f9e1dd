package patterns_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// The values that a connector reads from its configuration.
const (
	apiKey, accessToken    = "my-api-key", "my-token"
	user, password         = "my-user", "my-password"
	clientID, clientSecret = "my-client-id", "my-client-secret"
	refreshToken           = "my-refresh-token"
)

// run starts a server and reads from it, as the Sync method of a connector does. It
// prints the error.
func run(read func(ctx context.Context, baseURL string) error, api http.HandlerFunc) {
	srv := httptest.NewServer(api)
	defer srv.Close()
	if err := read(context.Background(), srv.URL); err != nil {
		fmt.Println("error:", strings.ReplaceAll(err.Error(), srv.URL, "https://api.example.com"))
	}
}

// data returns some of the three orders of the source as a JSON array.
func data(from, to int) string {
	orders := []string{`{"id":1,"total":"19.90"}`, `{"id":2,"total":"5.00"}`, `{"id":3,"total":"12.50"}`}
	from, to = min(max(from, 0), 3), min(to, 3)
	return "[" + strings.Join(orders[from:max(from, to)], ",") + "]"
}

// respond writes the first two orders, or an error if the request is not allowed.
func respond(w http.ResponseWriter, allowed bool) {
	if !allowed {
		http.Error(w, `{"error":"unauthorized"}`, http.StatusUnauthorized)
		return
	}
	fmt.Fprintf(w, `{"data":%s}`, data(0, 2))
}

// param returns the number in a query parameter, or 0.
func param(r *http.Request, name string) int {
	n, _ := strconv.Atoi(r.URL.Query().Get(name))
	return n
}

// retryLater writes a response that requests a short wait.
func retryLater(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Retry-After", "0.001")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

// Credentials.

func keyInHeader(w http.ResponseWriter, r *http.Request) {
	respond(w, r.Header.Get("X-Api-Key") == apiKey)
}

func keyInQuery(w http.ResponseWriter, r *http.Request) {
	respond(w, r.URL.Query().Get("api_key") == apiKey)
}

func basicAuth(w http.ResponseWriter, r *http.Request) {
	name, pass, _ := r.BasicAuth()
	respond(w, name == user && pass == password)
}

func bearerAuth(w http.ResponseWriter, r *http.Request) {
	respond(w, r.Header.Get("Authorization") == "Bearer "+accessToken)
}

func clientCredentials(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/token" {
		id, secret, _ := r.BasicAuth()
		grant := r.FormValue("grant_type") + " " + r.FormValue("scope")
		if id != clientID || secret != clientSecret || grant != "client_credentials orders.read" {
			refuseToken(w)
			return
		}
		issueTokens(w, `"access_token":"a1"`)
		return
	}
	respond(w, r.Header.Get("Authorization") == "Bearer a1")
}

func refreshGrant(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/oauth/token" {
		if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != refreshToken {
			refuseToken(w)
			return
		}
		issueTokens(w, `"access_token":"a1"`)
		return
	}
	respond(w, r.Header.Get("Authorization") == "Bearer a1")
}

// rotatingTokens accepts each refresh token once and replaces it. It has two messages.
func rotatingTokens() http.HandlerFunc {
	uses := 0
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/oauth/token":
			if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != fmt.Sprint("refresh-", uses) {
				refuseToken(w)
				return
			}
			uses++
			issueTokens(w, fmt.Sprintf(`"access_token":"access-%d","refresh_token":"refresh-%d"`, uses, uses))
		case r.Header.Get("Authorization") != fmt.Sprint("Bearer access-", uses):
			respond(w, false)
		default:
			fmt.Fprint(w, `{"data":[{"id":1,"subject":"Hello"}]}`)
		}
	}
}

func issueTokens(w http.ResponseWriter, tokens string) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{%s,"token_type":"bearer","expires_in":3600}`, tokens)
}

func refuseToken(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprint(w, `{"error":"invalid_grant"}`)
}

// sessions refuses the token of the first login.
func sessions() http.HandlerFunc {
	logins := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method+r.URL.Path != "POST/login" {
			respond(w, r.Header.Get("X-Session") == "s2")
			return
		}
		var login struct{ User, Password string }
		if json.NewDecoder(r.Body).Decode(&login) != nil || login.User != user || login.Password != password {
			respond(w, false)
			return
		}
		logins++
		fmt.Fprintf(w, `{"session":"s%d"}`, logins)
	}
}

// cookieSessions refuses the cookie of the first login.
func cookieSessions() http.HandlerFunc {
	logins := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method+r.URL.Path != "POST/login" {
			session, err := r.Cookie("session")
			respond(w, err == nil && session.Value == "s2")
			return
		}
		if r.FormValue("user") != user || r.FormValue("password") != password {
			respond(w, false)
			return
		}
		logins++
		http.SetCookie(w, &http.Cookie{Name: "session", Value: fmt.Sprint("s", logins), Path: "/"})
	}
}

// Pages.

func numbered(w http.ResponseWriter, r *http.Request) {
	page, size := param(r, "page"), max(param(r, "per_page"), 1)
	fmt.Fprintf(w, `{"data":%s,"total_pages":%d}`, data((page-1)*size, page*size), (3+size-1)/size)
}

func offset(w http.ResponseWriter, r *http.Request) {
	from := param(r, "offset")
	fmt.Fprintf(w, `{"data":%s,"total":3}`, data(from, from+param(r, "limit")))
}

func cursor(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("cursor") {
	case "":
		fmt.Fprintf(w, `{"data":%s,"meta":{"next_cursor":"b64=="}}`, data(0, 2))
	case "b64==":
		fmt.Fprintf(w, `{"data":%s,"meta":{"next_cursor":null}}`, data(2, 3))
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// bookmarks has a bookmark on the last page, too.
func bookmarks(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("bookmark") {
	case "":
		fmt.Fprintf(w, `{"data":%s,"bookmark":"b2","end_of_stream":false}`, data(0, 2))
	case "b2":
		fmt.Fprintf(w, `{"data":%s,"bookmark":"b3","end_of_stream":true}`, data(2, 3))
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

func keyset(w http.ResponseWriter, r *http.Request) {
	after, limit := param(r, "starting_after"), param(r, "limit")
	fmt.Fprintf(w, `{"data":%s,"has_more":%t}`, data(after, after+limit), after+limit < 3)
}

func nextURL(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("page_token") == "" {
		fmt.Fprintf(w, `{"data":%s,"links":{"next":"http://%s/orders?page_token=t2"}}`, data(0, 2), r.Host)
		return
	}
	fmt.Fprintf(w, `{"data":%s,"links":{}}`, data(2, 3))
}

func linkHeader(w http.ResponseWriter, r *http.Request) {
	page, size := max(param(r, "page"), 1), param(r, "per_page")
	if page*size < 3 {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s/orders?page=%d&per_page=%d>; rel="next"`, r.Host, page+1, size))
	}
	fmt.Fprint(w, data((page-1)*size, page*size))
}

// scroll works like Elasticsearch.
func scroll() http.HandlerFunc {
	at := 0
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Size     int
			ScrollID string `json:"scroll_id"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		first := r.Method+r.URL.Path == "POST/orders/_search" && body.Size == 2
		next := r.Method+r.URL.Path == "POST/_search/scroll" && body.ScrollID == "c2Nyb2xs"
		if r.Method == http.MethodDelete {
			return
		}
		if !first && !next || r.URL.Query().Get("scroll") != "1m" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		hits := strings.ReplaceAll(strings.ReplaceAll(data(at, at+2), `{"id"`, `{"_source":{"id"`), "}", "}}")
		at += 2
		fmt.Fprintf(w, `{"_scroll_id":"c2Nyb2xs","hits":{"hits":%s}}`, hits)
	}
}

// variables returns the variables of a GraphQL request.
func variables(r *http.Request) map[string]any {
	var body struct{ Variables map[string]any }
	_ = json.NewDecoder(r.Body).Decode(&body)
	return body.Variables
}

func graphQL(w http.ResponseWriter, r *http.Request) {
	given := variables(r)
	after, _ := given["after"].(string)
	first, _ := given["first"].(float64)
	from, _ := strconv.Atoi(after)
	to := from + int(first)
	info := fmt.Sprintf(`{"hasNextPage":%t,"endCursor":"%d"}`, to < 3, to)
	fmt.Fprintf(w, `{"data":{"shop":{"orders":{"nodes":%s,"pageInfo":%s}}}}`, data(from, to), info)
}

// Many records.

// may returns a day in May.
func may(day int) time.Time { return time.Date(2026, 5, day, 0, 0, 0, 0, time.UTC) }

// oneDayAtMost has an order at nine o'clock on the first of May, and one at midnight.
func oneDayAtMost(w http.ResponseWriter, r *http.Request) {
	from, _ := time.Parse(time.RFC3339, r.FormValue("from"))
	to, _ := time.Parse(time.RFC3339, r.FormValue("to"))
	if to.Sub(from) > 24*time.Hour {
		http.Error(w, `{"error":"more than a day"}`, http.StatusBadRequest)
		return
	}
	var found []string
	for i, at := range []time.Time{may(1).Add(9 * time.Hour), may(2)} {
		if !at.Before(from) && at.Before(to) {
			found = append(found, fmt.Sprintf(`{"id":%d,"updated_at":%q}`, i+1, at.Format(time.RFC3339)))
		}
	}
	fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(found, ","))
}

func itemsOfOrders(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/orders":
		respond(w, true)
	case "/orders/1/items":
		fmt.Fprint(w, `{"data":[{"sku":"pen"}]}`)
	case "/orders/2/items":
		fmt.Fprint(w, `{"data":[{"sku":"pen"},{"sku":"ink"}]}`)
	default:
		http.NotFound(w, r)
	}
}

// reports has a report that is done at the second poll.
func reports() http.HandlerFunc {
	statuses := []string{"queued", "done"}
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /reports":
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprint(w, `{"id":"r1"}`)
		case "GET /reports/r1":
			fmt.Fprintf(w, `{"status":%q,"download_url":"/files/r1.csv"}`, statuses[0])
			statuses = statuses[1:]
		case "GET /files/r1.csv":
			fmt.Fprint(w, table)
		case "DELETE /reports/r1":
			w.WriteHeader(http.StatusNoContent)
		default:
			http.NotFound(w, r)
		}
	}
}

// bulkJobs has a job that is complete at the second poll.
func bulkJobs() http.HandlerFunc {
	states := []string{"InProgress", "JobComplete"}
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /jobs":
			fmt.Fprint(w, `{"id":"750xx","state":"UploadComplete"}`)
		case "GET /jobs/750xx":
			fmt.Fprintf(w, `{"id":"750xx","state":%q}`, states[0])
			states = states[1:]
		case "GET /jobs/750xx/results":
			fmt.Fprint(w, "Id,Amount,IsPaid,CreatedDate\n801A,19.90,true,2026-05-01T09:00:00.000+0000\n801B,,false,\n")
		default:
			http.NotFound(w, r)
		}
	}
}

// Formats.

const table = "id,total\r\n1,19.90\r\n2,5.00\r\n"

func ndjson(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	fmt.Fprint(w, `{"id":1,"total":"19.90"}`, "\n", `{"id":2,"total":"5.00"}`, "\n")
}

// csvExport responds in windows-1252, as spreadsheets in Europe do.
func csvExport(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/csv")
	fmt.Fprint(w, "Order No.;Customer\r\n1;Zo\xeb\r\n2;J\xfcrgen\r\n")
}

func databaseExport(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, "Export of orders\nid\tnote\n1\t5\" screen\\\tred\n2\t\\N\n3\n3 rows in set\n")
}

func xmlOrders(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/xml")
	fmt.Fprint(w, `<?xml version="1.0"?><shop><orders>
		<order id="1"><total>19.90</total></order>
		<order id="2"><total>5.00</total></order>
	</orders></shop>`)
}

func gzipped(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/gzip")
	z := gzip.NewWriter(w)
	defer z.Close()
	fmt.Fprint(z, table)
}

// Limits and failures.

// limited refuses every second request.
func limited() http.HandlerFunc {
	requests := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests%2 == 0 {
			retryLater(w, http.StatusTooManyRequests, `{"error":"slow down"}`)
			return
		}
		numbered(w, r)
	}
}

// waitInBody refuses every second request.
func waitInBody() http.HandlerFunc {
	requests := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests%2 == 0 {
			http.Error(w, `{"code":"RATE_LIMITED","retry_in_ms":1}`, http.StatusForbidden)
			return
		}
		numbered(w, r)
	}
}

func errorsWith200(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, `{"ok":false,"error":"missing_scope: orders.read"}`)
}

// busy refuses the first request with status 200, and every page after the last with 404.
func busy() http.HandlerFunc {
	requests := 0
	return func(w http.ResponseWriter, r *http.Request) {
		requests++
		switch {
		case requests == 1:
			retryLater(w, http.StatusOK, `{"code":"BUSY"}`)
		case param(r, "page") > 3:
			http.Error(w, `{"code":"NO_SUCH_PAGE"}`, http.StatusNotFound)
		default:
			numbered(w, r)
		}
	}
}

// Whole connectors.

// customObjects has two objects. It returns the fields that are requested.
func customObjects(w http.ResponseWriter, r *http.Request) {
	deals := []map[string]string{
		{"id": `1`, "amount": `19.90`, "stage": `{"id":7}`},
		{"id": `2`, "amount": `null`, "stage": `null`},
	}
	visits := []map[string]string{{"number": `10`, "at": `"2026-05-01T09:00:00Z"`}}
	switch r.URL.Path {
	case "/objects":
		fmt.Fprint(w, `{"objects":[
			{"name":"deals","fields":[{"name":"id","type":"integer","key":true},{"name":"amount","type":"money"},{"name":"stage","type":"reference"}]},
			{"name":"visits","fields":[{"name":"number","type":"integer","key":true},{"name":"at","type":"timestamp"}]}]}`)
	case "/objects/deals/rows":
		fmt.Fprintf(w, `{"rows":%s,"next":null}`, fieldsOf(r, deals))
	case "/objects/visits/rows":
		fmt.Fprintf(w, `{"rows":%s,"next":null}`, fieldsOf(r, visits))
	default:
		http.NotFound(w, r)
	}
}

// fieldsOf returns each row as a list of the fields that a request names.
func fieldsOf(r *http.Request, rows []map[string]string) string {
	var lists []string
	for _, row := range rows {
		var values []string
		for field := range strings.SplitSeq(r.URL.Query().Get("fields"), ",") {
			values = append(values, row[field])
		}
		lists = append(lists, "["+strings.Join(values, ",")+"]")
	}
	return "[" + strings.Join(lists, ",") + "]"
}

func queryResults(w http.ResponseWriter, r *http.Request) {
	switch r.URL.RequestURI() {
	case "/queries":
		fmt.Fprint(w, `{"queries":["top_customers"]}`)
	case "/queries/top_customers/result":
		fmt.Fprint(w, `{"columns":[{"name":"customer","type":"VARCHAR"},{"name":"revenue","type":"DECIMAL"}],"rows":[["Ada",19.90]],"next":2}`)
	case "/queries/top_customers/result?page=2":
		fmt.Fprint(w, `{"rows":[["Alan",5.00]],"next":null}`)
	default:
		http.NotFound(w, r)
	}
}

// costLimited has two purchases, the second one with three lines, of which a query
// returns one. It refuses every second query, because it has too few points.
func costLimited() http.HandlerFunc {
	const last, more = `{"hasNextPage":false,"endCursor":null}`, `{"hasNextPage":true,"endCursor":"c%d"}`
	purchase := func(id, lines, updated, pages string) string {
		return fmt.Sprintf(`{"data":{"purchases":{"nodes":[{"id":%q,"updatedAt":%q,"lines":%s}],"pageInfo":%s}}}`, id, updated, lines, pages)
	}
	lines := func(sku, pages string) string {
		return fmt.Sprintf(`{"nodes":[{"sku":%q,"quantity":1}],"pageInfo":%s}`, sku, pages)
	}
	responses := map[string]string{
		"":      purchase("p1", lines("pen", last), "2026-05-01T09:00:00Z", fmt.Sprintf(more, 1)),
		"c1":    purchase("p2", lines("pen", fmt.Sprintf(more, 2)), "2026-05-01T10:00:00Z", last),
		"p2 c2": fmt.Sprintf(`{"data":{"purchase":{"lines":%s}}}`, lines("ink", fmt.Sprintf(more, 3))),
		"p2 c3": fmt.Sprintf(`{"data":{"purchase":{"lines":%s}}}`, lines("nib", last)),
	}
	queries := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if queries++; queries%2 == 0 {
			fmt.Fprint(w, `{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{
				"requestedQueryCost":102,"throttleStatus":{"currentlyAvailable":100,"restoreRate":1000}}}}`)
			return
		}
		given := variables(r)
		id, _ := given["id"].(string)
		after, _ := given["after"].(string)
		fmt.Fprint(w, responses[strings.TrimSpace(id+" "+after)])
	}
}

func etag(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"v1"`)
	if r.Header.Get("If-None-Match") == `"v1"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(w, `{"data":[{"id":1,"price":"1.50"},{"id":2,"price":"2.00"}]}`)
}

// campaigns has two campaigns of each account, one of which is as old as the cursor.
func campaigns(w http.ResponseWriter, r *http.Request) {
	since, _ := time.Parse(time.RFC3339, r.FormValue("updated_since"))
	var found []string
	for id, at := range []time.Time{may(1), may(2)} {
		if !at.Before(since) {
			found = append(found, fmt.Sprintf(`{"id":%d,"updated_at":%q}`, id+1, at.Format(time.RFC3339)))
		}
	}
	fmt.Fprintf(w, `{"data":[%s],"next":null}`, strings.Join(found, ","))
}

// projects has two projects with two issues each, one of which is as old as the cursor.
func projects(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/projects" {
		fmt.Fprint(w, `{"data":[{"id":"acme"},{"id":"globex"}],"next":null}`)
		return
	}
	since, _ := time.Parse(time.RFC3339, r.FormValue("updated_since"))
	var found []string
	for number, at := range []time.Time{may(1), may(2)} {
		if !at.Before(since) {
			found = append(found, fmt.Sprintf(`{"number":%d,"updated_at":%q}`, number+1, at.Format(time.RFC3339)))
		}
	}
	fmt.Fprintf(w, `{"data":[%s],"next":null}`, strings.Join(found, ","))
}
