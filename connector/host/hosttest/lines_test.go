package hosttest_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host/hosttest"
)

func decodeLine(line []byte) (*hosttest.Event, error) {
	switch string(line) {
	case "":
		return nil, nil
	case "broken":
		return nil, errors.New("the line is not valid")
	}
	return &hosttest.Event{Raw: line}, nil
}

func writing(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestLinesArriveInOrderAndBelongToTheCaller(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	var got []*hosttest.Event
	err := hosttest.Lines(writing("one\n\n"+long+"\nthree\n"), decodeLine, func(e *hosttest.Event) error {
		got = append(got, e)
		return nil
	}, false)
	require.NoError(t, err)
	require.Len(t, got, 3)
	assert.Equal(t, "one", string(got[0].Raw))
	assert.Equal(t, long, string(got[1].Raw))
	assert.Equal(t, "three", string(got[2].Raw))
}

func TestLinesReportsOutputThatCannotBeDecoded(t *testing.T) {
	take := func(*hosttest.Event) error { return nil }
	err := hosttest.Lines(writing("one\ntw"), decodeLine, take, false)
	require.ErrorContains(t, err, "ends in the middle of a line")

	err = hosttest.Lines(func(w io.Writer) error {
		_, _ = io.WriteString(w, "broken\n")
		return nil
	}, decodeLine, take, false)
	require.ErrorContains(t, err, "the line is not valid")

	failed := errors.New("the host failed")
	err = hosttest.Lines(func(io.Writer) error { return failed }, decodeLine, take, false)
	assert.Equal(t, failed, err, "the error of the host takes precedence")
}

func TestAPlatformThatDisconnectsClosesThePipe(t *testing.T) {
	taken := 0
	err := hosttest.Lines(func(w io.Writer) error {
		for i := 0; ; i++ {
			if _, err := fmt.Fprintln(w, i); err != nil {
				return err
			}
		}
	}, decodeLine, func(*hosttest.Event) error {
		taken++
		return errors.New("enough")
	}, false)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Equal(t, 1, taken)
}

func TestLinesDoesNotWaitForAStuckPlatform(t *testing.T) {
	free, reached := make(chan struct{}), make(chan struct{})
	taken := make(chan struct{})
	err := hosttest.Lines(func(w io.Writer) error {
		_, err := io.WriteString(w, "one\n")
		<-reached
		return err
	}, decodeLine, func(*hosttest.Event) error {
		defer close(taken)
		close(reached)
		<-free
		return nil
	}, true)
	require.NoError(t, err)
	close(free)
	<-taken
}
