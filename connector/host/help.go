package host

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/penstock-sdk/penstock/connector/host/config"
)

// UsageError reports an invalid command line on standard error and names the flag that
// prints the help text. If the first wire serves by default, and another wire accepts
// the arguments, it also says how to select that wire. It returns the exit status of a
// usage error, 2.
func (p *Process) UsageError(err error) int {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v\nRun %s --help for usage.\n", p.Name, err, p.Command)
	if p.Command == p.Name && p.wire.Name == p.Wires[0].Name && len(p.Args) > 0 {
		for _, other := range p.Wires[1:] {
			if other.Accepts != nil && other.Accepts(p.Args) {
				fmt.Fprintf(&b, "The host %s takes such arguments: begin the command line with \"%s %[1]s\".\n", other.Name, p.Name)
			}
		}
	}
	p.Tell(b.String())
	return 2
}

// HelpOnFields returns a line for each field of the configuration, for the help text
// of a wire. A line is indented and contains the dotted name of the field, its kind
// and its description. If the connector cannot be configured, the text is the reason.
func (p *Process) HelpOnFields() string {
	return aligned(func(w io.Writer) {
		form, err := config.FormOf(p.Connector)
		if err != nil {
			fmt.Fprintf(w, "\t%v\n", err)
			return
		}
		helpOnFields(w, "", form.Fields)
	})
}

// helpOnFields writes a line for each field and for the fields within it.
func helpOnFields(w io.Writer, within string, fields []config.Field) {
	for _, f := range fields {
		notes := f.Kind.String()
		if f.IsSecret() {
			notes = "secret"
		}
		if f.Required {
			notes += ", required"
		}
		if f.Default != nil {
			notes += fmt.Sprintf(", default %v", f.Default)
		}
		if len(f.Choices) > 0 {
			notes += ", one of " + listed(f.Choices)
		}
		fmt.Fprintf(w, "\t%s\t%s\t%s\n", within+f.Name, notes, cmp.Or(f.Description, f.Title))
		helpOnFields(w, within+f.Name+".", f.Fields)
	}
}

// listed returns values separated by commas.
func listed(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, ", ")
}

// HelpOnWires returns a line for each wire of the program, for the help text of a
// wire. A line is indented and contains the name of the wire, its summary and the
// names of programs that imply it.
func (p *Process) HelpOnWires() string {
	return aligned(func(w io.Writer) {
		for _, wire := range p.Wires {
			names := ""
			if wire.Prefix != "" {
				names = "programs named " + wire.Prefix + "*"
			}
			fmt.Fprintf(w, "\t%s\t%s\t%s\n", wire.Name, wire.Summary, names)
		}
	})
}

// aligned returns the text that write writes, with the cells between its tabs in
// columns.
func aligned(write func(io.Writer)) string {
	var b strings.Builder
	tab := tabwriter.NewWriter(&b, 0, 0, 4, ' ', 0)
	write(tab)
	_ = tab.Flush() // a Builder accepts everything
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ") // tabwriter pads the last cell
	}
	return strings.Join(lines, "\n")
}
