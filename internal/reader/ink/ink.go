// Package ink finds what was written on a page: pictures in, pictures and
// measures of them out. It knows nothing of fields, readers or texts.
//
// A [Sheet] is a page with its template, without red seals and with the broken
// strokes of a fax joined. A [Window] shows one place of both in the same
// pixels: what is on both was printed, the rest is a [Writing]. Its lines are
// made into a [Picture] of the size that an engine likes.
package ink
