// Package bench measures chunkaside, and beside it, in the same run, what its readers would use otherwise: go-redis/cache, gocache and sturdyc over the same Redis server. It is a
// module of its own, so that those are no dependencies of chunkaside, and it has nothing but tests and benchmarks. README.md has the commands and what they gave.
package bench
