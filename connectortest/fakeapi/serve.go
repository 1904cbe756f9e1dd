package fakeapi

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ServeHTTP implements [http.Handler].
//
// If [Faults] or [FailOn] breaks the connection, ServeHTTP panics with
// [http.ErrAbortHandler], before the response or in the middle of its body. A
// server of net/http then closes the connection. A round tripper that calls
// ServeHTTP with a recorder must recover that panic and return an error, or a body
// whose Read fails at its end.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	e := a.find(r)
	number, fault := a.record(r, body, e)
	if waitErr := a.wait(r); err == nil {
		err = waitErr
	}
	header := http.Header{}
	if !fault.replaces() {
		if err == nil {
			err = a.admit(r, e, header)
		}
		if err == nil && fault.kind == none {
			fault = a.randomFault(r, body, e)
		}
	}
	var resp response
	switch {
	case fault.kind == reset, fault.kind == cut && r.Method == http.MethodHead: // a HEAD response has no body to cut
		panic(http.ErrAbortHandler)
	case fault.kind == timeout:
		waitForClient(r)
		panic(http.ErrAbortHandler)
	case fault.kind == custom:
		recorder := &statusWriter{ResponseWriter: w}
		fault.handler.ServeHTTP(recorder, r)
		a.setStatus(number, recorder.statusOrOK())
		return
	case fault.kind == status:
		resp = fault.response()
	case err != nil:
		resp = errorResponse(err)
	default:
		resp = a.respond(r, body, e)
	}
	a.write(w, r, number, resp.ready(a.compress, r), header, fault)
}

// write sends a response, or the part of it that a fault lets pass. The header holds
// the fields that every response has.
func (a *API) write(w http.ResponseWriter, r *http.Request, number int, resp response, header http.Header, fault Fault) {
	if fault.kind == cut && len(resp.body) == 0 {
		panic(http.ErrAbortHandler) // there is no body to cut
	}
	maps.Copy(w.Header(), header)
	maps.Copy(w.Header(), resp.header)
	if resp.status != http.StatusNotModified && resp.status != http.StatusNoContent {
		w.Header().Set("Content-Type", resp.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(resp.body)))
	}
	if fault.kind != cut {
		a.setStatus(number, resp.status)
	}
	w.WriteHeader(resp.status)
	if fault.kind == cut {
		_, _ = w.Write(resp.body[:int(fault.at*float64(len(resp.body)))])
		_ = http.NewResponseController(w).Flush() // otherwise, the client would not receive this part; a recorder already has it
		panic(http.ErrAbortHandler)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(resp.body) // fails only if the client is gone
	}
}

// ready completes a response for the request: its content type, coding and validators.
func (r response) ready(compress bool, req *http.Request) response {
	r.header = r.header.Clone() // several requests may share a response
	if r.contentType == "" {
		r.contentType = "application/json"
	}
	coded := false
	if compress {
		r, coded = r.compressed(req)
	}
	if r.validated {
		r = r.unlessKnown(req, coded)
	}
	return r
}

// admit checks the credentials and the rate limit. It sets headers of the response,
// whether or not it rejects the request.
func (a *API) admit(r *http.Request, e endpoint, header http.Header) error {
	if isGuarded(e, r) {
		return nil
	}
	if err := a.authorize(r, header); err != nil {
		return err
	}
	if a.limit == nil {
		return nil
	}
	return a.limit.take(header)
}

// respond returns the response to an admitted request.
func (a *API) respond(r *http.Request, body []byte, e endpoint) response {
	if e == nil {
		return errorResponse(reject(http.StatusNotFound, "the API has no path %s: %s", r.URL.Path, a.paths()))
	}
	if methods := e.methods(); !slices.Contains(methods, r.Method) {
		resp := errorResponse(reject(http.StatusMethodNotAllowed, "%s does not support %s: want %s", r.URL.Path, r.Method, strings.Join(methods, " or ")))
		resp.set("Allow", strings.Join(methods, ", "))
		return resp
	}
	c, err := a.call(r, body)
	if err != nil {
		return errorResponse(err)
	}
	resp, err := e.respond(c)
	if err != nil {
		return errorResponse(err)
	}
	return resp
}
