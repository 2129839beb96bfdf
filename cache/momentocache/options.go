package momentocache

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/momentohq/client-sdk-go/auth"
)

// DefaultTimeout is that of the SDK's configuration for Lambda.
const DefaultTimeout = 1100 * time.Millisecond

// DefaultParallelism is how many values a Get fetches at a time if Options names none. 16 values of 1 MB are more than a Lambda's
// link carries in the round trip that more would hide.
const DefaultParallelism = 16

// Options says where the cache is and how long to wait for it.
type Options struct {
	// APIKey is the Momento API key; it names the service's endpoints too. Required unless there is an Endpoint. It is sent to
	// the service and written nowhere else.
	APIKey string
	// Endpoint is the "host:port" of a server without TLS, for development, used instead of the API key's. With an APIKey it
	// must be on loopback, for the key would cross the network in clear.
	Endpoint string
	// Timeout bounds one call of the service, its repetitions included. Default DefaultTimeout.
	Timeout time.Duration
	// Parallelism is how many values one Get fetches at a time. Default DefaultParallelism.
	Parallelism int
}

// complete returns the options checked and with defaults.
func complete(cacheName string, opts *Options) (Options, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	switch {
	case strings.TrimSpace(cacheName) == "":
		return o, errors.New("momento: the name of the cache is empty")
	case o.APIKey == "" && o.Endpoint == "":
		return o, errors.New("momento: neither an API key nor an endpoint")
	case o.Timeout < 0 || o.Parallelism < 0:
		return o, errors.New("momento: a negative timeout or parallelism")
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Parallelism == 0 {
		o.Parallelism = DefaultParallelism
	}
	return o, nil
}

// credentials returns the SDK's form of key and endpoint.
func (o Options) credentials() (auth.CredentialProvider, error) {
	if o.Endpoint != "" {
		return o.localCredentials()
	}
	provider, err := auth.FromString(o.APIKey)
	if err != nil {
		// The SDK's error may quote the key.
		return nil, errors.New("momento: the API key is not one that the SDK understands")
	}
	return provider, nil
}

func (o Options) localCredentials() (auth.CredentialProvider, error) {
	host, portText, err := net.SplitHostPort(o.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("momento: endpoint %q is not host:port", o.Endpoint)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || port == 0 || host == "" {
		return nil, fmt.Errorf("momento: endpoint %q is not host:port", o.Endpoint)
	}
	if o.APIKey != "" && !isLoopback(host) {
		return nil, fmt.Errorf("momento: endpoint %s is not on loopback: the API key would cross the network in clear", o.Endpoint)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // The SDK joins host and port with a colon alone.
	}
	provider, err := auth.NewMomentoLocalProvider(&auth.MomentoLocalConfig{Hostname: host, Port: uint(port)})
	if err != nil {
		return nil, fmt.Errorf("momento: endpoint %s: %w", o.Endpoint, err)
	}
	return keyed{provider, o.APIKey}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// keyed gives a local provider, which has none, an API key.
type keyed struct {
	auth.CredentialProvider
	apiKey string
}

func (k keyed) GetAuthToken() string { return k.apiKey }
