package main

import (
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// batches lets one goroutine read lines while another goroutine applies earlier ones. At most
// batchCount batches are in memory.
type batches struct {
	read     chan *batch
	free     chan *batch
	err      error // set before read is closed; nil at the end of the answer
	lines    *stdin.Reader
	replacer *replacer
}

// A batch holds several lines and their text.
type batch struct {
	lines []batchLine
	text  []byte
	bytes int64 // the size of the answer up to the end of this batch
}

type batchLine struct {
	kind          stdin.Kind
	op            stdin.Op
	schema, table string
	level         string
	value         []byte // the row, the state or the message
	number        int
	warnings      []string // about replaced secrets
}

const (
	batchLines = 500
	batchBytes = 256 << 10
	batchCount = 4
)

func newBatches(r io.Reader, replacer *replacer) *batches {
	b := &batches{read: make(chan *batch), free: make(chan *batch, batchCount), lines: stdin.NewReader(r), replacer: replacer}
	for range batchCount {
		b.free <- &batch{}
	}
	go b.fill()
	return b
}

// done returns a batch for reuse.
func (b *batches) done(done *batch) { b.free <- done }

// fill reads the answer into batches until it ends or has an error.
func (b *batches) fill() {
	defer close(b.read)
	for {
		next := <-b.free
		next.lines, next.text = next.lines[:0], next.text[:0]
		for len(next.lines) < batchLines && len(next.text) < batchBytes {
			line, err := b.lines.Next()
			if err == nil && line.Kind == stdin.Secrets {
				if err = b.replacer.replaced(line.Secrets); err != nil {
					err = fmt.Errorf("line %d of the answer: %w", b.lines.Lines(), err)
				}
			}
			if err != nil {
				if len(next.lines) > 0 {
					next.settle(b.lines.Bytes())
					b.read <- next
				}
				if err != io.EOF {
					b.err = err
				}
				return
			}
			next.add(line, b.lines.Lines(), b.replacer.unread())
			if line.Kind != stdin.Record || !b.lines.Buffered() {
				break // a checkpoint must not wait for later lines, nor a line for one that is not written yet
			}
		}
		next.settle(b.lines.Bytes())
		b.read <- next
	}
}

// add copies a line, because the reader reuses its memory. The line's value is valid
// once the batch is settled.
func (b *batch) add(line *stdin.Line, number int, warnings []string) {
	value := line.Row
	switch line.Kind {
	case stdin.State:
		value = line.State
	case stdin.Log:
		value = []byte(line.Message)
	}
	b.text = append(b.text, value...)
	b.lines = append(b.lines, batchLine{
		kind: line.Kind, op: line.Op, schema: line.Schema, table: line.Table, level: line.Level,
		value: b.text[len(b.text)-len(value):], number: number, warnings: warnings,
	})
}

// settle points each line to its text, which moved as the batch grew.
func (b *batch) settle(bytes int64) {
	b.bytes = bytes
	at := 0
	for i := range b.lines {
		n := len(b.lines[i].value)
		b.lines[i].value = b.text[at : at+n : at+n]
		at += n
	}
}
