// Package bodytext converts the text of responses and files to UTF-8, and reports the
// bytes that are not valid in their charset. Package charset documents the names of
// charsets, and package transport documents which charset applies.
package bodytext
