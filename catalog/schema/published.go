package schema

import (
	"fmt"
	"slices"
	"strings"
)

// What backends may call, and what tells front ends of it.
const (
	// WarmMutation is answered by the function warmer.
	WarmMutation = "warmCatalog"
	// PublishMutation announces a version: its arguments are its answer. PublishedSubscription hands that on.
	PublishMutation       = "publishCatalog"
	PublishedSubscription = "onCatalogPublished"
)

// MutationsPrelude is what ServedPrelude is for Served.
const MutationsPrelude = ServedPrelude + "directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION\n"

// operations are what ServedWithMutations adds to Served, with the directives of callers in the places of %s. A sequence counts milliseconds: a Float holds it exactly, an Int does not hold it.
const operations = `
type Mutation {
  warmCatalog(catalog: String, mode: String, models: [String!], records: [String!], to: String): Warmed @aws_iam
  publishCatalog(catalog: String!, version: String!, sequence: Float!, entities: Int!, chunks: Int!, chunksChanged: Int!, types: [String!]!, moreTypes: Int!): CatalogPublished @aws_iam
}

type Subscription {
  onCatalogPublished(catalog: String): CatalogPublished @aws_subscribe(mutations: ["publishCatalog"])%s
}

"""
What a warm-up, or whatever else was asked for, has done.
"""
type Warmed @aws_iam {
  mode: String
  version: String
  sequence: Float
  records: Int
  entities: Int
  chunks: Int
  chunksSent: Int
  bytesSent: Float
  findings: [String!]
  left: [String!]
  announced: Boolean
  notAnnounced: String
}

"""
Readers have this version now: the types of whose entities some differ from those before, and how many more types there was no room for. A higher sequence is a later version.
"""
type CatalogPublished%s {
  catalog: String!
  version: String!
  sequence: Float!
  entities: Int!
  chunks: Int!
  chunksChanged: Int!
  types: [String!]!
  moreTypes: Int!
}
`

// ServedWithMutations is Served, and beside it the mutations that backends call by a role of IAM, and the subscription to new versions for all who may read some of the catalog: an announcement names types, and
// holds nothing of them. The error says which type of the file has a name that is needed here.
func (s *Schema) ServedWithMutations() (string, error) {
	if clash := s.clash("Warmed", "CatalogPublished"); clash != "" {
		return "", fmt.Errorf("%s: the type %s has the name of one that warmCatalog, publishCatalog or onCatalogPublished needs: rename it", s.Name, clash)
	}
	const query = "query: Query\n"
	served := strings.Replace(s.Served(), query, query+"  mutation: Mutation\n  subscription: Subscription\n", 1)
	readers := s.readers()
	return served + Operations(" @"+join(readers), " @"+join(readers.add(IAM))), nil
}

// Operations are the mutations that backends call by a role of IAM, and the subscription to new versions, with the directives of those who may subscribe, and of those who may see a message, such as " @aws_api_key"; "" is the
// API's default.
func Operations(subscribers, readers string) string {
	return fmt.Sprintf(operations, subscribers, readers)
}

// clash is the first of these names that a type of the file has.
func (s *Schema) clash(names ...string) string {
	for _, name := range names {
		taken := s.models[name] != nil || slices.ContainsFunc(s.Objects, func(o *Object) bool { return o.Name == name }) || slices.ContainsFunc(s.Enums, func(e *Enum) bool { return e.Name == name })
		if taken {
			return name
		}
	}
	return ""
}

// readers are the providers whose callers may read some model. One without any is open to those of the API's default, which is a key if the file does not say.
func (s *Schema) readers() providerSet {
	var all providerSet
	for _, m := range s.Models {
		set := m.providers.all
		for p := APIKey; p <= Lambda; p++ {
			if slices.ContainsFunc(m.directives, func(d string) bool { return strings.HasPrefix(d, directives[p]) }) {
				set = set.add(p)
			}
		}
		if set == 0 {
			set = set.add(max(s.settings.defaultAuth, APIKey))
		}
		all |= set
	}
	return all
}

// join writes all directives of a set, the default's too: beside another it does not go without saying.
func join(set providerSet) string { return strings.Join(set.directives(0, nil), " @") }
