package gitobject

// SumSHA1 is shown to the tests because nobody has made two git objects that
// collide; only the bytes of other formats are known.
var SumSHA1 = sumSHA1
