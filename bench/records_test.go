package bench

import "encoding/json"

// The sample's records as a user of the other libraries declares them: structs with the schema's fields, a pointer where null is possible.

type program struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	TitleJa    *string         `json:"titleJa"`
	Synopsis   string          `json:"synopsis"`
	SynopsisJa *string         `json:"synopsisJa"`
	Genre      string          `json:"genre"`
	Rating     string          `json:"rating"`
	Language   string          `json:"language"`
	Keywords   []string        `json:"keywords"`
	Cast       []credit        `json:"cast"`
	Poster     *image          `json:"poster"`
	Score      *float64        `json:"score"`
	Votes      int             `json:"votes"`
	Original   bool            `json:"original"`
	ReleasedOn *string         `json:"releasedOn"`
	Website    *string         `json:"website"`
	Extras     json.RawMessage `json:"extras"`
	CreatedAt  string          `json:"createdAt"`
	UpdatedAt  string          `json:"updatedAt"`
}

type group struct {
	ID           string  `json:"id"`
	ProgramID    string  `json:"programId"`
	Number       int     `json:"number"`
	Kind         string  `json:"kind"`
	Title        string  `json:"title"`
	TitleJa      *string `json:"titleJa"`
	Synopsis     *string `json:"synopsis"`
	SynopsisJa   *string `json:"synopsisJa"`
	StartsOn     string  `json:"startsOn"`
	EndsOn       *string `json:"endsOn"`
	Banner       *image  `json:"banner"`
	EpisodeCount int     `json:"episodeCount"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
}

type episode struct {
	answered
	Still     *image          `json:"still"`
	Guests    []credit        `json:"guests"`
	Videos    []video         `json:"videos"`
	Subtitles []string        `json:"subtitles"`
	Markers   json.RawMessage `json:"markers"`
	ExpiresAt *string         `json:"expiresAt"`
	CreatedAt string          `json:"createdAt"`
	UpdatedAt string          `json:"updatedAt"`
}

// answered is the twelve fields of an episode that the queries ask for, in their order.
type answered struct {
	ID             string   `json:"id"`
	ProgramID      string   `json:"programId"`
	EpisodeGroupID string   `json:"episodeGroupId"`
	Number         int      `json:"number"`
	Title          string   `json:"title"`
	TitleJa        *string  `json:"titleJa"`
	Synopsis       *string  `json:"synopsis"`
	SynopsisJa     *string  `json:"synopsisJa"`
	AiredOn        string   `json:"airedOn"`
	Duration       int      `json:"duration"`
	Score          *float64 `json:"score"`
	Free           bool     `json:"free"`
}

type image struct {
	URL    string  `json:"url"`
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Color  *string `json:"color"`
}

type credit struct {
	Name   string  `json:"name"`
	NameJa *string `json:"nameJa"`
	Role   *string `json:"role"`
	Order  *int    `json:"order"`
}

type video struct {
	Type    string `json:"type"`
	URL     string `json:"url"`
	Bitrate int    `json:"bitrate"`
	Height  *int   `json:"height"`
}
