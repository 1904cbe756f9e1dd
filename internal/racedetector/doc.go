// Package racedetector says whether a program has the race detector, which takes a multiple of
// the time and of the memory. Tests of costs ask it:
//
//	if racedetector.Enabled {
//		t.Skip("the race detector allocates")
//	}
package racedetector
