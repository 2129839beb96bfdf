package samplestore_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

func ExampleStore() {
	s, err := schema.Parse("sample.graphql", samplestore.Schema)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	groups := s.Model("EpisodeGroup")
	page, err := samplestore.New().Query(ctx, groups, store.Query{Index: groups.Index("byProgram"), Partition: "detective-arthur", Limit: 3})
	if err != nil {
		panic(err)
	}
	for _, entity := range page.Entities {
		var group struct{ ID, Title, TitleJa string }
		if err := json.Unmarshal(entity, &group); err != nil {
			panic(err)
		}
		fmt.Println(group.ID, "|", group.Title, "|", group.TitleJa)
	}
	// Output:
	// detective-arthur-s1 | Season 1: River and Wind | シーズン1「川と風」
	// detective-arthur-s2 | Season 2: The Unwritten Mountain | シーズン2 書かれざる山
	// detective-arthur-s3 | Season 3 | シーズン3
}
