// Package format reads records from text in the formats that sources export:
// [JSON], [NDJSON], [CSV] and [XML], compressed with [Gzip] or in a [Zip]
// archive. It holds one record in memory at a time, so the text may be of any
// size. The package does not depend on net/http.
//
//	file, err := os.Open("orders.csv.gz")
//	...
//	for order, err := range format.Decode[Order](file, format.Gzip(format.CSV{Comma: ';'})) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// [Decode] reads a file or any other io.Reader. To read the response of a
// request in the same way, pass the format to transport.Stream or
// transport.Report.
//
// # Paths
//
// The field At of [JSON] and [XML] is the path to the records in the text. The
// documentation of package transport defines the paths of JSON; [XML] defines
// its own.
//
// # Charsets
//
// The first of these determines the charset of a file:
//
//  1. a byte order mark in the text
//  2. the field Charset of [CSV], or the encoding in an XML declaration
//  3. the first characters of the text, if they show that it is UTF-16
//  4. UTF-8
//
// For JSON and NDJSON in another charset, read the file through charset.NewReader. The
// documentation of package transport describes the charset of a response.
//
// A byte that is not valid in the charset is replaced with U+FFFD and reported like a null
// that is lost (see below). A text that ends within a character is truncated ([ErrCut]),
// unless other bytes of it are not valid either.
//
// If the text is a compressed file, the error names [Gzip] or [Zip]. Files of other kinds,
// such as Excel workbooks and PDF documents, are errors, too.
//
// # Limits
//
// A record may have up to 24 MiB of text with [Decode], up to maxRecord bytes with [Each],
// and up to transport.WithMaxBody bytes in a response. A larger record is an error that
// wraps [ErrTooLarge]. So is a zip archive above Zip.MaxBytes. The text around the records
// may be of any size.
//
// Values that take much more memory than their text have limits of their own, which usual
// data does not reach. Exceeding one is also an error that wraps ErrTooLarge:
//
//	JSON   the values of a record in lists, maps and anys, and the members of an object:
//	       twice the limit of a record, where a value in an any or a map, and a member,
//	       counts as 128 bytes; a number in a big.Int: 131,072 digits. Values that no field
//	       reads do not count, nor do those in a json.RawMessage. Members count everywhere.
//	CSV    a header: 4 MiB; a row: 100,000 cells; the rows of SkipFooter: twice the limit
//	       of a record
//	XML    elements and attributes of a record: one for each 128 bytes of its limit, but at
//	       least 65,536; nested elements: 1,000; attributes of all open elements: 50,000; a
//	       tag without the values of its attributes, a comment, a processing instruction or
//	       a document type declaration: 1 MiB
//	gzip   members without text in a row: 1,000; padding in a row: 16 MiB; text that is
//	       itself compressed and longer than 512 KiB: 4 times the size of its file
//	zip    the table of contents: 4 MiB; files that overlap are an error
//
// # Errors
//
// An error ends the records. It names the record, and for CSV the line. errors.Is finds
// these causes: [ErrCut] for a truncated text, [ErrTooLarge], [ErrNotJSON], and
// [ErrNoRecords] if nothing is at the path of the records.
//
// # Values
//
// JSON values are decoded into Go values as the documentation of package
// transport describes: numbers stay exact, except in a float, the exact name of a struct field takes
// precedence over one in another case, and the last of several members with the same
// name counts. The cells of a CSV row are decoded like the members of a JSON object,
// with numbers and bools read from their text. An integer may have a fraction of zeros,
// such as 100.0. In CSV, an exponent in an integer is an error, because spreadsheets write
// one for numbers whose last digits they have dropped.
//
// The values of CSV and XML in a map are text. To convert them to the types of a
// table that is known only at run time, use a schema.TextConverter.
//
// A null, or a number with too many digits for a float, that is lost because the type of its
// field cannot hold it is reported as the documentation of package transport describes. So
// is an empty cell of a CSV file, except in a string. The values of XML and of formats of
// other packages are not checked. [Decode]
// reports to slog.Default, and [DecodeContext] to the user of the platform if its context
// belongs to a sync. transport.Stream reports to that user and to the logger of its client.
package format
