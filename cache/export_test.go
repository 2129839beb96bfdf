package cache

// Reached is the test of all times by which versions age.
var Reached = reached
