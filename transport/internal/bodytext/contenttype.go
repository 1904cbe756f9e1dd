package bodytext

import "strings"

// OfContentType returns the charset that a Content-Type declares, or "". Unlike package
// mime, it also understands what servers send against the rules: spaces around the
// equals sign, single quotes, a parameter twice, and parameters that are not valid.
func OfContentType(contentType string) string {
	_, params, _ := strings.Cut(contentType, ";")
	for params != "" {
		var param string
		param, params = cutParam(params)
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			return strings.Trim(value, " \t\"',")
		}
	}
	return ""
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
