package infra

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// deployment is what the sections are filled with.
type deployment struct {
	Options
	Schema string // the file's name
	SDL    string // as a text of Fn::Sub
	Fields []field
	Models []model
	// Needed are the ways to authorize that the API's types and fields name, so that no deployment may leave them out.
	Needed map[string]bool
}

// field is a root field with a resolver of its own.
type field struct{ ID, Name string }

// model is a table: ID begins the names of all that it has in the template.
type model struct {
	ID, Name, Table string
	Key             key
	Indexes         []key
	Attributes      []attribute
}

// key is a table's or an index's key. Sort is "" where it has none.
type key struct{ Name, Partition, Sort string }

// attribute is a key's attribute with DynamoDB's type, S or N.
type attribute struct{ Name, Type string }

func newDeployment(s *schema.Schema, o Options) (*deployment, error) {
	d := &deployment{Options: o, Schema: s.Name, Needed: map[string]bool{}}
	for _, m := range s.Models {
		d.Models = append(d.Models, newModel(m))
	}
	if err := d.checkModels(); err != nil {
		return nil, err
	}
	if o.API == Functions {
		return d, nil
	}
	return d, d.addAPI(s)
}

// addAPI adds what AppSync gets.
func (d *deployment) addAPI(s *schema.Schema) error {
	served, err := apiSDL(s)
	if err != nil {
		return err
	}
	d.SDL = escaped(served) + backend
	names, err := rootFields(served + backend)
	if err != nil {
		return err
	}
	for _, name := range names {
		d.Fields = append(d.Fields, field{logical(name), name})
	}
	for _, directive := range []string{"aws_api_key", "aws_oidc", "aws_cognito_user_pools", "aws_lambda"} {
		d.Needed[directive] = strings.Contains(served, "@"+directive)
	}
	return nil
}

// HasAPI says that the template has an API.
func (d *deployment) HasAPI() bool { return d.API != Functions }

// maxModels keeps the parameters under CloudFormation's 200, and the resources under its 500; maxARNs keeps a role's policies under IAM's 10,240 bytes, where the name of a table or index may
// have a hundred.
const (
	maxModels = 60
	maxARNs   = 80
)

func (d *deployment) checkModels() error {
	names := 0
	for _, m := range d.Models {
		names += 1 + len(m.Indexes)
		if err := m.check(); err != nil {
			return err
		}
	}
	if len(d.Models) > maxModels || names > maxARNs {
		return fmt.Errorf("%w: %d types with %d tables and indexes are too many for one stack and one role, which take %d and %d: split the catalog", ErrSchema, len(d.Models), names, maxModels, maxARNs)
	}
	return nil
}

// dynamoName is what DynamoDB takes as the name of a table or index.
var dynamoName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

func (m model) check() error {
	if !dynamoName.MatchString(m.Table + "-x") { // a suffix may make a short name long enough
		return fmt.Errorf("%w: %s: DynamoDB takes no table %q: letters, digits and _.- alone, 3 to 255", ErrSchema, m.Name, m.Table)
	}
	for _, ix := range m.Indexes {
		if !dynamoName.MatchString(ix.Name) {
			return fmt.Errorf("%w: %s: DynamoDB takes no index %q: letters, digits and _.- alone, 3 to 255", ErrSchema, m.Name, ix.Name)
		}
	}
	if len(m.Indexes) > 20 {
		return fmt.Errorf("%w: %s has %d indexes, DynamoDB takes 20", ErrSchema, m.Name, len(m.Indexes))
	}
	return nil
}

func newModel(m *schema.Model) model {
	made := model{ID: logical(m.Name), Name: m.Name, Table: m.Table, Key: newKey(m.Key)}
	for _, ix := range m.Indexes {
		made.Indexes = append(made.Indexes, newKey(ix))
	}
	for _, ix := range m.AllIndexes() {
		made.define(ix.Partition.Name, attributeType(ix.Partition))
		if len(ix.Sort) == 1 {
			made.define(ix.SortAttribute(), attributeType(ix.Sort[0]))
		} else if len(ix.Sort) > 1 {
			made.define(ix.SortAttribute(), "S") // values joined
		}
	}
	return made
}

func (m *model) define(name, kind string) {
	if !slices.ContainsFunc(m.Attributes, func(a attribute) bool { return a.Name == name }) {
		m.Attributes = append(m.Attributes, attribute{name, kind})
	}
}

func newKey(ix *schema.Index) key { return key{ix.Name, ix.Partition.Name, ix.SortAttribute()} }

func attributeType(f *schema.Field) string {
	if store.Numeric(f) {
		return "N"
	}
	return "S"
}

// logical makes a name of the template of a GraphQL name: letters and digits alone, and never the same of two.
func logical(name string) string {
	return strings.NewReplacer("Z", "ZZ", "_", "Zu").Replace(name)
}

// Streams is how many warmers may run at once where nothing else is said: one for each stream, and ten at most.
func (d *deployment) Streams() int { return min(len(d.Models), 10) }

// function is one of the two: Name is that of its folder in cmd.
type function struct {
	Name    string
	Package Package
}

// Resolver answers queries.
func (d *deployment) Resolver() function { return function{"resolver", d.Package} }

// Warmer publishes versions.
func (d *deployment) Warmer() function { return function{"warmer", d.Package} }

// Extensions says whether AWS's extensions can read settings for the functions: images have no layers, and from a network without a way out their services cannot be reached.
func (d *deployment) Extensions() bool { return d.Package == Zip && !d.VPC }

// ReadsKey says whether one of them can read the cache's key: Valkey's whole address is in the secret.
func (d *deployment) ReadsKey() bool { return d.Extensions() && d.Cache == Momento }
