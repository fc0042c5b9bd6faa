package sample

// markSituations are those of marks that are not inside their box.
var markSituations = []situation{}
