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

// refreshTokens accepts each refresh token once and replaces it.
func refreshTokens() http.HandlerFunc {
	uses := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			if r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != fmt.Sprint("refresh-", uses) {
				refuseToken(w)
				return
			}
			uses++
			issueTokens(w, fmt.Sprintf(`"access_token":"a%d","refresh_token":"refresh-%d"`, uses, uses))
			return
		}
		respond(w, r.Header.Get("Authorization") == fmt.Sprint("Bearer a", uses))
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

// A secretStore stores a token from one run to the next, as a file or a secret manager
// does. The state of a connector is not a place for secrets, since platforms do not
// encrypt it.
type secretStore struct{ token string }

var vault = &secretStore{"refresh-0"}

func (s *secretStore) Load() string { return s.token }

func (s *secretStore) Save(_ context.Context, token string) error {
	s.token = token
	return nil
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

func graphQL(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Variables struct {
			First int
			After string
		}
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	from, _ := strconv.Atoi(body.Variables.After)
	to := from + body.Variables.First
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
