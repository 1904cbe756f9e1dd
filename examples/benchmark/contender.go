//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// A contender is a program that reads the shop.
type contender struct {
	name string
	// about says what the program is, and what it does that others do not.
	about string
	// command returns the command line. The output is the directory for a program that
	// writes files.
	command func(config files, output string) []string
	// request reports that the program reads its configuration from standard input.
	request bool
	// tables reads the rows that the program has delivered.
	tables func(output string) (tables, error)
	// installed is the file or the directory that an installation consists of.
	installed string
}

// files are the files with the configuration of a run: that of the shop, and Airbyte's catalogs
// with all tables and without order_items.
type files struct{ config, catalog, withoutItems string }

// build compiles the Go programs into a directory and returns all contenders. Those in Python
// are left out if there are no environments for them.
func build(ctx context.Context, repository, environments, dir string) ([]*contender, error) {
	programs := map[string]string{
		"restapi": filepath.Join(repository, "examples", "restapi"), "demoapi": filepath.Join(repository, "examples", "restapi", "demoapi"),
		"handwritten": "handwritten", "jsonv2": "jsonv2", "encodingjson": "encodingjson",
	}
	for name, source := range programs {
		out := filepath.Join(dir, name)
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
		command.Dir = source
		if text, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build in %s: %w\n%s", source, err, text)
		}
	}
	goProgram := func(name, about string) *contender {
		program := filepath.Join(dir, name)
		return &contender{
			name: name, about: about, request: true, tables: stdinTables, installed: program,
			command: func(files, string) []string { return []string{program} },
		}
	}
	restapi := filepath.Join(dir, "restapi")
	all := []*contender{
		goProgram("handwritten", "Go, json/v2 and an encoder for each table, written for speed: no retry, no state, no checks"),
		goProgram("jsonv2", "Go, json/v2 in both directions: no retry, no state, no checks"),
		goProgram("encodingjson", "Go, encoding/json in both directions: no retry, no state, no checks"),
		goProgram("restapi", "Penstock, its own wire: two tables at a time, types, retries, checkpoints, secrets"),
		{
			name: "restapi airbyte", about: "Penstock, the same program on Airbyte's wire: also counts and states per stream",
			tables: airbyteTables, installed: restapi,
			command: func(f files, _ string) []string {
				return []string{restapi, "airbyte", "read", "--config", f.config, "--catalog", f.catalog}
			},
		},
		{
			name: "restapi singer", about: "Penstock, the same program on Singer's wire", tables: singerTables, installed: restapi,
			command: func(f files, _ string) []string { return []string{restapi, "singer", "--config", f.config} },
		},
	}
	python := func(environment, name, about string) *contender {
		c := &contender{name: name, about: about, installed: filepath.Join(environments, environment)}
		all = append(all, c)
		return c
	}
	interpreter := func(environment string) string { return filepath.Join(environments, environment, "bin", "python") }
	source := func(file string) string { return filepath.Join("python", file) }
	if environments == "" {
		return all, nil
	}
	for _, name := range []string{"bare", "singer", "airbyte", "dlt"} {
		if _, err := os.Stat(interpreter(name)); err != nil {
			return nil, fmt.Errorf("there is no environment of Python for %s: run python/setup: %w", name, err)
		}
	}
	c := python("bare", "requests, orjson", "Python, a loop: no retry, no state, no checks")
	c.request, c.tables = true, stdinTables
	c.command = func(files, string) []string { return []string{interpreter("bare"), source("bare.py")} }

	c = python("singer", "singer-sdk", "Python, a framework for Singer: one table at a time, retries, states, conversion to the declared types; order items as a column of orders")
	c.tables = singerTables
	c.command = func(f files, _ string) []string {
		return []string{interpreter("singer"), source("tap_shop.py"), "--config", f.config}
	}

	c = python("airbyte", "airbyte-cdk", "Python, a framework for Airbyte: one table at a time, retries, order items as a column of orders")
	c.tables = airbyteTables
	c.command = func(f files, _ string) []string {
		return []string{interpreter("airbyte"), source("source_shop.py"), "read", "--config", f.config, "--catalog", f.withoutItems}
	}

	c = python("dlt", "dlt", "Python, extraction, normalization and files of JSON lines, with inference of types; order items as a column of orders")
	c.request, c.tables = true, dltTables
	c.command = func(_ files, output string) []string {
		return []string{interpreter("dlt"), source("dlt_shop.py"), output}
	}
	return all, nil
}
