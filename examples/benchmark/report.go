//go:build unix

package main

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// perMillion returns the CPU time of a result for a million rows.
func (b *benchmark) perMillion(c *contender) time.Duration {
	return time.Duration(float64(b.results[c].cpu) * 1e6 / float64(b.rows))
}

// table writes the results as a table of Markdown.
func (b *benchmark) table(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "%d rows; CPU per million rows.\n\n", b.rows)
	s.WriteString("| program | CPU s | × | peak MiB | start ms | installed MB | |\n|---|--:|--:|--:|--:|--:|---|\n")
	fastest := b.perMillion(b.contenders[0])
	for _, c := range b.contenders {
		r, cpu := b.results[c], b.perMillion(c)
		fmt.Fprintf(&s, "| %s | %.2f | %.2f | %.0f | %d | %.1f | %s |\n", c.name, cpu.Seconds(), float64(cpu)/float64(fastest),
			float64(r.peak)/(1<<20), r.start.Milliseconds(), float64(r.installed)/1e6, c.about)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// chart returns the CPU times as bars, in SVG.
func (b *benchmark) chart() string {
	const (
		names, bars, values = 170, 520, 90 // widths
		line, margin        = 26, 12
	)
	longest := time.Duration(0)
	for _, c := range b.contenders {
		longest = max(longest, b.perMillion(c))
	}
	height := 2*margin + line*(len(b.contenders)+1)
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="14">`+"\n", names+bars+values, height)
	fmt.Fprintf(&s, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	fmt.Fprintf(&s, `<text x="%d" y="%d" font-weight="bold">CPU seconds per million rows</text>`+"\n", margin, margin+line/2+4)
	for i, c := range b.contenders {
		cpu, y := b.perMillion(c), margin+line*(i+1)
		width := float64(bars) * float64(cpu) / float64(longest)
		color := "#9aa5b1"
		if strings.HasPrefix(c.name, "restapi") {
			color = "#1f6feb"
		}
		fmt.Fprintf(&s, `<text x="%d" y="%d">%s</text>`, margin, y+line/2+4, html.EscapeString(c.name))
		fmt.Fprintf(&s, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`, names, y+3, width, line-8, color)
		fmt.Fprintf(&s, `<text x="%.1f" y="%d">%.2f</text>`+"\n", names+width+6, y+line/2+4, cpu.Seconds())
	}
	s.WriteString("</svg>\n")
	return s.String()
}
