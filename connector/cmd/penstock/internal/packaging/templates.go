package packaging

import (
	"embed"
	"strings"
	"text/template"
)

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*"))

// render returns the text of a template.
func render(name string, data any) (File, error) {
	var b strings.Builder
	err := templates.ExecuteTemplate(&b, name, data)
	return text(b.String()), err
}
