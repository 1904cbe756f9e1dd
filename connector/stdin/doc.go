// Package stdin is the stdin protocol, in both directions: one request on
// standard input, one answer on standard output. Connectors speak it by default
// ([Host]), and programs that run connectors, in any language, read it by a
// [Reader].
//
// # The protocol
//
// A platform starts the program, writes one JSON object to its standard input
// and reads lines of JSON from its standard output. All fields of the request
// are optional:
//
//	secrets           the configuration; values may be text
//	state             the state of the last STATE line that arrived
//	selection.action  "schema", "test", "spec" or "sync", the default
//	selection.tables  what to deliver, see [ParseSelection]
//
// The answer to "schema" is a line with the tables, to "test" a line with a
// status and a message, to "spec" a line with the JSON Schema of the
// configuration. A sync answers with lines as they happen:
//
//	{"type":"RECORD","record":{"shop":{"orders":{"id":1,"total":"19.90"}}}}
//	{"type":"STATE","state":{"orders":{"cursor":"2026-01-02T03:04:05Z"}}}
//	{"type":"LOG","log":{"level":"WARNING","message":"…"}}
//
// A RECORD is an upsert, unless it has "op", which is "UPDATE", "DELETE" or
// "TRUNCATE". A STATE covers the records on the lines before it. The last line
// of a sync that succeeded is a STATE. Whatever goes wrong, with the request or
// with the run, the last line is a LOG of level SEVERE that says what, and the
// exit status is 1. Lines are always whole.
//
// A line of type SECRETS, which may precede the answer to any action, replaces
// values of the configuration:
//
//	{"type":"SECRETS","secrets":{"refresh_token":"…"}}
//
// The platform stores them before it reads on.
//
// # The connector's side
//
// [Serve] answers a request without a process, for tests. [Host] is the wire in
// a process, with commands for people beside it: schema, test, spec and sync. A
// signal ends a sync with its last state. A reader that has stopped reading by
// then has 4.5 seconds, counted from the signal: then the process ends.
//
// # The platform's side
//
//	lines := stdin.NewReader(stdout)
//	for {
//		line, err := lines.Next()
//		if err == io.EOF {
//			break
//		}
//		if err != nil {
//			return err // it names the line and the reason
//		}
//		switch line.Kind {
//		case stdin.Record:
//			apply(line.Op, line.Schema, line.Table, line.Row)
//		case stdin.State:
//			commit(line.State)
//		case stdin.Secrets:
//			store(line.Secrets) // before the next line is read
//		}
//	}
//
// The actions schema, spec and test have one answer, which SECRETS lines may
// precede: [Reader.Answer] reads both. [ParseSchema] then reads the answer to
// the action schema, and [ParseTest] the one to the action test.
package stdin
