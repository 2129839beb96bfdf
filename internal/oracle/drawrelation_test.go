package oracle

import (
	"fmt"

	"pgregory.net/rapid"
)

// relation draws a relation from one model to another, or the same.
func (d *sdlDrawing) relation(from, to *table) {
	kinds := []func(from, to *table){d.manyByIndex, d.manyByIndex, d.manyByKey, d.oneByFields, d.manyByKeysUnseen, d.oneByKeysUnseen}
	if !d.first {
		kinds = append(kinds, d.manyByReferences, d.oneByReferences, d.manyToMany)
	}
	rapid.SampledFrom(kinds).Draw(d.T, "relation")(from, to)
	d.linked[from.name+" "+to.name] = true
}

// add adds a field to a model.
func (m *table) add(name, kind, format string, args ...any) {
	m.columns = append(m.columns, &column{name: name, kind: kind, directives: fmt.Sprintf(" "+format, args...)})
}

// foreignKey adds fields to a model that hold another one's primary key.
func (d *sdlDrawing) foreignKey(in, of *table) []column {
	var fields []column
	for _, part := range of.key {
		c := column{name: d.name("key"), kind: part.kind}
		fields = append(fields, c)
		if chance(d.T, 4, "required") {
			c.kind += "!"
		}
		in.columns = append(in.columns, &c)
	}
	return fields
}

// limit draws the limit of a page, "" for the usual.
func (d *sdlDrawing) limit() string {
	if chance(d.T, 3, "limit") {
		return fmt.Sprintf(", limit: %d", rapid.IntRange(1, 4).Draw(d.T, "limit"))
	}
	return ""
}

// manyByIndex is a @hasMany by an index of the target, and often a @belongsTo back.
func (d *sdlDrawing) manyByIndex(from, to *table) {
	held := d.foreignKey(to, from)
	var partition *column
	for _, c := range to.columns {
		if c.name == held[0].name {
			partition = c
		}
	}
	listed, sort := from.key[:1], d.sortFields(to, partition)
	if chance(d.T, 2, "whole key") {
		listed, sort = from.key, namesOf(held[1:])
	}
	index := d.index(to, partition, sort)
	name := d.name("many")
	if d.first {
		from.add(name, "["+to.name+"]", "@connection(keyName: %q, fields: [%s]%s)", index, quotedList(namesOf(listed)), d.limit())
	} else {
		from.add(name, "["+to.name+"]", "@hasMany(indexName: %q, fields: [%s]%s)", index, quotedList(namesOf(listed)), d.limit())
	}
	if chance(d.T, 2, "back") {
		d.belongsTo(to, from, held)
	}
}

func (d *sdlDrawing) belongsTo(from, to *table, held []column) {
	directive := "belongsTo"
	if d.first {
		directive = "connection"
	}
	from.add(d.name("back"), to.name, "@%s(fields: [%s])", directive, quotedList(namesOf(held)))
}

// manyByKey is a @hasMany by the target's primary key, of which the parent knows the partition, and sometimes the first sort field.
func (d *sdlDrawing) manyByKey(from, to *table) {
	if len(to.key) < 2 {
		d.oneByFields(from, to)
		return
	}
	known := to.key[:rapid.IntRange(1, len(to.key)-1).Draw(d.T, "known")]
	var held []column
	for _, part := range known {
		c := column{name: d.name("own"), kind: part.kind}
		held = append(held, c)
		from.columns = append(from.columns, &c)
	}
	directive := "hasMany"
	if d.first {
		directive = "connection"
	}
	from.add(d.name("many"), "["+to.name+"]", "@%s(fields: [%s]%s)", directive, quotedList(namesOf(held)), d.limit())
}

// oneByFields is a @hasOne or @belongsTo whose key the parent has.
func (d *sdlDrawing) oneByFields(from, to *table) {
	held := d.foreignKey(from, to)
	if d.first || chance(d.T, 2, "belongs") {
		d.belongsTo(from, to, held)
		return
	}
	from.add(d.name("one"), to.name, "@hasOne(fields: [%s])", quotedList(namesOf(held)))
}

// manyByKeysUnseen is a relation to many whose keys the schema does not name.
func (d *sdlDrawing) manyByKeysUnseen(from, to *table) {
	kind := "[" + to.name + "]"
	switch text := from.key[0].kind == "ID" || from.key[0].kind == "String"; {
	case d.first && !text:
		d.manyByIndex(from, to)
	case d.first && chance(d.T, 2, "two sides") && from != to && len(from.key) == 1:
		name := d.name("connection")
		from.add(d.name("many"), kind, "@connection(name: %q)", name)
		to.add(d.name("back"), from.name, "@connection(name: %q)", name)
	case d.first:
		from.add(d.name("many"), kind, "@connection")
	default:
		alone := !d.linked[from.name+" "+to.name] && from != to
		from.add(d.name("many"), kind, "@hasMany")
		if alone && chance(d.T, 2, "back") {
			to.add(d.name("back"), from.name, "@belongsTo")
		}
	}
}

// oneByKeysUnseen is a relation to one whose keys the schema does not name.
func (d *sdlDrawing) oneByKeysUnseen(from, to *table) {
	text := to.key[0].kind == "ID" || to.key[0].kind == "String"
	switch {
	case d.first && (!text || len(to.key) > 1):
		d.oneByFields(from, to)
	case d.first:
		from.add(d.name("one"), to.name, "@connection")
	default:
		from.add(d.name("one"), to.name, "@hasOne")
	}
}

// manyByReferences is a @hasMany whose target refers to it, and the way back.
func (d *sdlDrawing) manyByReferences(from, to *table) {
	held := quotedList(namesOf(d.foreignKey(to, from)))
	from.add(d.name("many"), "["+to.name+"]", "@hasMany(references: [%s]%s)", held, d.limit())
	to.add(d.name("back"), from.name, "@belongsTo(references: [%s])", held)
}

// oneByReferences is a @hasOne whose target refers to it: several may, the first one counts.
func (d *sdlDrawing) oneByReferences(from, to *table) {
	held := quotedList(namesOf(d.foreignKey(to, from)))
	from.add(d.name("one"), to.name, "@hasOne(references: [%s])", held)
}

func (d *sdlDrawing) manyToMany(from, to *table) {
	if from == to {
		d.oneByFields(from, to)
		return
	}
	name := d.name("Link")
	from.add(d.name("many"), "["+to.name+"]", "@manyToMany(relationName: %q%s)", name, d.limit())
	to.add(d.name("many"), "["+from.name+"]", "@manyToMany(relationName: %q)", name)
}
