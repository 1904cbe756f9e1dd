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
//     connector, and single syncs for its own tests.
//
// The connector in examples/restapi is the one to start from.
package penstock
