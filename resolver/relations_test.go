package resolver_test

import (
	"testing"

	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestRelationsThatAmplifyMakes follows relations by keys that the schema does not declare: those of @hasMany and @hasOne, of references, of @manyToMany, and the first transformer's.
func TestRelationsThatAmplifyMakes(t *testing.T) {
	second := newResolver(t, `
type Blog @model { id: ID! posts: [Post] @hasMany banner: Image @hasOne }
type Post @model { id: ID! blog: Blog @belongsTo tags: [Tag] @manyToMany(relationName: "PostTags") }
type Tag @model { id: ID! posts: [Post] @manyToMany(relationName: "PostTags") }
type Image @model { id: ID! }
type Customer @model { id: ID! cart: Cart @hasOne(references: "customerId") orders: [Order] @hasMany(references: ["customerId"]) }
type Cart @model { id: ID! customerId: ID customer: Customer @belongsTo(references: "customerId") }
type Order @model { id: ID! customerId: ID customer: Customer @belongsTo(references: "customerId") }`,
		storetest.Tables{
			"Blog":     {`{"id":"b","blogBannerId":"i"}`},
			"Post":     {`{"id":"p1","blogPostsId":"b"}`, `{"id":"p2","blogPostsId":"b"}`, `{"id":"p3"}`},
			"Tag":      {`{"id":"t1"}`, `{"id":"t2"}`},
			"Image":    {`{"id":"i"}`},
			"PostTags": {`{"id":"x1","postId":"p1","tagId":"t1"}`, `{"id":"x2","postId":"p1","tagId":"t2"}`},
			"Customer": {`{"id":"c"}`, `{"id":"d"}`},
			"Cart":     {`{"id":"k2","customerId":"c"}`, `{"id":"k1","customerId":"c"}`, `{"id":"k0"}`},
			"Order":    {`{"id":"o1","customerId":"c"}`, `{"id":"o2"}`},
		}, nil)
	first := newResolver(t, `
type Blog @model { id: ID! posts: [Post] @connection(name: "BlogPosts", sortField: "title") }
type Post @model { id: ID! title: String! blog: Blog @connection(name: "BlogPosts") author: Author @connection }
type Author @model { id: ID! }`,
		storetest.Tables{
			"Blog":   {`{"id":"b"}`},
			"Post":   {`{"id":"p1","title":"z","postBlogId":"b","postAuthorId":"a"}`, `{"id":"p2","title":"y","postBlogId":"b"}`},
			"Author": {`{"id":"a"}`},
		}, nil)
	for _, test := range []struct {
		r           *resolver.Resolver
		name, event string
		want        string
	}{
		{second, "implicit @hasMany and @hasOne", event("getBlog", `{"id":"b"}`, "{ posts { items { id blogPostsId } } banner { id } }"),
			`{"posts":{"items":[{"id":"p1","blogPostsId":"b"},{"id":"p2","blogPostsId":"b"}]},"banner":{"id":"i"}}`},
		{second, "implicit @belongsTo", event("getPost", `{"id":"p2"}`, "{ blog { id } }"), `{"blog":{"id":"b"}}`},
		{second, "implicit @belongsTo without a key", event("getPost", `{"id":"p3"}`, "{ blog { id } }"), `{"blog":null}`},
		{second, "@manyToMany", event("getPost", `{"id":"p1"}`, "{ tags { items { tag { id posts { items { post { id } } } } } } }"),
			`{"tags":{"items":[{"tag":{"id":"t1","posts":{"items":[{"post":{"id":"p1"}}]}}},{"tag":{"id":"t2","posts":{"items":[{"post":{"id":"p1"}}]}}}]}}`},
		{second, "the first of many carts", event("getCustomer", `{"id":"c"}`, "{ cart { id customer { id } } orders { items { id } } }"),
			`{"cart":{"id":"k1","customer":{"id":"c"}},"orders":{"items":[{"id":"o1"}]}}`},
		{second, "no cart", event("getCustomer", `{"id":"d"}`, "{ cart { id } orders { items { id } } }"), `{"cart":null,"orders":{"items":[]}}`},
		{second, "a field by itself", `{"typeName":"Customer","fieldName":"cart","arguments":{},"source":{"id":"c"},"info":{"parentTypeName":"Customer","fieldName":"cart",` +
			`"selectionSetList":["id"],"selectionSetGraphQL":"{ id }"}}`, `{"id":"k1"}`},
		{second, "DataStore's time of a page", event("listTags", `{}`, "{ startedAt items { id } }"), `{"items":[{"id":"t1"},{"id":"t2"}]}`},
		{first, "a hidden key, sorted", event("getBlog", `{"id":"b"}`, "{ posts { items { id blog { id } author { id } } } }"),
			`{"posts":{"items":[{"id":"p2","blog":{"id":"b"},"author":null},{"id":"p1","blog":{"id":"b"},"author":{"id":"a"}}]}}`},
		{first, "a hidden key is not answered", `{"typeName":"Query","fieldName":"getPost","arguments":{"id":"p1"}}`, `{"id":"p1","title":"z","createdAt":null,"updatedAt":null}`},
	} {
		if got := invoke(t, test.r, test.event); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}
