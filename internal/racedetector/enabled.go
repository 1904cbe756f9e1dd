//go:build race

package racedetector

// Enabled reports whether the program was built with the race detector.
const Enabled = true
