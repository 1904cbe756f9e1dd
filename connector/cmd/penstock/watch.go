package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settled is how long no file has to change until it is time to build.
const settled = 200 * time.Millisecond

func watchCommand(ctx context.Context, args []string, out, errOut *os.File) (err error) {
	o := newOptions("watch", out).forSync()
	build := o.String("build", "", "the `command` that builds the connector, such as \"go build -o restapi .\"")
	source := o.String("source", ".", "the `directory` whose source files are watched, with those within")
	if err := o.connector(args); err != nil {
		return err
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch files: %w", err)
	}
	defer func() { err = errors.Join(err, watcher.Close()) }()
	if err := addAll(watcher, *source); err != nil {
		return err
	}
	for {
		fmt.Fprintf(out, "\n--- %s\n", time.Now().Format(time.TimeOnly))
		err := buildIt(ctx, *build, out, errOut)
		if err == nil {
			err = o.sync(ctx, out, errOut)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, errReported) {
			fmt.Fprintln(errOut, "penstock:", err)
		}
		fmt.Fprintf(out, "waiting for a change in %s\n", *source)
		if err := change(ctx, watcher, o.run.isSource); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

func buildIt(ctx context.Context, command string, out, errOut *os.File) error {
	if command == "" {
		return nil
	}
	shell := []string{"sh", "-c", command}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c", command}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1:]...)
	cmd.Stdout, cmd.Stderr = out, errOut
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return nil
}

// addAll watches a directory and those within, but for hidden ones.
func addAll(watcher *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != dir && (strings.HasPrefix(name, ".") || name == "files" || name == "node_modules") {
			return filepath.SkipDir
		}
		return watcher.Add(path)
	})
}

// change waits until a source file has changed, and no more do.
func change(ctx context.Context, watcher *fsnotify.Watcher, isSource func(path string) bool) error {
	var quiet <-chan time.Time
	for {
		select {
		case event, ok := <-watcher.Events:
			if !ok {
				return errors.New("watch files: it ended")
			}
			if event.Has(fsnotify.Create) {
				if info, err := os.Stat(event.Name); err == nil && info.IsDir() {
					if err := addAll(watcher, event.Name); err != nil {
						return err
					}
				}
			}
			if isSource(event.Name) && !event.Has(fsnotify.Chmod) {
				quiet = time.After(settled)
			}
		case err := <-watcher.Errors:
			return fmt.Errorf("watch files: %w", err)
		case <-quiet:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// isSource reports whether a sync depends on a file that has changed: one that a
// connector may be built from, the configuration or the selection. A configuration
// that holds what this program has read or stored itself has not changed.
func (r *run) isSource(path string) bool {
	switch filepath.Ext(path) {
	case ".go", ".mod", ".sum", ".py", ".sh", ".js", ".ts", ".rb", ".rs":
		return !strings.HasPrefix(filepath.Base(path), ".")
	}
	if samePath(path, r.configurationPath) {
		text, err := os.ReadFile(path)
		return err != nil || !bytes.Equal(text, r.configured)
	}
	return filepath.Base(path) == "configuration.json" || samePath(path, r.selectionPath)
}

// samePath reports whether two paths lead to the same file, or would if it existed.
func samePath(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	absoluteA, errA := filepath.Abs(a)
	absoluteB, errB := filepath.Abs(b)
	return b != "" && errA == nil && errB == nil && absoluteA == absoluteB
}
