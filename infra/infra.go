// Package infra renders the template from which AWS SAM deploys a catalog: its API, the two functions, what starts them, what they may do, and what tells an operator how they are.
//
//	err := infra.Render(os.Stdout, schema, &infra.Options{API: infra.Full, Cache: infra.Momento})
//
// The template is text: each file in the folder sections is a part of it, with its comments, in the language of text/template between << and >>. What repeats with small differences is data: alarms in
// alarms.go, objectives in objectives.go, the dashboard in dashboard.go. Options decide about the template's shape; what an operator changes later is a parameter of it (sections/parameters.yaml).
package infra

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"text/template"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// ErrOptions: the options do not go together, or are unknown.
var ErrOptions = errors.New("the template cannot be rendered so")

// ErrSchema: the schema makes an API that AppSync or CloudFormation would refuse. The message names what to change.
var ErrSchema = errors.New("AppSync would refuse the API")

// API says how much of an API is deployed.
type API string

// The APIs.
const (
	// Full is an API of its own. The default.
	Full API = "full"
	// Source is an API that becomes a part of a merged API.
	Source API = "source"
	// Functions are no API: one that exists, such as Amplify's, gets the resolver as a data source by other means.
	Functions API = "functions"
)

// Package says how the functions are packed.
type Package string

// The packages.
const (
	// Zip is a zip with the bootstrap. The default.
	Zip Package = "zip"
	// Image is a container image, started from a snapshot of its memory (SnapStart): on provided.al2023 only images are.
	Image Package = "image"
)

// Cache is the shared cache's service.
type Cache string

// The caches.
const (
	// Momento is reached by its API key. The default.
	Momento Cache = "momento"
	// Valkey, Redis or ElastiCache is reached by its address.
	Valkey Cache = "valkey"
)

// Options is the template's shape. A nil *Options has the defaults.
type Options struct {
	API     API
	Package Package
	Cache   Cache
	// Tables: DynamoDB's tables are part of the template. Else they are there already, and their streams are parameters.
	Tables bool
	// VPC: the functions run in a network without a way to the internet, which is part of the template.
	VPC bool
}

func (o *Options) withDefaults() Options {
	full := Options{}
	if o != nil {
		full = *o
	}
	if full.API == "" {
		full.API = Full
	}
	if full.Package == "" {
		full.Package = Zip
	}
	if full.Cache == "" {
		full.Cache = Momento
	}
	return full
}

func (o Options) check() error {
	switch {
	case o.API != Full && o.API != Source && o.API != Functions:
		return fmt.Errorf("%w: %q is no API: use %s, %s or %s", ErrOptions, o.API, Full, Source, Functions)
	case o.Package != Zip && o.Package != Image:
		return fmt.Errorf("%w: %q is no package: use %s or %s", ErrOptions, o.Package, Zip, Image)
	case o.Cache != Momento && o.Cache != Valkey:
		return fmt.Errorf("%w: %q is no cache: use %s or %s", ErrOptions, o.Cache, Momento, Valkey)
	}
	return nil
}

// maxTemplate is CloudFormation's limit of a template's bytes.
const maxTemplate = 1_000_000

// sections are the template's parts, in their order.
var sections = []string{
	"head", "parameters", "rules", "conditions",
	"resources", "api", "announcements", "functions", "rollout", "capacity", "warmups", "tables", "network", "permissions", "logs", "alarms", "dashboard",
	"outputs",
}

//go:embed sections/*.yaml sections/announce.js
var files embed.FS

// Render writes the template of the catalog that the schema describes. The same schema and options give the same bytes. The error matches ErrOptions or ErrSchema, or is the writer's.
func Render(w io.Writer, s *schema.Schema, o *Options) error {
	options := o.withDefaults()
	if err := options.check(); err != nil {
		return err
	}
	d, err := newDeployment(s, options)
	if err != nil {
		return err
	}
	text, err := d.text()
	if err != nil {
		return err
	}
	if len(text) > maxTemplate {
		return fmt.Errorf("%w: the template has %d bytes, CloudFormation takes %d: split the catalog, or leave out types", ErrSchema, len(text), maxTemplate)
	}
	_, err = w.Write(text)
	return err
}

// text is the sections, one after another.
func (d *deployment) text() ([]byte, error) {
	helpers := template.FuncMap{"indent": indent, "file": file}
	all, err := template.New("").Delims("<<", ">>").Funcs(helpers).ParseFS(files, "sections/*.yaml")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, name := range sections {
		var section bytes.Buffer
		if err := all.ExecuteTemplate(&section, name+".yaml", d); err != nil {
			return nil, err
		}
		if text := strings.Trim(section.String(), "\n"); text != "" {
			fmt.Fprintf(&out, "%s\n\n", text)
		}
	}
	return append(bytes.TrimRight(out.Bytes(), "\n"), '\n'), nil
}

// indent puts n spaces before each line of a text that is not empty.
func indent(n int, text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		if strings.TrimSpace(line) != "" {
			out.WriteString(strings.Repeat(" ", n))
		}
		out.WriteString(line)
	}
	return strings.TrimRight(out.String(), "\n")
}

// file is a file beside the sections, as it is.
func file(name string) (string, error) {
	data, err := files.ReadFile(path.Join("sections", name))
	return string(data), err
}
