package settings

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// Errors of an Extension, wrapped with what is known.
var (
	// ErrMissing: there is nothing of that name.
	ErrMissing = errors.New("there is no such thing")
	// ErrUnavailable: the extension does not answer, or has no answer now. Trying again may help.
	ErrUnavailable = errors.New("the Lambda extension has no answer")
)

// Extension is AWS's two Lambda extensions, which a function has if their layers are attached: they read what is behind these names with the function's role, keep it for a while, and hand it out on this
// machine by plain HTTP. So no SDK for it is in the function. An Extension may be used by any number of goroutines.
type Extension struct {
	client         *http.Client
	secrets        string // base URL of "AWS Parameters and Secrets"
	configurations string // base URL of AppConfig's
	token          string
}

// NewExtension finds the extensions as the environment says: their ports, if they are not the usual ones, and the token that they want to see.
func NewExtension(getenv func(string) string) *Extension {
	return &Extension{
		// It is asked twice a minute, so a connection that is kept would only be found dead after a freeze of the process.
		client: &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		secrets:        "http://localhost:" + cmp.Or(getenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"), "2773"),
		configurations: "http://localhost:" + cmp.Or(getenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT"), "2772"),
		token:          getenv("AWS_SESSION_TOKEN"),
	}
}

// secret is the current value of a secret of Secrets Manager, by its name or ARN.
func (x *Extension) secret(ctx context.Context, id string) (string, error) {
	var answer struct{ SecretString string }
	err := x.decode(ctx, "/secretsmanager/get?secretId="+url.QueryEscape(id), &answer)
	return answer.SecretString, err
}

// parameter is the value of a parameter of Parameter Store, decrypted.
func (x *Extension) parameter(ctx context.Context, name string) (string, error) {
	var answer struct{ Parameter struct{ Value string } }
	err := x.decode(ctx, "/systemsmanager/parameters/get?withDecryption=true&name="+url.QueryEscape(name), &answer)
	return answer.Parameter.Value, err
}

func (x *Extension) decode(ctx context.Context, path string, answer any) error {
	data, err := x.get(ctx, x.secrets+path)
	if err == nil && json.Unmarshal(data, answer) != nil {
		// The decoder's own error may quote the secret.
		err = fmt.Errorf("%w: what it answers cannot be read", ErrUnavailable)
	}
	return err
}

// configuration is the document of a configuration profile of AppConfig.
func (x *Extension) configuration(ctx context.Context, application, environment, profile string) ([]byte, error) {
	return x.get(ctx, x.configurations+"/applications/"+url.PathEscape(application)+"/environments/"+url.PathEscape(environment)+"/configurations/"+url.PathEscape(profile))
}

const (
	// maxAnswer is more than any of the services holds under one name (64 KB), with what is around it.
	maxAnswer = 256 << 10
	// readTime is how long a first answer may take; it is behind a call of the service.
	readTime = 2 * time.Second
)

// get is the body of an answer. What an error says of a body is the name of the service's own error at most.
func (x *Extension) get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Aws-Parameters-Secrets-Token", x.token)
	response, err := x.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%w at %s; is its layer attached? %w", ErrUnavailable, request.URL.Host, errors.Unwrap(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	case response.StatusCode == http.StatusOK && len(body) <= maxAnswer:
		return body, nil
	case response.StatusCode == http.StatusOK:
		return nil, fmt.Errorf("it has more than %d bytes", maxAnswer)
	}
	return nil, refusal(response, serviceError().FindString(string(body)))
}

// serviceError is how a service names its errors. It is compiled when it is needed: that takes a tenth of a millisecond of the start.
var serviceError = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Z][A-Za-z]{1,60}(Exception|NotFound)\b`) })

func refusal(response *http.Response, name string) error {
	text := response.Status
	if name != "" {
		text += ", " + name
	}
	switch {
	case response.StatusCode == http.StatusNotFound, name == "ResourceNotFoundException", name == "ParameterNotFound":
		return fmt.Errorf("%w (%s)", ErrMissing, text)
	case response.StatusCode >= http.StatusInternalServerError, response.StatusCode == http.StatusTooManyRequests, name == "ThrottlingException":
		return fmt.Errorf("%w (%s)", ErrUnavailable, text)
	}
	return fmt.Errorf("the Lambda extension refuses (%s): does the function's role allow it?", text)
}
