package stdin

import (
	"bytes"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/penstock-sdk/penstock/internal/visible"
	"github.com/penstock-sdk/penstock/schema"
)

// schemaText returns the tables as text for people. Names and descriptions may come from
// the source, so redact masks secrets in the descriptions, and the characters that act on a
// terminal are escaped.
func schemaText(s schema.Schema, redact func(string) string) []byte {
	var b bytes.Buffer
	tab := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for i, t := range s.Tables() {
		if i > 0 {
			fmt.Fprintln(tab)
		}
		fmt.Fprintln(tab, visible.Line(t.String()))
		if t.Description != "" {
			fmt.Fprintln(tab, visible.Line(redact(t.Description)))
		}
		if t.Follows != "" {
			fmt.Fprintln(tab, "follows", visible.Line(t.Follows))
		}
		for _, c := range t.Columns {
			notes := ""
			switch {
			case c.PrimaryKey:
				notes = "primary key"
			case c.Nullable:
				notes = "nullable"
			}
			typ := c.Type.String()
			if c.Precision > 0 {
				typ += fmt.Sprintf("(%d,%d)", c.Precision, c.Scale)
			}
			fmt.Fprintf(tab, "  %s\t%s\t%s\t%s\n", visible.Line(c.Name), typ, notes, visible.Line(redact(c.Description)))
		}
	}
	_ = tab.Flush()
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ") // tabwriter pads them
	}
	return []byte(strings.Join(lines, "\n"))
}
