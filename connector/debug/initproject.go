package main

import (
	"context"
	"errors"
	"os"
)

func initCommand(context.Context, []string, *os.File, *os.File) error { return errors.New("x") }
