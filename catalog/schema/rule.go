package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// rule is one rule of @auth, of either transformer.
type rule struct {
	at       *ast.Position
	allow    string
	provider Provider
	grant    Grant
	// ownerField is the field that allow: owner looks at.
	ownerField string
	// depends: what a caller may read depends on who it is and on the record.
	depends bool
}

// rules reads the rules of an @auth; nil without one. A directive without rules is refused, as Amplify refuses it.
func (l *loader) rules(d *ast.Directive) []*rule {
	if d == nil {
		return nil
	}
	argument := d.Arguments.ForName("rules")
	if argument == nil || len(argument.Value.Children) == 0 {
		l.report(d.Position, "write at least one rule, or remove it", "@auth has no rules")
		return nil
	}
	values := []*ast.Value{argument.Value} // one rule stands for a list of one, as in GraphQL
	if argument.Value.Kind == ast.ListValue {
		values = values[:0]
		for _, child := range argument.Value.Children {
			values = append(values, child.Value)
		}
	}
	var list []*rule
	for _, value := range values {
		if r, ok := l.rule(value); ok {
			list = append(list, r)
		}
	}
	return list
}

// defaultProviders are of the rules that name none.
var defaultProviders = map[string]Provider{"owner": UserPools, "groups": UserPools, "private": UserPools, "public": APIKey, "custom": Lambda}

// kinds are the kinds of value that the members of a rule may have.
var kinds = map[string][]ast.ValueKind{
	"allow": {ast.EnumValue}, "provider": {ast.EnumValue}, "operations": {ast.ListValue, ast.EnumValue}, "queries": {ast.ListValue, ast.EnumValue},
	"mutations": {ast.ListValue, ast.EnumValue}, "groups": {ast.ListValue, ast.StringValue}, "groupsField": {ast.StringValue}, "groupField": {ast.StringValue},
	"groupClaim": {ast.StringValue}, "ownerField": {ast.StringValue}, "identityClaim": {ast.StringValue}, "identityField": {ast.StringValue},
}

// rule reads one rule. What it does not know is refused: a rule that is misread could let somebody in.
func (l *loader) rule(value *ast.Value) (*rule, bool) {
	given := map[string]*ast.Value{}
	for _, member := range value.Children {
		given[member.Name] = member.Value
		switch allowed := kinds[member.Name]; {
		case allowed == nil:
			l.report(member.Position, "remove it", "a rule of @auth has the unknown member %q", member.Name)
			return nil, false
		case member.Value.Kind != ast.NullValue && !slices.Contains(allowed, member.Value.Kind):
			l.report(member.Position, "write a text in quotes, a name, or a list of them, as Amplify has it", "a rule of @auth has %s: %s", member.Name, member.Value)
			return nil, false
		}
	}
	r := &rule{at: value.Position, allow: valueText(given["allow"]), ownerField: "owner"}
	if r.provider = defaultProviders[r.allow]; r.provider == 0 {
		l.report(value.Position, "write owner, groups, private, public or custom", "a rule of @auth allows %q", r.allow)
		return nil, false
	}
	if named := given["provider"]; named != nil && named.Kind != ast.NullValue {
		if r.provider = providers[named.Raw]; r.provider == 0 || !slices.Contains(possible[r.allow], r.provider) {
			l.report(named.Position, "name a provider that Amplify takes there", "a rule of @auth that allows %s has the provider %s", r.allow, named.Raw)
			return nil, false
		}
	}
	if field := valueText(given["ownerField"]); field != "" {
		r.ownerField = field
	}
	r.readGrant(given)
	return r, true
}

// possible are the providers that each kind of rule may name.
var possible = map[string][]Provider{
	"owner": {UserPools, OIDC}, "groups": {UserPools, OIDC}, "private": {UserPools, OIDC, IAM}, "public": {APIKey, IAM}, "custom": {Lambda},
}

func (r *rule) readGrant(given map[string]*ast.Value) {
	r.grant = Grant{Provider: r.provider, SignedIn: r.allow == "private" && r.provider == IAM}
	r.grant.Get, r.grant.List = reads(given)
	switch r.allow {
	case "owner", "custom":
		r.depends = true
	case "groups":
		r.grant.Groups = valueTexts(given["groups"])
		// A rule with both is refused by Amplify; by the groups in the record is how it depends on the record.
		r.depends = len(r.grant.Groups) == 0 || valueText(given["groupsField"]) != "" || valueText(given["groupField"]) != ""
		if r.grant.GroupClaim = valueText(given["groupClaim"]); r.grant.GroupClaim == "" {
			r.grant.GroupClaim = "cognito:groups"
		}
	}
}

// reads says which reading operations a rule is about. Without a word it is about all; "queries" is the oldest form, and means nothing beside "operations". What listens to, syncs or searches
// is not served.
func reads(given map[string]*ast.Value) (get, list bool) {
	value, ok := given["operations"]
	if !ok {
		value, ok = given["queries"]
	}
	if !ok {
		return true, true
	}
	operations := valueTexts(value)
	all := slices.Contains(operations, "read")
	return all || slices.Contains(operations, "get"), all || slices.Contains(operations, "list")
}

func valueText(v *ast.Value) string {
	if v == nil || v.Kind == ast.NullValue {
		return ""
	}
	return v.Raw
}

// valueTexts is a value that lists texts; a single one stands for a list of one, as in GraphQL.
func valueTexts(v *ast.Value) []string {
	if v == nil || v.Kind == ast.NullValue {
		return nil
	}
	if v.Kind != ast.ListValue {
		return []string{v.Raw}
	}
	list := make([]string, 0, len(v.Children))
	for _, child := range v.Children {
		if child.Value.Kind != ast.NullValue {
			list = append(list, child.Value.Raw)
		}
	}
	return list
}
