//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// A measurement is what one run of a program costs.
type measurement struct {
	CPU, Wall time.Duration // CPU is the time of the program in user mode and in the kernel
	Peak      int64         // of the resident memory, in bytes
}

// measuring is the environment variable of a process that measures another one. The peak that
// the system reports for a new process is at least that of the process that has started it, so
// a process that is as small as possible does.
const measuring = "PENSTOCK_BENCHMARK_MEASURE"

// measure runs a program in a directory for its files. Its standard output is the file stdout
// there, its standard error the file stderr.
func measure(ctx context.Context, command []string, stdin, dir string) (measurement, error) {
	var m measurement
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{stdin, dir}, command...)...)
	cmd.Env = append(os.Environ(), measuring+"=1")
	var report bytes.Buffer
	cmd.Stdout, cmd.Stderr = &report, os.Stderr
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(filepath.Join(dir, "stderr"))
		return m, fmt.Errorf("%v: %w\n%s", command, err, text[max(0, len(text)-2000):])
	}
	return m, json.Unmarshal(report.Bytes(), &m)
}

// measureArguments is the process that measures the program of its arguments.
func measureArguments(ctx context.Context) error {
	stdin, dir := os.Args[1], os.Args[2]
	in, err := os.Open(stdin)
	if err != nil {
		return err
	}
	out, err := os.Create(output(dir))
	if err != nil {
		return err
	}
	errOut, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, os.Args[3], os.Args[4:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, errOut
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return err
	}
	m := measurement{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Wall: time.Since(begin)}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	m.Peak = int64(usage.Maxrss) //nolint:unconvert // it has 32 bits on some systems
	if runtime.GOOS == "linux" {
		m.Peak <<= 10 // the unit is a KiB there
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}
