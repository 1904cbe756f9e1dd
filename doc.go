// Package penstock is a library for data connectors: programs that read a
// source, such as a REST API, a database or files, and deliver its tables,
// incrementally, to a data platform.
//
// A connector is a struct with three methods, and [Main] makes it a program:
//
//	func main() { penstock.Main(&Connector{PageSize: 500}) }
//
// An author needs these packages, in this order:
//
//   - [github.com/penstock-sdk/penstock/connector]: the three methods, and what
//     they use to deliver rows;
//   - [github.com/penstock-sdk/penstock/schema]: tables, from structs or
//     column by column, and the rows that fit them;
//   - [github.com/penstock-sdk/penstock/state]: where the last sync ended;
//   - [github.com/penstock-sdk/penstock/transport]: HTTP sources with
//     authentication, retry and paging;
//   - [github.com/penstock-sdk/penstock/connectortest]: a suite that proves a
//     connector, and single syncs for its own tests; fakeapi within it serves
//     a test's rows as an API, and replay records a real one.
//
// Those who add a platform need
// [github.com/penstock-sdk/penstock/connector/host]. Each wire is a package of
// its own, such as [github.com/penstock-sdk/penstock/connector/stdin].
//
// The connector in examples/restapi is the one to start from. The program
// connector/cmd/penstock, in a module of its own, runs a connector on your
// machine and stores what it delivers in a database.
package penstock
