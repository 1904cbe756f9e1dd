package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// readLog returns the level and the text of a log line that package slog wrote as JSON.
// For any other line, it returns "" and the line.
func readLog(line string) (level, text string) {
	var entry map[string]any
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	if !strings.HasPrefix(line, "{") || dec.Decode(&entry) != nil {
		return "", line
	}
	level, _ = entry["level"].(string)
	message, _ := entry["msg"].(string)
	if level == "" || message == "" {
		return "", line
	}
	var b strings.Builder
	b.WriteString(message)
	var names []string
	for name := range entry {
		if name != "level" && name != "msg" && name != "time" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		value := entry[name]
		if number, ok := value.(json.Number); ok && name == "wait" {
			if n, err := number.Int64(); err == nil {
				value = time.Duration(n)
			}
		}
		fmt.Fprintf(&b, " %s=%v", name, value)
	}
	return level, b.String()
}

// waitOf returns the duration of the wait that a log line reports. It returns false if
// the line reports no wait.
func waitOf(line string) (time.Duration, bool) {
	if len(line) == 0 || line[0] != '{' {
		return 0, false
	}
	var entry struct {
		Wait *time.Duration `json:"wait"`
	}
	if json.Unmarshal([]byte(line), &entry) != nil || entry.Wait == nil {
		return 0, false
	}
	return *entry.Wait, true
}
