// Package stdin implements the stdin protocol in both directions. A platform
// writes one request to the standard input of a connector's program and reads
// the answer from its standard output. Connectors speak this protocol by default
// through [Host]. Programs that run connectors read the answer with a [Reader].
//
// # The request
//
// A platform starts the program, writes one JSON object to its standard input
// and closes it. All members of the object are optional:
//
//	secrets           the configuration; any value may be sent as text
//	state             the state of the last STATE line that the platform received
//	selection.action  "schema", "test", "spec" or "sync"; the default is "sync"
//	selection.tables  the tables and columns to deliver, see ParseSelection
//
// # The answer
//
// The answer consists of lines of JSON. Only the last line of a process that ended while
// its platform was not reading may be incomplete, and only if it is longer than 4,096 bytes.
//
// The actions schema, test and spec produce one line: the tables, the status
// and message of a connection test, or the JSON Schema of the configuration. In
// the answer to schema, a table that follows another one has the member
// "follows" (see [schema.Table.Following]).
//
// The action sync produces lines as the sync proceeds:
//
//	{"type":"RECORD","record":{"shop":{"orders":{"id":1,"total":"19.90"}}}}
//	{"type":"STATE","state":{"orders":{"cursor":"2026-01-02T03:04:05Z"}}}
//	{"type":"LOG","log":{"level":"WARNING","message":"…"}}
//
// A RECORD line is an upsert of a row, unless its member "op" is "UPDATE",
// "DELETE" or "TRUNCATE". A STATE line covers the records on the lines before
// it. If a sync succeeds, its last line is a STATE.
//
// If the request is not valid or the run fails, the last line is a LOG of level
// SEVERE that states the reason, and the exit status is 1.
//
// A line of type SECRETS replaces values of the configuration. It may precede
// the answer to any action, and may occur at any point in a sync:
//
//	{"type":"SECRETS","secrets":{"refresh_token":"…"}}
//
// The platform must store the values before it reads the next line.
//
// # Serving the protocol
//
// [Serve] answers one request without a process, for tests. [Host] serves the
// protocol in a process, and adds commands for people: schema, test, spec and
// sync. A signal ends a sync, which then writes its last state and, as its last line, a
// LOG of level SEVERE. The exit status is 1. A platform that is not reading receives these
// lines if it reads again within 4.3 seconds of the signal. The process ends within 4.5
// seconds, even if the platform does not. On Linux, a line of up to 4,096 bytes is never
// cut in a pipe, even if the process is killed. A file on a full disk is cut back to its
// last whole line. If standard output is closed, the exit status is 1. Package host
// documents all of this under "Readers and disks".
//
// A time budget ends a sync with its last state and with status 0. It is set by the
// flag --time-budget of the command sync, or by the option [host.TimeBudget] for
// requests as well.
//
// A request must not be larger than 32 MiB. A sync whose state grows beyond
// [host.MaxState] fails, because a later request could not contain it.
//
// The functions of connector.OnDelivered are called for a state when its STATE line
// has been written to the standard output, or to the writer of Serve. The platform
// may not have read the line, and may not have stored the state. If the command sync
// has the flag --state, the file has already been replaced by then.
//
// # Reading the protocol
//
// This function runs a sync and applies what it delivers:
//
//	func run(ctx context.Context, program, request string) error {
//		cmd := exec.CommandContext(ctx, program)
//		cmd.Stdin, cmd.Stderr = strings.NewReader(request), os.Stderr
//		stdout, err := cmd.StdoutPipe()
//		if err != nil {
//			return err
//		}
//		if err := cmd.Start(); err != nil {
//			return err
//		}
//		lines := stdin.NewReader(stdout)
//		for {
//			line, err := lines.Next()
//			if err == io.EOF {
//				return cmd.Wait()
//			}
//			if err != nil {
//				return errors.Join(err, cmd.Cancel(), cmd.Wait())
//			}
//			switch line.Kind {
//			case stdin.Record:
//				apply(line.Op, line.Schema, line.Table, line.Row)
//			case stdin.State:
//				commit(line.State)
//			case stdin.Secrets:
//				store(line.Secrets) // before the next line is read
//			case stdin.Log:
//				log.Println(line.Level, line.Message)
//			}
//		}
//	}
//
// A program that answers requests for something other than a connector reads them with
// [ReadRequest] and writes lines with [Line.Append] and [AppendSchema].
//
// For the actions schema, test and spec, use [Reader.Answer], which reads the
// answer and the SECRETS lines before it. [ParseSchema] decodes the answer to
// the action schema, and [ParseTest] the answer to the action test.
package stdin
