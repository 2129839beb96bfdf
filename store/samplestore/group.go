package samplestore

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// addGroup makes a group and its episodes, and returns the day of the last one.
func (s *studio) addGroup(kind string, number int, starts time.Time, episodes int) time.Time {
	s.own["number"] = []phrase{{strconv.Itoa(number), strconv.Itoa(number)}}
	title := s.grammar.title(s.dice, s.own, strings.ToLower(kind))
	g := &group{
		ID:           fmt.Sprintf("%s-%s%d", s.program.ID, map[string]string{"SEASON": "s", "SPECIAL": "x", "COLLECTION": "c"}[kind], number),
		ProgramID:    s.program.ID,
		Number:       number,
		Kind:         kind,
		Title:        title.en,
		TitleJa:      s.nullable(title.ja, 20),
		StartsOn:     starts.Format(time.DateOnly),
		EpisodeCount: episodes,
		CreatedAt:    s.stamp(starts.AddDate(0, 0, -60)),
	}
	if !s.oneIn(6) {
		about := s.grammar.sentences(s.dice, s.own, "blurb."+s.style.manner, s.style.manner)
		g.Synopsis, g.SynopsisJa = about.en, about.ja
	}
	if !s.oneIn(4) {
		g.Banner = s.image(g.ID[len(s.program.ID)+1:], 1920, 480)
	}
	s.groups = append(s.groups, g)

	aired := starts
	for n := 1; n <= episodes; n++ {
		s.addEpisode(g, n, aired)
		if n < episodes {
			aired = aired.AddDate(0, 0, s.style.pace)
		}
	}
	g.EndsOn = s.nullable(aired.Format(time.DateOnly), 10)
	g.UpdatedAt = s.stamp(aired.AddDate(0, 0, s.between(1, 30)))
	return aired
}
