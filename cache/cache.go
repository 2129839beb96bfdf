// Package cache keeps versions of a catalog in a shared cache.
package cache
