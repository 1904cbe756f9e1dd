package packaging

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/penstock-sdk/penstock/internal/visible"
)

var notInVariable = regexp.MustCompile(`[^A-Za-z0-9]`)

// environmentVariable returns the name of the environment variable that sets a setting
// of a plugin.
func environmentVariable(plugin, setting string) string {
	name := func(text string) string { return strings.ToUpper(notInVariable.ReplaceAllString(text, "_")) }
	return name(plugin) + "_" + name(setting)
}

// environmentExample returns the file .env.example: a line for each setting that is
// required, and a comment for each other secret. Comments say what the setting is and
// which values it may have.
func environmentExample(plugin string, settings []setting) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Copy this file to .env, which is not committed, and fill in the values.\n")
	users := map[string]int{}
	for _, s := range settings {
		users[environmentVariable(plugin, s.Name.Value)]++
	}
	for _, s := range settings {
		if !s.required && !s.Sensitive {
			continue
		}
		b.WriteString("\n")
		fmt.Fprintf(&b, "# %s\n", oneLine(s.Label.Value))
		if s.Description != nil {
			fmt.Fprintf(&b, "# %s\n", oneLine(s.Description.Value))
		}
		if values := s.choices(); len(values) > 0 {
			fmt.Fprintf(&b, "# One of: %s\n", oneLine(strings.Join(values, ", ")))
		}
		variable := environmentVariable(plugin, s.Name.Value)
		switch {
		case users[variable] > 1:
			fmt.Fprintf(&b, "# %s would set several settings. Run instead: meltano config set %s %s VALUE\n", variable, plugin, ShellWord(oneLine(s.Name.Value)))
		case s.required:
			fmt.Fprintf(&b, "%s=\n", variable)
		default:
			fmt.Fprintf(&b, "# Optional: %s=\n", variable)
		}
	}
	return b.String()
}

// oneLine replaces each sequence of white space, such as a line break, with a space, and
// escapes the other characters that could end a comment or hide a part of it.
func oneLine(text string) string { return visible.Line(strings.Join(strings.Fields(text), " ")) }
