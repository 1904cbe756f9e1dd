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
// Text is read as UTF-8, or as UTF-16 if it begins like that, unless CSV.Charset, an XML
// declaration or a response says otherwise (see the documentation of package
// transport). For a file of JSON or NDJSON in another encoding, use charset.NewReader. A
// byte that is not valid is replaced with U+FFFD and reported like a null that is lost. A
// text that ends within a character is truncated ([ErrCut]), unless other bytes of it are
// not valid either.
//
// A format that is given a compressed file returns an error that names [Gzip] or [Zip].
// Files of other kinds, such as Excel workbooks and PDF documents, are errors as well.
//
// # Values
//
// JSON values are decoded into Go values as the documentation of package
// transport describes: numbers stay exact, the exact name of a struct field takes
// precedence over one in another case, and the last of several members with the same
// name counts. The cells of a CSV row are decoded like the members of a JSON object,
// with numbers and bools read from their text. An integer may have a fraction of zeros,
// such as 100.0, but no exponent in CSV, because spreadsheets write one for numbers whose
// last digits they drop.
//
// The values of CSV and XML in a map are text. To convert them to the types of a
// table that is known only at run time, use a schema.TextConverter.
//
// A null in a field whose type cannot hold it is reported as the documentation of
// package transport describes. So is an empty cell of a CSV file, except in a
// string. The nulls of XML and of formats of other packages are not checked.
// [DecodeContext] reports to the user of the platform, and transport.Stream to the
// logger of its client as well.
package format
