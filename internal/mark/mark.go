// Package mark reads what is not a line of text: whether a checkbox is marked,
// and what stands in each box of a row of single-character boxes.
//
// It works on two crops of the same place at the same scale: one warped from
// the page and one from the picture of the blank template. What is on both is
// print, what is on the first only is ink. The two may lie a pixel or two
// beside each other; the print itself tells by how much.
//
// # Units
//
// Pixels are those of the crops, (0, 0) being the top-left one whatever their
// Bounds. A box should be at least 20 pixels high.
package mark
