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

// settled is the time without a change after which a build starts.
const settled = 200 * time.Millisecond

func watchCommand(ctx context.Context, args []string, out, errOut *console) (err error) {
	o := newOptions("watch", out).forSync()
	build := o.String("build", "", "the `command` that builds the connector, such as \"go build -o restapi .\"")
	source := o.String("source", ".", "the `directory` whose source files are watched, including its subdirectories")
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
			fmt.Fprintln(errOut, "penstock:", message(err.Error()))
		}
		fmt.Fprintf(out, "waiting for changes in %s\n", *source)
		if err := change(ctx, watcher, o.run.isSource); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
}

// buildIt runs the build command in a shell.
func buildIt(ctx context.Context, command string, out, errOut *console) error {
	if command == "" {
		return nil
	}
	shell := []string{"sh", "-c", command}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c", command}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1:]...)
	cmd.Stdout, cmd.Stderr = out, errOut
	newProcessGroup(cmd)
	cmd.Cancel = func() error { return terminate(cmd.Process) }
	cmd.WaitDelay = lingering // its children may hold the pipes open
	err := cmd.Start()
	if err == nil {
		ended := started(cmd.Process)
		err = cmd.Wait()
		kill(cmd.Process) // what it has left behind
		ended()
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return fmt.Errorf("build: %w", err)
	}
	return nil
}

// addAll watches a directory and its subdirectories, except hidden ones, files and
// node_modules.
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

// change waits for a source file to change, and then until no file has changed for the
// time of settled.
func change(ctx context.Context, watcher *fsnotify.Watcher, isSource func(path string) bool) error {
	var quiet <-chan time.Time
	for {
		select {
		case event, ok := <-watcher.Events:
			if !ok {
				return errors.New("watch files: the watcher was closed")
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

// isSource reports whether a change of the file at path requires another sync. This is
// true for source files, the selection and the configuration. It is false for a
// configuration whose content this program has last read or written itself.
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

// samePath reports whether two paths name the same file, which need not exist.
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
