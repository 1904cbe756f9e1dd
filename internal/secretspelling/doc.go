// Package secretspelling makes up secrets, spells them as sources and encoders do, and
// finds them in the output of a program. Tests use it to prove that no secret leaves a
// run in any spelling.
//
// The package is independent of the code that masks secrets, and the two must share
// nothing but the standard library. A test that searched with the code that masks
// would not find what that code misses. They also work differently. The code that
// masks must find the extent of a secret in a text. A [Finder] only has to find out
// that some part of it can be read: it decodes the text in every way that it knows,
// again and again, and looks for any [Visible] bytes of a secret in each result.
//
// The secrets are not real. They are put together at run time from parts and from
// the output of a generator with a fixed seed, so that they are the same in every run,
// and so that no scanner of repositories takes one for a live key.
package secretspelling
