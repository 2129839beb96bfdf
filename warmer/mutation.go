package warmer

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// mutation reads AppSync's event of the field warmCatalog, whose arguments are a Command, from a caller with a role of IAM.
func (w *Warmer) mutation(e event) (request, error) {
	parent, field := e.text("typeName"), e.text("fieldName") // as Amplify's @function sends them
	if e.has("info") {
		var info event
		if err := json.Unmarshal(e["info"], &info); err != nil {
			return request{}, badf("the event's info cannot be read: %s", reason(err))
		}
		parent, field = info.text("parentTypeName"), info.text("fieldName")
	}
	if parent != "Mutation" || field != "warmCatalog" {
		return request{}, badf("AppSync asks for %s.%s: this function has Mutation.warmCatalog alone", parent, field)
	}
	if !isBackend(e["identity"]) {
		return request{}, &Error{Type: Unauthorized, Message: "Not Authorized to access warmCatalog on type Mutation: it is for callers with a role or user of IAM, and no identity pool"}
	}
	arguments, err := decode(e["arguments"])
	if err != nil {
		return request{}, badf("the arguments of warmCatalog: %s", err)
	}
	return w.command(arguments)
}

// isBackend says whether an identity is that of a role or user of IAM. The shape tells, as it does for the resolver (resolver/identity.go); what is missing or has marks of another kind is none. Who
// comes by an identity pool has a role too, but is a visitor, signed in or not.
func isBackend(identity jsontext.Value) bool {
	var i struct {
		AccountID string `json:"accountId"`
		UserARN   string `json:"userArn"`
	}
	var all event
	if len(identity) == 0 || json.Unmarshal(identity, &i) != nil || json.Unmarshal(identity, &all) != nil {
		return false
	}
	for _, mark := range []string{"resolverContext", "claims", "issuer", "cognitoIdentityId", "cognitoIdentityPoolId", "cognitoIdentityAuthType", "cognitoIdentityAuthProvider"} {
		if all.has(mark) && !bytes.Equal(all[mark], []byte("null")) {
			return false
		}
	}
	return i.AccountID != "" || i.UserARN != ""
}
