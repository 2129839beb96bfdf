package wiring

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// OpenFunction opens the rooms of a Lambda function, as its environment says, and own what it does not say: Log, Notify, Trace and LazyStore. If that fails there is nothing to serve: the log has the cause,
// and the function ends.
func OpenFunction(ctx context.Context, own Config) *App {
	config, err := FromEnvironment(os.Getenv)
	if err == nil {
		config.Log, config.Notify, config.Trace, config.LazyStore = own.Log, own.Notify, own.Trace, own.LazyStore
		var app *App
		if app, err = Open(ctx, config); err == nil {
			return app
		}
	}
	own.Log.ErrorContext(ctx, "the function cannot start", "cause", err.Error())
	os.Exit(1)
	return nil
}

// FromEnvironment is the Config of a Lambda function. A store and a cache must be named: a function that fell back on the sample would look healthy.
func FromEnvironment(getenv func(string) string) (Config, error) {
	c := Config{
		Schema: getenv("CHUNKASIDE_SCHEMA"), Store: getenv("CHUNKASIDE_STORE"), Cache: getenv("CHUNKASIDE_CACHE"),
		MomentoAPIKey: getenv("MOMENTO_API_KEY"), CacheSecret: getenv("CHUNKASIDE_CACHE_SECRET"), Policy: getenv("CHUNKASIDE_POLICY"), Codec: getenv("CHUNKASIDE_CODEC"), Namespace: getenv("CHUNKASIDE_NAMESPACE"), Catalog: getenv("CHUNKASIDE_CATALOG"),
		Announce: getenv("CHUNKASIDE_ANNOUNCE"), AnnounceKey: getenv("CHUNKASIDE_ANNOUNCE_KEY"),
	}
	for name, value := range map[string]string{"CHUNKASIDE_STORE": c.Store, "CHUNKASIDE_CACHE": c.Cache} {
		if value == "" {
			return c, fmt.Errorf("%w: the environment variable %s is not set", ErrUsage, name)
		}
	}
	return c, c.read(getenv)
}

// Share is a share of the catalog's Rules from a setting: there 0 is none, where the library takes 0 for the default.
func Share(value float64) float64 {
	if value == 0 {
		return math.SmallestNonzeroFloat64
	}
	return value
}

// read reads the variables that are no text.
func (c *Config) read(getenv func(string) string) error {
	for name, set := range map[string]func(string) error{
		"CHUNKASIDE_MAX_AGE":         into(&c.MaxAge, time.ParseDuration),
		"CHUNKASIDE_MAX_STALE":       into(&c.MaxStale, time.ParseDuration),
		"CHUNKASIDE_SOFT_TIMEOUT":    into(&c.SoftTimeout, time.ParseDuration),
		"CHUNKASIDE_HARD_TIMEOUT":    into(&c.HardTimeout, time.ParseDuration),
		"CHUNKASIDE_POLICY_INTERVAL": into(&c.PolicyInterval, time.ParseDuration),
		"CHUNKASIDE_BUILD_TIMEOUT":   into(&c.BuildTimeout, time.ParseDuration),
		"CHUNKASIDE_STORE_UNITS":     into(&c.StoreUnits, number),
		"CHUNKASIDE_BUILD_UNITS":     into(&c.BuildUnits, number),
		"CHUNKASIDE_LEVEL":           into(&c.Level, strconv.Atoi),
		"CHUNKASIDE_FILL_PAGES":      into(&c.FillPages, strconv.ParseBool),
		"CHUNKASIDE_MAX_ENTITIES":    into(&c.MaxEntities, strconv.Atoi),
		"CHUNKASIDE_MAX_DEPTH":       into(&c.MaxDepth, strconv.Atoi),
		"CHUNKASIDE_MIN_COUNT":       into(&c.Rules.Minimum, minimum),
		"CHUNKASIDE_MAX_SHRINK":      into(&c.Rules.MaxShrink, share),
		"CHUNKASIDE_MAX_GROWTH":      into(&c.Rules.MaxGrowth, share),
		"CHUNKASIDE_MAX_CHANGE":      into(&c.Rules.MaxChange, share),
		"CHUNKASIDE_MISSING":         func(text string) error { return c.Rules.Missing.UnmarshalText([]byte(text)) },
		"CHUNKASIDE_DANGLING":        func(text string) error { return c.Rules.Dangling.UnmarshalText([]byte(text)) },
	} {
		if text := getenv(name); text != "" {
			if err := set(text); err != nil {
				return fmt.Errorf("%w: the environment variable %s: %w", ErrUsage, name, err)
			}
		}
	}
	return nil
}

// into reads a text by parse.
func into[T any](to *T, parse func(string) (T, error)) func(string) error {
	return func(text string) (err error) {
		*to, err = parse(text)
		return err
	}
}

func share(text string) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	return Share(value), err
}

func number(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

// minimum reads "Program=10;Episode=100".
func minimum(text string) (map[string]int, error) {
	counts := map[string]int{}
	for part := range strings.SplitSeq(text, ";") {
		model, count, ok := strings.Cut(part, "=")
		n, err := strconv.Atoi(count)
		if !ok || err != nil {
			return nil, fmt.Errorf("%q is not like Program=10", part)
		}
		counts[model] = n
	}
	return counts, nil
}
