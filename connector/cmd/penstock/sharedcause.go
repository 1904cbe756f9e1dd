package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

// tablesFailed matches the start of the message of a connector.TablesError.
var tablesFailed = regexp.MustCompile(`^.*?\b[0-9]+ of [0-9]+ tables failed: `)

// A failedTable is the part of such a message that is about one table, or about several
// with the same error.
type failedTable struct {
	tables, request, cause string
}

// sharingCauses shortens the message of a failed sync. If several tables failed for the same
// reason, such as a host that does not answer, their errors differ only in the request, and
// the reason follows all of them. Secrets must have been masked: text that is moved can hide
// one from a search.
func sharingCauses(text string, tables []*schema.Table) string {
	start := tablesFailed.FindString(text)
	if start == "" {
		return text
	}
	parts := dividedByTable(text[len(start):], tables)
	if len(parts) < 2 {
		return text
	}
	// Advice may follow the last error.
	last, end := &parts[len(parts)-1], ""
	for _, other := range parts[:len(parts)-1] {
		if rest, ok := strings.CutPrefix(last.cause, other.cause); ok && strings.HasPrefix(rest, "; ") {
			last.cause, end = other.cause, rest
		}
	}
	var groups []string
	for i, part := range parts {
		if slices.ContainsFunc(parts[:i], func(other failedTable) bool { return other.cause == part.cause }) {
			continue // it is in the group of the other
		}
		var subjects []string
		for _, other := range parts[i:] {
			if other.cause == part.cause {
				subjects = append(subjects, other.tables+" ("+other.request+")")
			}
		}
		group := part.tables + ": " + part.request + ": " + part.cause
		if len(subjects) > 1 {
			group = strings.Join(subjects, ", ") + ": " + part.cause
		}
		groups = append(groups, group)
	}
	return start + strings.Join(groups, "; ") + end
}

// dividedByTable returns the parts of a message that are about a table each. It returns nil
// if the message does not have that form.
func dividedByTable(text string, tables []*schema.Table) []failedTable {
	known := map[string]bool{}
	for _, t := range tables {
		known[t.Name], known[t.String()] = true, true
	}
	var parts []failedTable
	for piece := range strings.SplitSeq(text, "; ") {
		names, rest, _ := strings.Cut(piece, ": ")
		request, cause, ok := strings.Cut(rest, ": ")
		unknown := func(name string) bool { return !known[name] }
		switch {
		case ok && !slices.ContainsFunc(strings.Split(names, ", "), unknown):
			parts = append(parts, failedTable{names, request, cause})
		case len(parts) == 0:
			return nil
		default: // the text of an error may contain a semicolon
			parts[len(parts)-1].cause += "; " + piece
		}
	}
	return parts
}
