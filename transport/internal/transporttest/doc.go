// Package transporttest provides what the tests of transport and of the packages
// below it share: sources on loopback and in memory, clients of them, and records.
package transporttest
