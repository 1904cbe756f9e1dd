package connectortest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// maxRejections is the number of syncs in which one endpoint is rejected.
	maxRejections = 40
	// rejectionTime is the real time after which no further one of these syncs begins.
	rejectionTime = 30 * time.Second
)

const fixIgnoredError = "in the function of each table, return the error of a request or an iterator instead of ending the loop, and check the status of a response; if the user may lack the permission for a table on purpose, tell them with Emitter.Warn, by the name of the table"

// A rejection is a sync in which the requests to one endpoint are rejected.
type rejection struct {
	*endpointCount
	at     int // the first request to the endpoint that is rejected, starting at 0
	status int // that no client retries
}

// rejections returns the rejections to try: one for each endpoint, then further ones. A
// connector may handle a status, or the first request, in a particular way. They are not
// random, because a fault in one table of many would rarely be found.
func rejections(endpoints []*endpointCount) (all []rejection) {
	for _, kind := range []struct {
		later  bool
		status int
	}{{true, http.StatusForbidden}, {false, http.StatusNotImplemented}, {false, http.StatusForbidden}, {true, http.StatusNotImplemented}} {
		for _, e := range endpoints {
			r := rejection{e, 0, kind.status}
			if kind.later {
				r.at = e.count / 2
			}
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

// checkRejectedEndpoints runs syncs in which one endpoint rejects requests. If all
// requests were rejected, the tables that report the error would hide one that does not.
func checkRejectedEndpoints(s *suite, c *check) {
	began := time.Now()
	tried, failed := map[*endpointCount]bool{}, map[*endpointCount]bool{}
	for i, r := range rejections(s.findings.endpoints) {
		if i == maxRejections || !s.isVirtual() && time.Since(began) > rejectionTime {
			break
		}
		tried[r.endpointCount] = true
		if !failed[r.endpointCount] {
			failed[r.endpointCount] = !r.check(s, c)
		}
	}
	var left []string
	for _, e := range s.findings.endpoints {
		if !tried[e] {
			left = append(left, e.name)
		}
	}
	if len(left) > 0 {
		c.Logf("the requests to these endpoints were not rejected on their own, because there are too many or the syncs take too long: %s", shortened(strings.Join(left, ", ")))
	}
}

// check runs the sync. It fails if a table lacks rows and nothing says so.
func (r rejection) check(s *suite, c *check) (ok bool) {
	baseline := s.baseline(c)
	network := &rejectingNetwork{network: s.baseNetwork(), status: r.status, only: &r.endpoint, left: r.at}
	var platform Platform
	a := attempt{platform: &platform, network: network}
	if !s.isVirtual() { // a client may try again and again
		a.timeout = max(10*baseline.ended.Sub(baseline.began), 20*time.Second)
	}
	d := s.sync(c.Context(), a)
	history := fmt.Sprintf("run with %d %s for %s from its request %d on", r.status, http.StatusText(r.status), r.name, r.at+1)
	var hidden, reported []*tableDifferences
	for _, t := range s.compareComplete().differences(&platform, baseline.platform) {
		switch {
		case t.lost() == 0: // such as a value that the connector does without
		case d.claimsAll(t.name) && !d.warnsOf(t.name, baseline.use.Warnings):
			hidden = append(hidden, t)
		default:
			reported = append(reported, t)
		}
	}
	if len(hidden) > 0 {
		outcome := "the sync succeeded"
		if d.err != nil {
			outcome = "the sync failed (" + firstLine(d.err.Error()) + ")"
		}
		c.failWithf(fixIgnoredError, "a sync was %s; %s, but nothing says that these tables lack rows, so their rows may be lost for good:\n%s", history, outcome, describeDifferences(hidden))
		return false
	}
	if len(reported) == 0 || d.timedOut {
		return true
	}
	return s.resumes(c, &platform, history)
}

// claimsAll reports whether the sync says that it has read a table to its end.
func (d *delivery) claimsAll(table string) bool {
	complete, ended := d.ends[table]
	if d.err == nil && !d.toldToEnd {
		return complete || !ended
	}
	return complete
}

// warnsOf reports whether the connector has warned the user of something about a table, by
// its name. It ignores the warnings in usual.
func (d *delivery) warnsOf(table string, usual []string) bool {
	_, plain, qualified := strings.Cut(table, ".")
	if !qualified {
		plain = table
	}
	named := regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(plain) + `($|[^\pL\pN_])`)
	return slices.ContainsFunc(d.use.Warnings, func(w string) bool { return named.MatchString(w) && !slices.Contains(usual, w) })
}
