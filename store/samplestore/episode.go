package samplestore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

func (s *studio) addEpisode(g *group, number int, aired time.Time) {
	title := s.grammar.title(s.dice, s.own, "episode."+s.style.manner)
	e := &episode{
		ID:             fmt.Sprintf("%s-e%03d", g.ID, number),
		ProgramID:      g.ProgramID,
		EpisodeGroupID: g.ID,
		Number:         number,
		Title:          title.en,
		TitleJa:        s.nullable(title.ja, 25),
		AiredOn:        aired.Format(time.DateOnly),
		Duration:       60*s.style.minutes + s.between(-75, 75),
		Free:           number == 1 || s.oneIn(12),
		Subtitles:      [][]string{{"ja"}, {"ja", "en"}, {"ja", "en", "ko"}, {}}[s.pick(4)],
	}
	s.fillSynopsis(e)
	e.Score = s.score(!s.oneIn(7))
	if !s.oneIn(9) {
		e.Still = s.image(e.ID[len(s.program.ID)+1:], 1280, 720)
	}
	if s.oneIn(4) {
		e.Guests = []credit{s.person()}
	}
	e.Videos = s.videos()
	e.Markers = s.markers(e.Duration)
	if s.oneIn(5) {
		expires := s.stamp(today.AddDate(0, 0, s.between(30, 900)))
		e.ExpiresAt = &expires
	}
	e.CreatedAt = s.stamp(aired.AddDate(0, 0, -s.between(10, 45)))
	e.UpdatedAt = s.stamp(aired.AddDate(0, 0, s.between(0, 20)))
	s.episodes = append(s.episodes, e)
}

func (s *studio) fillSynopsis(e *episode) {
	if s.oneIn(40) {
		return
	}
	rules := []string{s.style.manner}
	for range s.between(1, 3) {
		rules = append(rules, s.style.manner)
	}
	if !s.oneIn(3) {
		rules = append(rules, map[string]string{"story": "turn", "fact": "closing"}[s.style.manner])
	}
	about := s.grammar.sentences(s.dice, s.own, rules...)
	e.Synopsis = &about.en
	if !s.oneIn(12) {
		e.SynopsisJa = about.ja
	}
}

func (s *studio) videos() []video {
	asset := "https://vod.example.com/" + strconv.Itoa(s.between(10, 99)) + "/" + s.hex(8)
	list := []video{{Type: "hls", URL: asset + "/master.m3u8", Bitrate: 1000 * s.between(4200, 6800), Height: 1080}}
	if !s.oneIn(5) {
		list = append(list, video{Type: "dash", URL: asset + "/manifest.mpd", Bitrate: list[0].Bitrate - 200000, Height: 1080})
	}
	if s.oneIn(6) {
		list = append(list, video{Type: "audio-description", URL: asset + "/ad.m4a", Bitrate: 128000})
	}
	return list
}

// markers has its keys sorted, as the JSON of an entity must have.
func (s *studio) markers(duration int) jsontext.Value {
	if s.oneIn(3) {
		return nil
	}
	intro := s.between(0, 200)
	return fmt.Appendf(nil, `{"credits":[%d,%d],"intro":[%d.5,%d],"next":{"after":%d,"auto":%t}}`,
		duration-s.between(60, 95), duration-5, intro, intro+90, duration-s.between(10, 30), !s.oneIn(4))
}

// nullable is the text, or null once in n.
func (s *studio) nullable(text string, n int) *string {
	if s.oneIn(n) {
		return nil
	}
	return &text
}

// score is a number with at most one decimal.
func (s *studio) score(known bool) *float64 {
	tenths := s.between(52, 97)
	if !known {
		return nil
	}
	score := float64(tenths) / 10
	return &score
}

func (s *studio) image(name string, width, height int) *image {
	i := &image{URL: "https://img.example.com/" + s.program.ID + "/" + name + "-" + s.hex(6) + ".jpg", Width: width, Height: height}
	if !s.oneIn(3) {
		i.Color = "#" + s.hex(3)
	}
	return i
}

// stamp is a moment of the day as AWSDateTime.
func (s *studio) stamp(day time.Time) string {
	return day.Add(time.Duration(s.below(24*60*60*1000)) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}
