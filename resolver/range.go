package resolver

import (
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// run is what a list or an index query reads. A list of a model goes through all of it; with the primary key's partition it reads that, like an index.
func (a arguments) run(q *schema.Query) (r catalog.Range, prefix string, err error) {
	partition, sort := q.Index.Partition.Name, sortName(q.Sort)
	if q.Kind == schema.List && !q.Keyed {
		return r, "", a.allow("filter", "limit", "nextToken")
	}
	if err = a.allowPage(partition, sort); err != nil {
		return r, "", err
	}
	if q.Kind == schema.List && null(a.values[partition]) {
		for _, name := range []string{sort, "sortDirection"} {
			if !null(a.values[name]) {
				return r, "", failf(BadArgument, "%s: the argument %s needs the argument %s", a.field, name, partition)
			}
		}
		return r, "", nil
	}
	if prefix, err = a.prefix(q.Index, q.Index.Fields()[:1]); err != nil {
		return r, "", err
	}
	if err = a.mayCompare(q); err != nil {
		return r, "", err
	}
	r.Index = q.Index
	r.Condition, err = a.condition(q.Model, q.Sort)
	return r, prefix, err
}

// mayCompare refuses a caller who may not read the field that an index query looks up. The primary key may be looked up by whom the query lets in: he has it.
func (a arguments) mayCompare(q *schema.Query) error {
	if f := q.Index.Partition; q.Index != q.Model.Key && !a.caller.mayRead(f, &q.Model.Access) {
		return unauthorized(f.Name, q.Model.Name)
	}
	return nil
}

// relation is what a field reads that has many.
func (a arguments) relation(f *schema.Relation) (r catalog.Range, err error) {
	r.Index = f.Index
	if err = a.allowPage(sortName(f.Sort)); err == nil {
		r.Condition, err = a.condition(f.Target, f.Sort)
	}
	return r, err
}

// getKey is the primary key in the arguments.
func (a arguments) getKey(key *schema.Index) (string, error) {
	fields := key.Fields()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	if err := a.allow(names...); err != nil {
		return "", err
	}
	return a.prefix(key, fields)
}
