package wiring

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// OpenFunction opens the rooms of a Lambda function, as its environment says. If that fails there is nothing to serve: the log has the cause, and the function ends.
func OpenFunction(ctx context.Context) (*App, *slog.Logger) {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	config, err := FromEnvironment(os.Getenv)
	if err == nil {
		config.Log = log
		var app *App
		if app, err = Open(ctx, config); err == nil {
			return app, log
		}
	}
	log.ErrorContext(ctx, "the function cannot start", "cause", err.Error())
	os.Exit(1)
	return nil, nil
}

// FromEnvironment is the Config of a Lambda function. A store and a cache must be named: a function that fell back on the sample would look healthy.
func FromEnvironment(getenv func(string) string) (Config, error) {
	c := Config{
		Schema: getenv("CHUNKASIDE_SCHEMA"), Store: getenv("CHUNKASIDE_STORE"), Cache: getenv("CHUNKASIDE_CACHE"),
		MomentoAPIKey: getenv("MOMENTO_API_KEY"), Codec: getenv("CHUNKASIDE_CODEC"), Namespace: getenv("CHUNKASIDE_NAMESPACE"), Catalog: getenv("CHUNKASIDE_CATALOG"),
	}
	for name, value := range map[string]string{"CHUNKASIDE_STORE": c.Store, "CHUNKASIDE_CACHE": c.Cache} {
		if value == "" {
			return c, fmt.Errorf("%w: the environment variable %s is not set", ErrUsage, name)
		}
	}
	for name, to := range map[string]*time.Duration{"CHUNKASIDE_MAX_AGE": &c.MaxAge, "CHUNKASIDE_BUILD_TIMEOUT": &c.BuildTimeout} {
		text := getenv(name)
		if text == "" {
			continue
		}
		var err error
		if *to, err = time.ParseDuration(text); err != nil {
			return c, fmt.Errorf("%w: the environment variable %s: %w", ErrUsage, name, err)
		}
	}
	if text := getenv("CHUNKASIDE_LEVEL"); text != "" {
		var err error
		if c.Level, err = strconv.Atoi(text); err != nil {
			return c, fmt.Errorf("%w: the environment variable CHUNKASIDE_LEVEL: %w", ErrUsage, err)
		}
	}
	return c, c.rules(getenv)
}

// Share is a share of the catalog's Rules from a setting: there 0 is none, where the library takes 0 for the default.
func Share(value float64) float64 {
	if value == 0 {
		return math.SmallestNonzeroFloat64
	}
	return value
}

// rules reads the variables that make the Rules.
func (c *Config) rules(getenv func(string) string) error {
	share := func(to *float64) func(string) error {
		return func(text string) error {
			value, err := strconv.ParseFloat(text, 64)
			*to = Share(value)
			return err
		}
	}
	for name, set := range map[string]func(string) error{
		"CHUNKASIDE_MIN_COUNT":  c.minimum,
		"CHUNKASIDE_MAX_SHRINK": share(&c.Rules.MaxShrink),
		"CHUNKASIDE_MAX_GROWTH": share(&c.Rules.MaxGrowth),
		"CHUNKASIDE_MAX_CHANGE": share(&c.Rules.MaxChange),
		"CHUNKASIDE_MISSING":    func(text string) error { return c.Rules.Missing.UnmarshalText([]byte(text)) },
		"CHUNKASIDE_DANGLING":   func(text string) error { return c.Rules.Dangling.UnmarshalText([]byte(text)) },
	} {
		if text := getenv(name); text != "" {
			if err := set(text); err != nil {
				return fmt.Errorf("%w: the environment variable %s: %w", ErrUsage, name, err)
			}
		}
	}
	return nil
}

// minimum reads "Program=10;Episode=100".
func (c *Config) minimum(text string) error {
	c.Rules.Minimum = map[string]int{}
	for part := range strings.SplitSeq(text, ";") {
		model, count, ok := strings.Cut(part, "=")
		n, err := strconv.Atoi(count)
		if !ok || err != nil {
			return fmt.Errorf("%q is not like Program=10", part)
		}
		c.Rules.Minimum[model] = n
	}
	return nil
}
