// Package penstock is a library for data connectors: programs that read a
// source, such as a REST API, a database or files, and deliver its tables,
// incrementally, to a data platform.
//
// The packages, in the order in which an author meets them:
//
//   - [github.com/penstock-sdk/penstock/connector]: the interface of three
//     methods, the program around it, and the protocol that it speaks;
//   - [github.com/penstock-sdk/penstock/schema]: tables, from structs or
//     column by column, and the rows that fit them;
//   - [github.com/penstock-sdk/penstock/state]: where the last sync got to;
//   - [github.com/penstock-sdk/penstock/transport]: HTTP sources with
//     authentication, retry and paging;
//   - [github.com/penstock-sdk/penstock/connectortest]: a suite that proves a
//     connector, and single syncs for its own tests; fakeapi within it serves
//     a test's rows as an API, and replay records a real one;
//   - [github.com/penstock-sdk/penstock/connector/stdin]: what a connector
//     writes, for programs that run one.
//
// The connector in examples/restapi is the one to start from. The program in
// connector/cmd/penstock, a module of its own, keeps what a connector delivers in a
// database to look at.
package penstock
