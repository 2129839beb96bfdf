package schema

// Access says who may read a model or a field. The zero value lets nobody. A catalog is the same for all who may read it: rules by which two callers see different records are not
// here, for a schema that has them is refused until @serve says what to do.
type Access struct {
	// Everyone: whomever AppSync lets through to the field. Grants is empty then.
	Everyone bool
	// Grants are what @auth grants: a caller may read to whom one of them applies.
	Grants []Grant
}

// Grant lets the callers of one provider read. All that it says must hold of a caller.
type Grant struct {
	// Provider is how the caller was authorized.
	Provider Provider
	// SignedIn: of IAM's callers, only those with an identity that signed in (allow: private). False for all other providers.
	SignedIn bool
	// Groups: the caller is in one of them; nil for every caller.
	Groups []string
	// GroupClaim is the claim of the caller's token that lists the groups, "cognito:groups" where the rule names no other. Set with Groups.
	GroupClaim string
	// Get and List are the operations: reading one record by its key, and lists, index queries among them. A relation or a field needs either. One at least is true.
	Get, List bool
}

// Provider is one of AppSync's ways to authorize a caller.
type Provider uint8

// The providers.
const (
	APIKey Provider = iota + 1
	IAM
	UserPools
	OIDC
	// Lambda is a Lambda authorizer. It grants nothing by itself: see Access.
	Lambda
)

// providers are as @auth names them. identityPool is the newer name of what allow: public and private mean by iam.
var providers = map[string]Provider{"apiKey": APIKey, "iam": IAM, "identityPool": IAM, "userPools": UserPools, "oidc": OIDC, "function": Lambda}

// directives are AppSync's own for each provider, in the order of the constants.
var directives = [...]string{APIKey: "aws_api_key", IAM: "aws_iam", UserPools: "aws_cognito_user_pools", OIDC: "aws_oidc", Lambda: "aws_lambda"}
