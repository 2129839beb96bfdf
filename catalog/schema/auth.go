package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// defineAccess finds out who may read the models and the fields.
func (l *loader) defineAccess(document *ast.SchemaDocument) {
	for _, definition := range document.Definitions {
		m, o := l.schema.models[definition.Name], l.objects[definition.Name]
		if m != nil {
			o = &m.Object
			l.modelAccess(m, definition)
		}
		if o == nil {
			continue
		}
		for _, field := range definition.Fields {
			if rules := l.rules(field.Directives.ForName("auth")); rules != nil {
				f := o.Field(field.Name)
				f.Access = l.access(rules, definition.Name+"."+field.Name, field.Directives)
				l.fieldProviders(m, f, rules)
			}
		}
	}
	for _, m := range l.schema.Models {
		m.Callers = m.callers()
	}
}

// modelAccess is what the type's own @auth says, or the global rule, or that there is none.
func (l *loader) modelAccess(m *Model, definition *ast.Definition) {
	auth := definition.Directives.ForName("auth")
	rules := l.rules(auth)
	if rules == nil && auth == nil && l.settings.global != nil {
		rules = []*rule{l.settings.global}
	}
	switch {
	case rules != nil:
		if access := l.access(rules, "type "+m.Name, definition.Directives); access != nil {
			m.Access = *access
		} else {
			m.Access.Everyone = true // the first transformer leaves alone what no rule is about
		}
	case auth != nil: // the fault is reported
	case everyone(definition.Directives), l.settings.first, !l.settings.ruled:
		// The first transformer leaves such a type to AppSync. So does a file that has no rules at all: a catalog for everybody.
		m.Access.Everyone = true
	default:
		l.report(definition.Position, howToServe, "type %s has no @auth, and where other types have one Amplify lets nobody read it", m.Name)
	}
	m.addProviders(rules)
}

// callers are the model's own readers and those of any of its fields.
func (m *Model) callers() Access {
	all := Access{Everyone: m.Access.Everyone, Grants: slices.Clone(m.Access.Grants)}
	for _, f := range m.Fields {
		if f.Access != nil {
			all.Everyone = all.Everyone || f.Access.Everyone
			all.Grants = append(all.Grants, f.Access.Grants...)
		}
	}
	if all.Everyone {
		all.Grants = nil
	}
	return all
}

const howToServe = "add @serve(to: EVERYONE) if all who can call the API may read it, or @serve(to: NOBODY) to leave it out"

// access turns rules into grants. It refuses those by which callers see different records, unless @serve settles it or another rule lets all of the same callers read everything.
// It is nil where the first transformer's rules say nothing of reading: that transformer protects only the operations that rules name.
func (l *loader) access(rules []*rule, where string, directives ast.DirectiveList) *Access {
	if everyone(directives) {
		return &Access{Everyone: true}
	}
	reading := slices.DeleteFunc(slices.Clone(rules), func(r *rule) bool { return !r.grant.Get && !r.grant.List })
	if len(reading) == 0 && l.settings.first {
		return nil
	}
	access := &Access{}
	for _, r := range reading {
		if !r.depends {
			access.Grants = append(access.Grants, r.grant)
		}
	}
	for _, r := range reading {
		if r.depends && !access.covers(r.grant) {
			l.report(r.at, howToServe, "%s: a rule of @auth (allow: %s) lets each caller read other records, which one catalog for all cannot", where, r.allow)
			return access
		}
	}
	if len(reading) == 0 {
		l.report(rules[0].at, howToServe, "%s: no rule of @auth lets anybody read it", where)
	}
	return access
}

// covers says whether all callers of a provider may read anyway.
func (a Access) covers(g Grant) bool {
	get, list := false, false
	for _, have := range a.Grants {
		if have.Provider == g.Provider && have.Groups == nil {
			get, list = get || have.Get, list || have.List
		}
	}
	return (get || !g.Get) && (list || !g.List)
}

// everyone says whether the directives have @serve(to: EVERYONE).
func everyone(directives ast.DirectiveList) bool { return servedTo(directives) == "EVERYONE" }

// servedTo is who a type or field is served to by @serve, "" without one.
func servedTo(directives ast.DirectiveList) string {
	d := directives.ForName("serve")
	if d == nil {
		return ""
	}
	return text(d, "to")
}

// addProviders notes who calls the model's queries, by all the rules there are: AppSync's directives say so whatever becomes of the rules here.
func (m *Model) addProviders(rules []*rule) {
	for _, r := range rules {
		m.providers.all = m.providers.all.add(r.provider)
		if r.grant.Get {
			m.providers.get = m.providers.get.add(r.provider)
		}
		if r.grant.List {
			m.providers.list = m.providers.list.add(r.provider)
		}
	}
}

// fieldProviders does the same for the rules of a field. Amplify opens a model's operations to callers of any of its fields, but gives the fields of other types directives of their own.
func (l *loader) fieldProviders(m *Model, f *Field, rules []*rule) {
	if m != nil {
		m.addProviders(rules)
		return
	}
	for _, r := range rules {
		f.providers = f.providers.add(r.provider)
	}
}

// providerSet is a set of providers, a bit each.
type providerSet uint8

func (s providerSet) add(p Provider) providerSet { return s | 1<<p }

// directives are AppSync's for the set; the API's default stands only beside others. Those that are there already, maybe for some groups alone, are left out.
func (s providerSet) directives(defaultAuth Provider, there []string) []string {
	var list []string
	if s == providerSet(0).add(defaultAuth) {
		return nil
	}
	for p := APIKey; p <= Lambda; p++ {
		if s&(1<<p) != 0 && !slices.ContainsFunc(there, func(d string) bool { return d == directives[p] || strings.HasPrefix(d, directives[p]+"(") }) {
			list = append(list, directives[p])
		}
	}
	return list
}
