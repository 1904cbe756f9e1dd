package bodytext

import "strings"

// OfContentType returns the charset that a Content-Type declares, or "". Unlike package
// mime, it also understands what servers send against the rules: spaces around the
// equals sign, single quotes, a parameter twice, parameters that are not valid, and
// several values in one header.
func OfContentType(contentType string) string {
	typ, params, _ := strings.Cut(contentType, ";")
	if !strings.Contains(typ, "/") {
		params = contentType // the media type is missing
	}
	for params != "" {
		var param string
		param, params = cutParam(params)
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			return firstWord(value)
		}
	}
	return ""
}

// firstWord returns the text in the quotes that a value begins with, or the value up to
// the next space or comma.
func firstWord(value string) string {
	value = strings.TrimSpace(value)
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		word, _, _ := strings.Cut(value[1:], value[:1])
		return strings.TrimSpace(word)
	}
	if end := strings.IndexAny(value, " \t,"); end >= 0 {
		value = value[:end]
	}
	return value
}

// cutParam cuts a text after its first parameter, whose value may have a semicolon in
// quotes.
func cutParam(params string) (param, rest string) {
	quoted := false
	for i := range len(params) {
		switch params[i] {
		case '"':
			quoted = !quoted
		case ';':
			if !quoted {
				return params[:i], params[i+1:]
			}
		}
	}
	return params, ""
}
