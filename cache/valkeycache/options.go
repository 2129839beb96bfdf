package valkeycache

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/valkey-io/valkey-go"
)

const (
	// DefaultTimeout is how long a call waits if Options names no time.
	DefaultTimeout = 2 * time.Second
	// DefaultMaxItemSize is the server's own limit for one string, 512 MiB. It closes the connection on a larger one.
	DefaultMaxItemSize = 512 << 20
)

// Options tunes a driver. The zero value gives the defaults.
type Options struct {
	// Timeout bounds connecting, and each exchange with the server. Default DefaultTimeout.
	Timeout time.Duration
	// MaxItemSize is the largest key and value together, in bytes, that is sent. Default DefaultMaxItemSize, at most that.
	MaxItemSize int
}

// complete returns the options checked and with defaults.
func complete(opts *Options) (Options, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Timeout < 0 || o.MaxItemSize < 0 || o.MaxItemSize > DefaultMaxItemSize {
		return o, fmt.Errorf("valkey: timeout %v or item size %d is out of bounds", o.Timeout, o.MaxItemSize)
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxItemSize == 0 {
		o.MaxItemSize = DefaultMaxItemSize
	}
	return o, nil
}

// errURL says what New takes and quotes nothing of what it got: a URL that was read wrongly may have its password anywhere.
var errURL = errors.New("valkey: the URL is not valkey://[user:password@]host[:port][/database]")

// parameters are those of the library's URLs that it heeds and that Options does not set. Any other, misspelt perhaps, would
// change nothing.
var parameters = []string{"addr", "client_name", "db", "master_set", "protocol", "skip_verify"}

var errParameter = fmt.Errorf("valkey: the URL has a parameter that is none of %s", strings.Join(parameters, ", "))

// parse returns the library's options for a URL.
func parse(rawURL string, timeout time.Duration) (valkey.ClientOption, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return valkey.ClientOption{}, errURL
	}
	for name := range u.Query() {
		if !slices.Contains(parameters, name) {
			return valkey.ClientOption{}, errParameter
		}
	}
	o, err := valkey.ParseURL(rawURL)
	if err != nil {
		return valkey.ClientOption{}, errURL
	}
	o.Dialer.Timeout = timeout
	// The cache above keeps its own snapshots, keyed by digest: a second copy here would only cost memory.
	o.DisableCache = true
	// Without it a call whose time is up closes its connection, if no other uses it: a slow server would get a storm of new ones.
	o.AlwaysPipelining = true
	// So the library's pings must find out about a dead connection, as after a freeze of the process. This is how long one waits.
	o.ConnWriteTimeout = timeout
	// One connection to a node, as in a cluster. Of several that died together a second try would meet the next dead one.
	o.PipelineMultiplex = -1
	// Once more and at once: then the caller, who knows what else it could do, decides.
	o.DisableRetry = false
	o.RetryDelay = func(attempts int, _ valkey.Completed, _ error) time.Duration {
		if attempts > 1 {
			return -1
		}
		return 0
	}
	return o, nil
}
