package main

import (
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/infra"
	"github.com/chunkaside/chunkaside/probe"
	"github.com/chunkaside/chunkaside/store"
)

// errAnswered: the event was answered with an error, which has been printed.
var errAnswered = errors.New("answered with an error")

// exitCode maps an error to the code that the help promises.
func exitCode(err error) int {
	var (
		fault     *schema.Error
		duplicate *catalog.DuplicateError
		large     *chunker.TooLargeError
		cached    *wiring.CacheError
		refused   *catalog.RefusedError
	)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errAnswered), errors.Is(err, errUntried):
		return 7
	case errors.As(err, &refused):
		return 8
	case errors.Is(err, errProbed):
		return 9
	case errors.Is(err, errMissed):
		return 10
	case errors.Is(err, wiring.ErrUsage), errors.Is(err, cache.ErrNoSuchVersion), errors.Is(err, errNoEntity), errors.Is(err, probe.ErrMarker):
		return 2
	case errors.As(err, &fault), errors.As(err, &duplicate), errors.As(err, &large), errors.Is(err, store.ErrInvalid), errors.Is(err, infra.ErrSchema):
		return 3
	case errors.Is(err, wiring.ErrCredentials), errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrNoTable):
		return 4
	case errors.Is(err, cache.ErrUnavailable), errors.Is(err, cache.ErrTooLarge), errors.As(err, &cached):
		return 5
	case errors.Is(err, errUnsound), errors.Is(err, errBeyondRepair), errors.Is(err, cache.ErrNoVersion), errors.Is(err, cache.ErrIncomplete), errors.Is(err, catalog.ErrSchema),
		errors.Is(err, chunker.ErrDamaged), errors.Is(err, chunker.ErrFormat):
		return 6
	}
	return 1
}

// explain adds what a person can do about an error where its own text does not say.
func (c *commands) explain(err error) error {
	var refused *catalog.RefusedError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%w. Nothing was changed: correct the records, or publish it all the same with warm --force", err)
	case errors.Is(err, chunker.ErrFormat):
		return fmt.Errorf("%w: a newer release wrote it; deploy the newer release", err)
	case errors.Is(err, cache.ErrNoSuchVersion):
		return fmt.Errorf("%w: chunkaside versions lists them", err)
	case errors.Is(err, cache.ErrNoVersion):
		return fmt.Errorf("%w under %s/%s: run chunkaside warm, or correct --cache, --namespace or --catalog", err, c.Namespace, c.Catalog)
	}
	return wiring.Explain(err)
}
