package store

// CompareNumbers is for FuzzCanonicalNumber.
var CompareNumbers = compareNumbers
