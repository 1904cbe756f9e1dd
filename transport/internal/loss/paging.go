package loss

import (
	"reflect"
	"slices"
	"strings"
)

// isPaging reports whether a path of a response leads to a value that says where the
// next or the previous page is, such as "next" or "meta.next_cursor". Sources send a
// null there on the last page. A path within a list or a map does not: it belongs to
// a record. The kind is that of the field at the path.
func isPaging(path []string, kind reflect.Kind) bool {
	for _, step := range path {
		if step == "[]" || step == "*" {
			return false
		}
	}
	for i, step := range path {
		word := pagingWord.Replace(strings.ToLower(step))
		if (i < len(path)-1 || kind == reflect.Struct) && slices.Contains(pagingObjects, word) {
			return true
		}
		for _, prefix := range []string{"odatanext", "next", "previous", "prev"} {
			if rest, ok := strings.CutPrefix(word, prefix); ok && slices.Contains(pagingTargets, rest) {
				return true
			}
		}
		if slices.Contains(pagingNames, word) {
			return true
		}
	}
	return false
}

// isConnectionCursor reports whether a path leads to a cursor in the pageInfo of a GraphQL
// connection, which is null on its last page (Relay's GraphQL Cursor Connections
// Specification). A record may have connections of its own.
func isConnectionCursor(path []string) bool {
	if len(path) < 2 || pagingWord.Replace(strings.ToLower(path[len(path)-2])) != "pageinfo" {
		return false
	}
	last := pagingWord.Replace(strings.ToLower(path[len(path)-1]))
	return last == "endcursor" || last == "startcursor"
}

var (
	pagingWord    = strings.NewReplacer("_", "", "-", "", "@", "", ".", "", " ", "", "$", "")
	pagingObjects = []string{"links", "link", "paging", "pagination", "pageinfo", "pages", "cursors", "responsemetadata"}
	pagingNames   = []string{"cursor", "endcursor", "startcursor", "pagetoken", "continuation", "continuationtoken", "nextrecordsurl", "scrollid", "lastevaluatedkey"}
	pagingTargets = []string{"", "page", "pagetoken", "pageurl", "pageuri", "pagelink", "pageid", "token", "cursor", "url", "uri", "link", "links", "href", "offset", "start", "marker", "key", "id", "path"}
)

// hasList reports whether values of the type t may contain a list, a map or any JSON,
// so that a response of the type may contain records. The argument known holds the
// types that need not be looked at again.
func hasList(t reflect.Type, known map[reflect.Type]bool) bool {
	if known[t] {
		return false
	}
	known[t] = true
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() != reflect.Uint8 || implements(t, jsonUnmarshalerType)
	case reflect.Map, reflect.Array, reflect.Interface:
		return true
	case reflect.Pointer:
		return hasList(t.Elem(), known)
	case reflect.Struct:
		if decodesItself(t) {
			return false
		}
		for sf := range t.Fields() {
			if (sf.IsExported() || sf.Anonymous) && hasList(sf.Type, known) {
				return true
			}
		}
	}
	return false
}
