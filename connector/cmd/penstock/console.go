package main

import (
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/penstock-sdk/penstock/internal/visible"
)

// A console is standard output or standard error. Everything that the program prints goes
// through one. It masks secrets, and it escapes the characters that act on a terminal, so
// that a name, a row or a message from outside cannot change what people see. Text for
// people is escaped even if it goes to a file, because people print files on terminals.
// A console is safe for concurrent use.
type console struct {
	file     *os.File
	terminal bool

	mu   sync.Mutex
	held []byte              // the start of a character that the next Write completes
	mask func(string) string // masks secrets; nil if none are known
	hide func(string) string // masks arguments that look like keys, or nil
}

func newConsole(file *os.File) *console {
	return &console{file: file, terminal: term.IsTerminal(int(file.Fd()))}
}

// masking makes the console mask all further text.
func (c *console) masking(mask func(string) string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mask = mask
}

// hiding makes the console mask the arguments that look like keys in all further text.
func (c *console) hiding(hide func(string) string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hide = hide
}

// hidden returns text with the arguments that look like keys masked.
func (c *console) hidden(text string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hide == nil {
		return text
	}
	return c.hide(text)
}

// Write prints text for people.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	whole := len(p)
	if len(c.held) > 0 {
		p = append(c.held, p...)
		c.held = nil
	}
	end := wholeCharacters(p)
	c.held = append(c.held, p[end:]...)
	if _, err := io.WriteString(c.file, c.escape(string(p[:end]))); err != nil {
		return 0, err
	}
	return whole, nil
}

func (c *console) escape(text string) string {
	if c.mask != nil {
		text = c.mask(text)
	}
	if c.hide != nil {
		text = c.hide(text)
	}
	return visible.Text(text)
}

// A piece is a part of what is printed at once: text, which is escaped, or a control
// sequence of this program.
type piece struct {
	text    string
	style   string // the parameters of an SGR sequence, or ""
	control bool
}

func plain(text string) piece { return piece{text: text} }

// control returns a control sequence that is printed unchanged. It must not contain text
// from outside.
func control(sequence string) piece { return piece{text: sequence, control: true} }

// put prints the pieces with one write.
func (c *console) put(pieces ...piece) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.control:
			b.WriteString(p.text)
		case p.style != "":
			b.WriteString("\x1b[" + p.style + "m" + c.escape(p.text) + "\x1b[0m")
		default:
			b.WriteString(c.escape(p.text))
		}
	}
	_, _ = io.WriteString(c.file, b.String()) // a sync continues without its terminal
}

// machine returns a writer for output that programs read. To a file or a pipe, it writes
// the data unchanged. On a terminal, it escapes the data as it does text for people, and
// JSON so that its values remain the same. Each write must consist of whole characters.
func (c *console) machine(format string) io.Writer {
	switch {
	case !c.terminal:
		return c.file
	case format == "json":
		return jsonConsole{c}
	}
	return c
}

// A jsonConsole prints JSON on a terminal.
type jsonConsole struct{ *console }

func (c jsonConsole) Write(p []byte) (int, error) {
	if _, err := io.WriteString(c.file, visible.JSON(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
