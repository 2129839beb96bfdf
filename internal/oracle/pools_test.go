package oracle

import (
	"maps"
	"slices"

	"pgregory.net/rapid"
)

// pools are values of each scalar and enum, as JSON. They are few, so that many are equal or near, and data and queries draw from the same ones.
var pools = map[string][]string{
	"ID":           {`"a"`, `"b"`, `"c"`, `"d"`, `"2"`, `"1"`, `"10"`, `"a#b"`, `"é"`, `"日本"`, `"b\u0001"`, `"\u0000"`},
	"String":       {`"a"`, `"ab"`, `"b"`, `"B"`, `"a#b"`, `"é"`, `"e\u0301"`, `"日本"`, `"日"`, `"😀"`, `"\uffff"`, `"\u2028"`, `"\u0000"`, `"\u0001"`, `"\n"`, `"n"`, `"\""`, `"\\"`, `"<"`, `"1"`},
	"Int":          {`0`, `1`, `-1`, `2`, `10`, `100`, `2147483647`, `-2147483648`},
	"Float":        {`0`, `1`, `-1`, `0.5`, `-0.5`, `1.25`, `10`, `100`, `0.0000001`, `1e38`, `12345678901234567.25`, `12345678901234567.5`},
	"Boolean":      {`true`, `false`},
	"AWSDate":      {`"2024-02-29"`, `"2024-03-01"`, `"1999-12-31"`},
	"AWSTime":      {`"10:00:00"`, `"10:00:00.5"`, `"09:59:59Z"`},
	"AWSDateTime":  {`"2024-02-29T10:00:00Z"`, `"2024-02-29T10:00:00.000Z"`, `"2023-01-01T00:00:00Z"`},
	"AWSTimestamp": {`0`, `-7`, `1700000000`},
	"AWSEmail":     {`"a@example.com"`, `"b@example.com"`},
	"AWSURL":       {`"https://example.com/?a=1&b=2"`, `"https://example.com/"`},
	"AWSPhone":     {`"+15551234"`, `"+15559999"`},
	"AWSIPAddress": {`"127.0.0.1"`, `"::1"`},
	"Level":        {`"LOW"`, `"MID"`, `"HIGH"`},
}

// stored are values that records have besides: other forms of the same numbers, what no argument can be, and empty texts.
var stored = map[string][]string{
	"String":       {`""`, `"\u0061"`},
	"Int":          {`1.0`, `1e2`, `-0`},
	"Float":        {`1.0`, `1e2`, `-0`, `1.250`, `1E+1`, `-1e-7`},
	"AWSTimestamp": {`9007199254740993`},
	"AWSJSON":      {`{}`, `{"b":1.0,"a":[1,"]",null]}`, `[]`, `[1e2,"a",null]`, `"a"`, `"{\"a\":1}"`, `-0`, `true`, `{"a":{"😀":"\u2028"}}`},
}

// values are those of the pools that one case uses: all, or so few that most relations find something and most sort keys have ties.
type values struct {
	*rapid.T
	few   bool
	first map[string]int // where the few of a pool begin
}

const fewValues = 3

func drawValues(t *rapid.T) values {
	v := values{T: t, few: rapid.Bool().Draw(t, "few values"), first: map[string]int{}}
	if v.few {
		for _, scalar := range slices.Sorted(maps.Keys(pools)) {
			v.first[scalar] = rapid.IntRange(0, max(0, len(pools[scalar])-fewValues)).Draw(t, "first "+scalar)
		}
	}
	return v
}

// of is the pool of a scalar.
func (v values) of(scalar string) []string {
	pool := pools[scalar]
	if !v.few || len(pool) <= fewValues {
		return pool
	}
	return pool[v.first[scalar]:][:fewValues]
}

// pooled draws a scalar's value.
func (v values) pooled(scalar string) string {
	return rapid.SampledFrom(v.of(scalar)).Draw(v.T, scalar)
}

// stored draws a scalar's value as a record has it.
func (v values) stored(scalar string) string {
	return rapid.SampledFrom(slices.Concat(v.of(scalar), stored[scalar])).Draw(v.T, scalar)
}

// chance is true once in n.
func chance(t *rapid.T, n int, label string) bool {
	return rapid.IntRange(0, n-1).Draw(t, label) == n-1
}
