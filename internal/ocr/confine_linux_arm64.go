package ocr

// forbiddenHere are the calls that newer architectures do not have any more.
var forbiddenHere []uint32
