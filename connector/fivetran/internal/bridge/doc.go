// Package bridge answers requests of the stdin protocol with the answers of a gRPC source:
// a server of the service fivetran_sdk.v2.SourceConnector, which Fivetran's Partner SDK and
// its Connector SDK define. It makes every such source a program that penstock sync and
// connectortest.RunBinary can test.
//
// It is a tester. It passes on what the source sends, and checks it more strictly than
// Fivetran does: a value must be of the kind that its column has, a record must have a key,
// and a message must not have more than 100 records. An error names the table, the column and
// the remedy. Values and states are not masked, so that a test can find secrets in them.
// Messages are masked.
package bridge
