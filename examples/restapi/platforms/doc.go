// Package platforms tests that the program of examples/restapi is the same connector on
// every platform. A connector that copies the example does not need these tests, because
// the wires belong to this module.
package platforms
