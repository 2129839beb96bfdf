package schema

import "slices"

// scalars are GraphQL's and AppSync's, with the kind of each.
var scalars = map[string]Kind{
	"String": String, "ID": String, "Int": Int, "Float": Float, "Boolean": Boolean,
	"AWSDate": String, "AWSTime": String, "AWSDateTime": String, "AWSTimestamp": Long, "AWSEmail": String, "AWSJSON": JSON,
	"AWSURL": String, "AWSPhone": String, "AWSIPAddress": String,
}

// passed are the directives that AppSync itself understands: they stand in the served API as they stand in the file.
var passed = []string{"deprecated", "aws_api_key", "aws_iam", "aws_oidc", "aws_cognito_user_pools", "aws_lambda", "aws_auth"}

// The directives that are known on types and on fields.
var (
	typeDirectives  = append([]string{"model", "table", "serve", "auth", "key", "versioned", "mapsTo", "refersTo", "searchable"}, passed...)
	fieldDirectives = slices.Concat([]string{"primaryKey", "index", "serve", "auth", "default", "validate", "refersTo"}, relationDirectives, passed)

	relationDirectives = []string{"hasMany", "hasOne", "belongsTo", "manyToMany", "connection"}

	// computed are of fields whose value is in no table: something else than the catalog answers them.
	computed = []string{"function", "http", "predictions", "sql", "conversation", "generation", "resolver"}

	// modelDirectives say something of a type's table, and keyDirectives of a field in one.
	modelDirectives = []string{"table", "auth", "key", "versioned", "mapsTo", "refersTo", "searchable"}
	keyDirectives   = append([]string{"primaryKey", "index"}, relationDirectives...)
)

// prelude declares what AppSync and both of Amplify's transformers know without a declaration, and three directives that are ours: @table names a model's table, @serve says who may
// read in spite of @auth, and @amplify, on "extend schema", what Amplify keeps outside of the schema: see settings. The types of arguments that are neither texts nor numbers stand as
// String here: a file may have types of those names, and the loader looks at the values itself.
const prelude = ServedPrelude + `
directive @table(name: String!) on OBJECT
directive @serve(to: String!) on OBJECT | FIELD_DEFINITION

directive @model(queries: String, mutations: String, subscriptions: String, timestamps: String) on OBJECT
directive @auth(rules: [String!]!) on OBJECT | FIELD_DEFINITION
directive @primaryKey(sortKeyFields: [String]) on FIELD_DEFINITION
directive @index(name: String, sortKeyFields: [String], queryField: String) repeatable on FIELD_DEFINITION
directive @hasMany(indexName: String, fields: [String!], references: [String!], limit: Int) on FIELD_DEFINITION
directive @hasOne(fields: [String!], references: [String!]) on FIELD_DEFINITION
directive @belongsTo(fields: [String!], references: [String!], overrideIndexName: String) on FIELD_DEFINITION
directive @manyToMany(relationName: String!, limit: Int) on FIELD_DEFINITION
directive @default(value: String) on FIELD_DEFINITION
directive @validate(type: String!, value: String!, errorMessage: String) repeatable on FIELD_DEFINITION
directive @mapsTo(name: String!) on OBJECT
directive @refersTo(name: String!) on OBJECT | FIELD_DEFINITION
directive @searchable(queries: String) on OBJECT

directive @key(name: String, fields: [String!]!, queryField: String) repeatable on OBJECT
directive @connection(name: String, keyField: String, sortField: String, keyName: String, limit: Int, fields: [String!]) on FIELD_DEFINITION
directive @versioned(versionField: String, versionInput: String) on OBJECT
`
