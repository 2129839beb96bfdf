package appsync

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// identityHeader holds a whole identity, as JSON, for what tokens cannot say: of IAM, of a Lambda authorizer, or the "cognito:groups" of one's choice.
const identityHeader = "X-Chunkaside-Identity"

// identityOf is the identity that AppSync would put into the events of a request. Nothing is verified: signatures, times and audiences are for the service to check, here everyone may be
// whom he says. Without a word it is null, as for an API key.
func identityOf(headers http.Header) (jsontext.Value, *httpFault) {
	if text := headers.Get(identityHeader); text != "" {
		identity := jsontext.Value(text)
		if err := identity.Compact(); err != nil || identity.Kind() != '{' && identity.Kind() != 'n' {
			return nil, unauthorized("The header " + identityHeader + " is no JSON object.")
		}
		return identity, nil
	}
	switch text := headers.Get("Authorization"); {
	case text == "":
		return jsontext.Value("null"), nil
	case strings.HasPrefix(text, "AWS4-HMAC-SHA256 "):
		return jsontext.Value(localRole), nil
	default:
		return identityOfToken(strings.TrimPrefix(text, "Bearer "))
	}
}

// localRole is who signs requests: a role that nobody signed in to.
const localRole = `{"accountId":"000000000000","cognitoIdentityAuthProvider":null,"cognitoIdentityAuthType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,` +
	`"sourceIp":["127.0.0.1"],"userArn":"arn:aws:sts::000000000000:assumed-role/local/local","username":"local"}`

// tokenClaims are the claims of a JSON web token that an identity repeats.
type tokenClaims struct {
	Subject  string         `json:"sub"`
	Issuer   string         `json:"iss"`
	User     string         `json:"cognito:username"` // in an ID token
	Username string         `json:"username"`         // in an access token
	Groups   jsontext.Value `json:"cognito:groups"`
}

// identityOfToken reads a JSON web token: a user pool's, by its issuer, or another provider's.
func identityOfToken(token string) (jsontext.Value, *httpFault) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, unauthorized("Unable to parse JWT token.")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims tokenClaims
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Issuer == "" {
		return nil, unauthorized("Unable to parse JWT token.")
	}
	identity := newObject()
	identity.set("claims", text)
	identity.set("issuer", quoted(claims.Issuer))
	identity.set("sub", quoted(claims.Subject))
	if !strings.HasPrefix(claims.Issuer, "https://cognito-idp.") {
		return identity.end(), nil
	}
	if claims.Groups == nil {
		claims.Groups = jsontext.Value("null")
	}
	if claims.User == "" {
		claims.User = claims.Username
	}
	identity.set("defaultAuthStrategy", quoted("ALLOW"))
	identity.set("groups", claims.Groups)
	identity.set("sourceIp", jsontext.Value(`["127.0.0.1"]`))
	identity.set("username", quoted(claims.User))
	return identity.end(), nil
}

func unauthorized(message string) *httpFault {
	return &httpFault{http.StatusUnauthorized, "UnauthorizedException", message}
}
