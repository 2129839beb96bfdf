package samplestore

import "github.com/go-json-experiment/json/jsontext"

// The records, with their fields in the order of sample.graphql. A pointer that is nil is null; omitzero leaves a field out:
// the sample has both, as tables that grew over the years do.

type program struct {
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	TitleJa    *string        `json:"titleJa"`
	Synopsis   string         `json:"synopsis"`
	SynopsisJa *string        `json:"synopsisJa"`
	Genre      string         `json:"genre"`
	Rating     string         `json:"rating"`
	Language   string         `json:"language"`
	Keywords   []string       `json:"keywords"`
	Cast       []credit       `json:"cast"`
	Poster     *image         `json:"poster"`
	Score      *float64       `json:"score"`
	Votes      int            `json:"votes"`
	Original   bool           `json:"original"`
	ReleasedOn string         `json:"releasedOn,omitzero"`
	Website    string         `json:"website,omitzero"`
	Extras     jsontext.Value `json:"extras,omitzero"`
	CreatedAt  string         `json:"createdAt"`
	UpdatedAt  string         `json:"updatedAt"`
}

type group struct {
	ID           string  `json:"id"`
	ProgramID    string  `json:"programId"`
	Number       int     `json:"number"`
	Kind         string  `json:"kind"`
	Title        string  `json:"title"`
	TitleJa      *string `json:"titleJa"`
	Synopsis     string  `json:"synopsis,omitzero"`
	SynopsisJa   string  `json:"synopsisJa,omitzero"`
	StartsOn     string  `json:"startsOn"`
	EndsOn       *string `json:"endsOn"`
	Banner       *image  `json:"banner"`
	EpisodeCount int     `json:"episodeCount"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
}

type episode struct {
	ID             string         `json:"id"`
	ProgramID      string         `json:"programId"`
	EpisodeGroupID string         `json:"episodeGroupId"`
	Number         int            `json:"number"`
	Title          string         `json:"title"`
	TitleJa        *string        `json:"titleJa"`
	Synopsis       *string        `json:"synopsis"`
	SynopsisJa     string         `json:"synopsisJa,omitzero"`
	AiredOn        string         `json:"airedOn"`
	Duration       int            `json:"duration"`
	Score          *float64       `json:"score"`
	Free           bool           `json:"free"`
	Still          *image         `json:"still"`
	Guests         []credit       `json:"guests,omitzero"`
	Videos         []video        `json:"videos"`
	Subtitles      []string       `json:"subtitles"`
	Markers        jsontext.Value `json:"markers,omitzero"`
	ExpiresAt      *string        `json:"expiresAt"`
	CreatedAt      string         `json:"createdAt"`
	UpdatedAt      string         `json:"updatedAt"`
}

type image struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Color  string `json:"color,omitzero"`
}

type credit struct {
	Name   string  `json:"name"`
	NameJa *string `json:"nameJa"`
	Role   string  `json:"role,omitzero"`
	Order  *int    `json:"order"`
}

type video struct {
	Type    string `json:"type"`
	URL     string `json:"url"`
	Bitrate int    `json:"bitrate"`
	Height  int    `json:"height,omitzero"`
}

// field is the value of a field that a key or an index is made of, "" where the record lacks it.
func (p *program) field(name string) string {
	switch name {
	case "id":
		return p.ID
	case "genre":
		return p.Genre
	case "releasedOn":
		return p.ReleasedOn
	}
	return ""
}

func (g *group) field(name string) string {
	switch name {
	case "id":
		return g.ID
	case "programId":
		return g.ProgramID
	case "startsOn":
		return g.StartsOn
	}
	return ""
}

func (e *episode) field(name string) string {
	switch name {
	case "id":
		return e.ID
	case "programId":
		return e.ProgramID
	case "episodeGroupId":
		return e.EpisodeGroupID
	case "airedOn":
		return e.AiredOn
	}
	return ""
}
