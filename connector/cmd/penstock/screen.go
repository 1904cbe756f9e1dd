package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"golang.org/x/term"
)

// A screen shows the progress and the summary of a sync. On a terminal, progress is a
// table that is redrawn. Otherwise, it is lines. Messages go to out, or to err if out
// gets the summary as JSON. The connector's log goes to err.
type screen struct {
	out, err *console
	live     bool
	json     bool
	color    bool
	verbose  bool
	width    func() int

	drawn  int // lines of the table on the terminal
	last   time.Time
	before map[string]int64   // rows of each table at the time last
	rates  map[string]float64 // smoothed rows per second of each table
}

func newScreen(out, err *console, asJSON, verbose bool) *screen {
	terminal := out.terminal && os.Getenv("TERM") != "dumb"
	return &screen{
		out: out, err: err, json: asJSON, verbose: verbose,
		live:  terminal && !asJSON,
		color: terminal && os.Getenv("NO_COLOR") == "",
		width: func() int {
			if w, _, err := term.GetSize(int(out.file.Fd())); err == nil && w > 0 {
				return w
			}
			return 80
		},
		before: map[string]int64{}, rates: map[string]float64{},
	}
}

// interval returns the time between two calls of progress.
func (s *screen) interval() time.Duration {
	if s.live {
		return 200 * time.Millisecond
	}
	return 10 * time.Second
}

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	yellow = "33"
	green  = "32"
)

// paint returns text in a style.
func (s *screen) paint(style, text string) piece {
	if !s.color {
		style = ""
	}
	return piece{text: text, style: style}
}

// line prints a message that begins with a label. It is printed above the table.
func (s *screen) line(to *console, label piece, text string) {
	pieces := []piece{label, plain(message(text) + "\n")}
	if s.live {
		to, pieces = s.out, append([]piece{s.erase()}, pieces...)
	}
	to.put(pieces...)
}

// erase returns the control sequence that removes the table.
func (s *screen) erase() piece {
	if s.drawn == 0 {
		return plain("")
	}
	sequence := fmt.Sprintf("\x1b[%dF\x1b[0J", s.drawn)
	s.drawn = 0
	return control(sequence)
}

// say prints a message for people.
func (s *screen) say(format string, args ...any) {
	s.line(s.messages(), plain(""), fmt.Sprintf(format, args...))
}

func (s *screen) warn(text string) {
	s.line(s.messages(), s.paint(yellow, "warning:"), " "+text)
}

// failed prints the error of a command.
func (s *screen) failed(to *console, text string) {
	s.line(to, s.paint(red, "failed: "), text)
}

// messages returns where messages are printed.
func (s *screen) messages() *console {
	if s.json {
		return s.err
	}
	return s.out
}

// masking makes both consoles mask secrets.
func (s *screen) masking(mask func(string) string) {
	s.out.masking(mask)
	s.err.masking(mask)
}

// log prints a line of the connector's standard error. Log lines below WARN are printed
// only if s.verbose is set.
func (s *screen) log(line string) {
	level, text := readLog(line)
	label := plain("")
	switch level {
	case "WARN":
		label = s.paint(yellow, "warn ")
	case "ERROR":
		label = s.paint(red, "error ")
	case "":
	default:
		if !s.verbose {
			return
		}
		label = s.paint(dim, strings.ToLower(level)+" ")
	}
	s.line(s.err, label, text)
}

// progress shows the progress of a sync.
func (s *screen) progress(d *delivery) {
	now := time.Now()
	if !s.last.IsZero() {
		elapsed := now.Sub(s.last).Seconds()
		for _, t := range d.warehouse.Tables() {
			rate := float64(t.Counts.Rows()-s.before[t.Source]) / elapsed
			s.rates[t.Source] = rate*0.4 + s.rates[t.Source]*0.6 // smoothed, to be readable
		}
	}
	s.last = now
	for _, t := range d.warehouse.Tables() {
		s.before[t.Source] = t.Counts.Rows()
	}
	if !s.live {
		if !s.json {
			var rows int64
			for _, t := range d.warehouse.Tables() {
				rows += t.Counts.Rows()
			}
			s.say("%s: %s, %s", time.Since(d.summary.Began).Round(time.Second), plural(int(rows), "row"), plural(d.summary.Checkpoints, "checkpoint"))
		}
		return
	}
	lines := s.table(d)
	frame := []piece{control("\x1b[?2026h")} // synchronized output, which avoids flicker
	if s.drawn > 0 {
		frame = append(frame, control(fmt.Sprintf("\x1b[%dF", s.drawn)))
	}
	for _, line := range lines {
		frame = append(frame, line, control("\x1b[K\n"))
	}
	frame = append(frame, control("\x1b[0J\x1b[?2026l"))
	s.drawn = len(lines)
	s.out.put(frame...)
}

