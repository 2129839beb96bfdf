package resolver

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// caller is who asks, by the event's identity. The zero caller is nobody known: only what is everyone's may be read then.
//
// AppSync does not name the way in which it authorized a caller, so it is taken from the identity's shape: null is an API key, a Lambda authorizer leaves resolverContext, IAM accountId and
// userArn, a user pool claims of its issuer beside a username, any other issuer is OIDC's. That these tell them apart is inferred from recorded events.
type caller struct {
	provider schema.Provider // 0 is unknown
	signedIn bool            // of IAM: with an identity that signed in at an identity pool
	groups   []string        // as AppSync itself lists those of a user pool
	claims   map[string]json.RawMessage
}

// identity is what AppSync says of a caller, all its kinds in one.
type identity struct {
	ResolverContext         json.RawMessage            `json:"resolverContext"`
	AccountID               string                     `json:"accountId"`
	UserARN                 string                     `json:"userArn"`
	CognitoIdentityAuthType string                     `json:"cognitoIdentityAuthType"`
	Issuer                  string                     `json:"issuer"`
	Username                string                     `json:"username"`
	Groups                  []string                   `json:"groups"`
	Claims                  map[string]json.RawMessage `json:"claims"`
}

// readCaller reads an identity. One that is missing or is not understood is nobody's: a sender that drops it must not make its callers anonymous ones with an API key.
func readCaller(raw json.RawMessage) caller {
	if string(raw) == "null" {
		return caller{provider: schema.APIKey}
	}
	var i identity
	if len(raw) == 0 || json.Unmarshal(raw, &i) != nil {
		return caller{}
	}
	switch {
	case !null(i.ResolverContext):
		return caller{provider: schema.Lambda}
	case i.AccountID != "" || i.UserARN != "":
		return caller{provider: schema.IAM, signedIn: i.CognitoIdentityAuthType == "authenticated"}
	case strings.HasPrefix(i.Issuer, "https://cognito-idp.") && i.Username != "" && i.Claims != nil:
		return caller{provider: schema.UserPools, groups: i.Groups, claims: i.Claims}
	case i.Issuer != "" && i.Claims != nil:
		return caller{provider: schema.OIDC, claims: i.Claims}
	}
	return caller{}
}

// in says whether the caller is in one of the groups, by the claim that lists them.
func (c *caller) in(groups []string, claim string) bool {
	mine := claimTexts(c.claims[claim])
	if claim == "cognito:groups" {
		mine = append(mine, c.groups...)
	}
	return slices.ContainsFunc(mine, func(g string) bool { return slices.Contains(groups, g) })
}

// claimTexts is a claim that lists texts. As in Amplify's resolvers, a text is a JSON list of them or one by itself.
func claimTexts(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var one string
	if json.Unmarshal(raw, &one) != nil {
		return nil
	}
	if json.Unmarshal([]byte(one), &list) == nil {
		return list
	}
	return []string{one}
}
