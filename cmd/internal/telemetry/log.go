package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// handler writes records in Powertools' keys, with what is known of the invocation they belong to.
type handler struct {
	slog.Handler
	level slog.Level
}

// newLogger returns a logger that writes records of a level, and all records of invocations that are drawn.
func newLogger(out io.Writer, level slog.Level, service string, getenv func(string) string) *slog.Logger {
	log := slog.New(handler{slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: rename}), level}).With("service", service)
	if name := getenv("AWS_LAMBDA_FUNCTION_NAME"); name != "" {
		log = log.With("function_name", name)
	}
	if size, err := strconv.Atoi(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil {
		log = log.With("function_memory_size", size)
	}
	return log
}

func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level || invocationOf(ctx).debug
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if attrs := invocationOf(ctx).attrs(); attrs != nil {
		r = r.Clone() // it may be another handler's too
		r.AddAttrs(attrs...)
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.level}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.level}
}

// rename gives slog's keys Powertools' names. A record's own "message" would be a second one.
func rename(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		return slog.String("timestamp", a.Value.Time().UTC().Format(milliseconds))
	case slog.MessageKey:
		a.Key = "message"
	case "message":
		a.Key = "error_message"
	}
	return a
}

// milliseconds is RFC 3339 as Lambda reads it.
const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// levels are those of Lambda and of Powertools; above ERROR nothing of ours is logged.
var levels = map[string]slog.Level{
	"TRACE": slog.LevelDebug, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo, "WARN": slog.LevelWarn, "WARNING": slog.LevelWarn,
	"ERROR": slog.LevelError, "CRITICAL": slog.LevelError + 1, "FATAL": slog.LevelError + 1, "SILENT": slog.LevelError + 1,
}

// logLevel is the least level that is logged. Lambda's own setting comes first: what is below it Lambda throws away.
func logLevel(getenv func(string) string) (slog.Level, error) {
	for _, name := range []string{"AWS_LAMBDA_LOG_LEVEL", "POWERTOOLS_LOG_LEVEL"} {
		text := getenv(name)
		if text == "" {
			continue
		}
		level, known := levels[strings.ToUpper(text)]
		if !known {
			return slog.LevelInfo, unreadable(name, text, "DEBUG, INFO, WARN or ERROR")
		}
		return level, nil
	}
	return slog.LevelInfo, nil
}

func unreadable(name, text, want string) error {
	return fmt.Errorf("the environment variable %s: %q is not %s", name, text, want)
}
