package main

import (
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// batches are lines that one goroutine reads while another one applies those
// before. There are only so many at a time.
type batches struct {
	read     chan *batch
	free     chan *batch
	err      error // why read ended, nil for the end of the answer
	lines    *stdin.Reader
	replacer *replacer
}

// A batch is some lines, with the memory that holds them.
type batch struct {
	lines []batchLine
	text  []byte
	bytes int64 // of the answer up to its end
}

type batchLine struct {
	kind          stdin.Kind
	op            stdin.Op
	schema, table string
	level         string
	value         []byte // the row, the state or the message
	number        int
	warnings      []string // about values that were replaced
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

// done gives the memory of a batch back.
func (b *batches) done(done *batch) { b.free <- done }

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
				break // a checkpoint waits for no line after it, and no line for one that is to come
			}
		}
		next.settle(b.lines.Bytes())
		b.read <- next
	}
}

// add copies a line, which is good only until the next one. Its bytes have their
// place when the batch is settled.
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

// settle points each line to its bytes, which moved as the batch grew.
func (b *batch) settle(bytes int64) {
	b.bytes = bytes
	at := 0
	for i := range b.lines {
		n := len(b.lines[i].value)
		b.lines[i].value = b.text[at : at+n : at+n]
		at += n
	}
}
