package schema

// scalars are GraphQL's and AppSync's, with the kind of each.
var scalars = map[string]Kind{
	"String": String, "ID": String, "Int": Int, "Float": Float, "Boolean": Boolean,
	"AWSDate": String, "AWSTime": String, "AWSDateTime": String, "AWSTimestamp": Long, "AWSEmail": String, "AWSJSON": JSON,
	"AWSURL": String, "AWSPhone": String, "AWSIPAddress": String,
}

// The directives that are served, and where.
var (
	typeDirectives  = []string{"model", "table"}
	fieldDirectives = []string{"primaryKey", "index", "hasMany", "hasOne", "belongsTo"}
)

// prelude declares what AppSync and Amplify know without a declaration. @table is ours: the name of a model's table. What Amplify makes up where indexName
// and fields are left out is not served yet: defineRelations says so better than a validator.
const prelude = ServedPrelude + `
directive @model on OBJECT
directive @table(name: String!) on OBJECT
directive @primaryKey(sortKeyFields: [String!]) on FIELD_DEFINITION
directive @index(name: String, sortKeyFields: [String!], queryField: String) repeatable on FIELD_DEFINITION
directive @hasMany(indexName: String, fields: [String!]) on FIELD_DEFINITION
directive @hasOne(fields: [String!]) on FIELD_DEFINITION
directive @belongsTo(fields: [String!]) on FIELD_DEFINITION
`