// table returns the lines of the progress table, cut to the width of the terminal.
func (s *screen) table(d *delivery) []piece {
	width := s.width()
	var rows int64
	tables := d.warehouse.Tables()
	names := len("TABLE")
	for _, t := range tables {
		rows += t.Counts.Rows()
		names = max(names, runewidth.StringWidth(name(t.Source)))
	}
	names = min(names, 24)
	elapsed := time.Since(d.summary.Began)
	head := fmt.Sprintf("%s  %s  %s  %s/s  %s  %s", d.run.commandName(), elapsed.Round(time.Second),
		plural(int(rows), "row"), grouped(int64(float64(rows)/elapsed.Seconds())), size(d.summary.Bytes), plural(d.summary.Checkpoints, "checkpoint"))
	if n := d.summary.Waits; n > 0 {
		head += fmt.Sprintf("  %s (%s)", plural(n, "wait"), time.Duration(d.summary.WaitSeconds*float64(time.Second)).Round(100*time.Millisecond))
	}
	lines := []piece{
		s.paint(bold, cut(head, width)),
		s.paint(dim, cut(fmt.Sprintf("%-*s %11s %8s %9s %9s  %s", names, "TABLE", "ROWS", "/S", "UPDATES", "DELETES", "CURSOR"), width)),
	}
	const most = 20
	for i, t := range tables {
		if i == most {
			lines = append(lines, s.paint(dim, fmt.Sprintf("and %d more tables", len(tables)-most)))
			break
		}
		c := t.Counts
		lines = append(lines, plain(cut(fmt.Sprintf("%s %11s %8s %9s %9s  %s", fit(t.Source, names), grouped(c.Rows()),
			grouped(int64(s.rates[t.Source])), grouped(c.Updates), grouped(c.Deletes), cursorOf(d.summary.state, t)), width)))
	}
	return lines
}

// finish replaces the table with the summary.
func (s *screen) finish(d *delivery) {
	if s.live {
		s.out.put(s.erase())
	}
	s.summary(d.summary)
}

// summary prints the summary of a sync.
func (s *screen) summary(sum *summary) {
	if s.json {
		enc := json.NewEncoder(s.out.machine("json"))
		enc.SetEscapeHTML(false)
		_ = enc.Encode(sum) // its fields always marshal, and out may be closed
		return
	}
	var text []piece
	labelled := func(label piece, rest string) { text = append(text, label, plain(message(rest)+"\n")) }
	line := func(format string, args ...any) { labelled(plain(""), fmt.Sprintf(format, args...)) }
	line("")
	for _, counts := range s.tableCounts(sum.Tables) {
		text = append(text, counts, plain("\n"))
	}
	for _, t := range sum.Tables {
		for _, note := range t.notes() {
			line("%s: %s", name(t.Table), note)
		}
	}
	line("")
	rate := int64(float64(sum.Rows) / max(sum.Seconds, 1e-9))
	line("%s in %s, %s rows/s; %s, state of %s", plural(int(sum.Rows), "row"), lasted(sum.Seconds), grouped(rate), plural(sum.Checkpoints, "checkpoint"), size(int64(sum.StateBytes)))
	var process []string
	if sum.PeakMemory > 0 {
		process = append(process, "used up to "+size(sum.PeakMemory)+" of memory")
	}
	if sum.Waits > 0 {
		process = append(process, "waited "+plural(sum.Waits, "time")+", for "+lasted(sum.WaitSeconds)+" in total")
	}
	if len(process) > 0 {
		line("the connector %s", strings.Join(process, " and "))
	}
	for _, w := range sum.Warnings {
		labelled(s.paint(yellow, "warning:"), " "+w)
	}
	for _, f := range sum.Findings {
		labelled(s.paint(yellow, "look at:"), " "+f)
	}
	if sum.Error == "" {
		labelled(s.paint(green, "ok"), "")
	}
	s.out.put(text...)
}

// tableCounts returns the summary's table: a header, and a line for each table.
func (s *screen) tableCounts(tables []tableSummary) []piece {
	names := len("table")
	for _, t := range tables {
		names = max(names, runewidth.StringWidth(name(t.Table)))
	}
	names = min(names, 28)
	lines := []piece{s.paint(bold, fmt.Sprintf("%-*s %10s %8s %8s %10s %10s", names, "table", "upserts", "updates", "deletes", "truncates", "total rows"))}
	for _, t := range tables {
		lines = append(lines, plain(fmt.Sprintf("%s %10s %8s %8s %10s %10s", fit(t.Table, names), grouped(t.Upserts), grouped(t.Updates), grouped(t.Deletes), grouped(t.Truncates), grouped(t.Rows))))
	}
	return lines
}
