package sample

// placeSituations are those of forms that do not lie as a plane does, or not
// alone.
var placeSituations = []situation{}
