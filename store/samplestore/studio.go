package samplestore

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// programs is how many the sample has.
const programs = 60

// today is the day on which the sample was recorded; everything in it happened before.
var today = time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)

// style is how the programs of one genre are made.
type style struct {
	genre string
	// manner is the suffix of the grammar's rules: story or fact.
	manner string
	// minutes an episode takes.
	minutes int
	// least and most are the episodes of a season.
	least, most int
	// pace is the days between two episodes; 0 releases a season at once.
	pace int
}

var styles = []style{
	{"DRAMA", "story", 46, 9, 12, 7},
	{"ANIME", "story", 24, 22, 26, 7},
	{"DOCUMENTARY", "fact", 49, 8, 20, 7},
	{"MYSTERY", "story", 54, 10, 14, 7},
	{"TRAVEL", "fact", 29, 14, 24, 7},
	{"DRAMA", "story", 15, 48, 66, 1},
	{"COMEDY", "story", 26, 10, 24, 7},
	{"FOOD", "fact", 25, 16, 36, 7},
	{"SCIENCE_FICTION", "story", 51, 8, 13, 0},
	{"HISTORY", "fact", 43, 12, 25, 14},
	{"NATURE", "fact", 58, 10, 16, 7},
	{"MYSTERY", "story", 48, 6, 10, 0},
}

// studio makes one program, with its own people and places.
type studio struct {
	dice
	grammar grammar
	style   style
	own     scope

	program  *program
	groups   []*group
	episodes []*episode
}

// newStudio sets up the program with this number; taken holds the IDs of those before it.
func newStudio(g grammar, number int, taken map[string]bool) *studio {
	s := &studio{dice: newDice(number), grammar: g, style: styles[number%len(styles)]}
	s.own = s.cast()
	var title phrase
	id := ""
	for id == "" || taken[id] {
		title = g.title(s.dice, s.own, "program."+s.style.manner)
		id = slug(title.en)
	}
	taken[id] = true
	s.program = &program{ID: id, Title: title.en, TitleJa: s.nullable(title.ja, 20)}
	return s
}

// cast chooses whom and what the program's texts are about. Nobody has two parts.
func (s *studio) cast() scope {
	own, taken := scope{}, []phrase(nil)
	for _, role := range []struct {
		name, rule string
		count      int
	}{
		{"hero", "name", 2}, {"friend", "name", 4}, {"rival", "name", 3}, {"host", "person", 2}, {"town", "town", 5}, {"spot", "spot", 16},
	} {
		for range role.count {
			p := another(taken, func() phrase { return s.grammar.say(s.dice, nil, role.rule) })
			own[role.name], taken = append(own[role.name], p), append(taken, p)
		}
	}
	return own
}

// slug is a title as an ID: detective-arthur.
func slug(title string) string {
	title = strings.ToLower(strings.ReplaceAll(title, "'", ""))
	return strings.Join(strings.FieldsFunc(title, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-")
}

// produce fills in the program, and makes its groups and episodes.
func (s *studio) produce(announced bool) {
	seasons := s.between(3, 10)
	// Even the longest seasons with the longest breaks end before today.
	released := today.AddDate(0, 0, -seasons*(s.style.most*s.style.pace+200)-s.between(100, 1200))
	s.fillProgram(released, announced)
	if announced {
		return
	}
	start := released
	for n := 1; n <= seasons; n++ {
		end := s.addGroup("SEASON", n, start, s.between(s.style.least, s.style.most))
		start = end.AddDate(0, 0, s.between(60, 200))
		if s.oneIn(10) {
			s.addGroup("SPECIAL", n, start.AddDate(0, 0, -30), s.between(1, 6))
		}
	}
	if s.oneIn(3) {
		s.addGroup("COLLECTION", 1, start, s.between(3, 8))
	}
}

func (s *studio) fillProgram(released time.Time, announced bool) {
	p := s.program
	about := s.grammar.sentences(s.dice, s.own, "blurb."+s.style.manner, s.style.manner, "blurb."+s.style.manner)
	p.Synopsis, p.SynopsisJa = about.en, s.nullable(about.ja, 15)
	p.Genre = s.style.genre
	p.Rating = []string{"ALL", "ALL", "PG12", "R15"}[s.below(4)]
	p.Language = []string{"ja", "ja", "en", "ja", "sv", "en"}[s.below(6)]
	p.Keywords = s.keywords(s.between(2, 6))
	p.Cast = s.credits()
	p.Poster = s.image("poster", 1000, 1500)
	p.Original = s.oneIn(3)
	p.Extras = s.extras()
	if !s.oneIn(4) {
		p.Website = "https://" + p.ID + ".example.com/"
	}
	if !announced {
		p.ReleasedOn = released.Format(time.DateOnly)
		p.Votes = s.between(12, 90000)
		p.Score = s.score(p.Votes > 500)
	}
	p.CreatedAt = s.stamp(released.AddDate(0, 0, -90))
	p.UpdatedAt = s.stamp(today.AddDate(0, 0, -s.between(1, 400)))
}

func (s *studio) keywords(count int) []string {
	words := make([]string, count)
	for i := range words {
		words[i] = another(words[:i], func() string { return s.grammar.say(s.dice, nil, "keyword").en })
	}
	return words
}

// credits are the people of the program: the actors of its roles or its hosts, then those behind the camera.
func (s *studio) credits() []credit {
	var list []credit
	add := func(c credit, role string) {
		order := len(list) + 1
		c.Role, c.Order = role, &order
		list = append(list, c)
	}
	switch s.style.manner {
	case "story":
		for _, role := range []string{"hero", "friend", "rival"} {
			for _, name := range s.own[role] {
				add(s.person(), name.en)
			}
		}
	case "fact":
		for _, host := range s.own["host"] {
			add(credit{Name: host.en, NameJa: &host.ja}, "Host")
		}
	}
	for range s.between(1, 4) {
		add(s.person(), s.grammar.say(s.dice, nil, "job").en)
	}
	return list
}

func (s *studio) person() credit {
	p := s.grammar.say(s.dice, nil, "person")
	return credit{Name: p.en, NameJa: s.nullable(p.ja, 8)}
}

// extras take all the shapes that a field of type AWSJSON takes in real tables.
func (s *studio) extras() jsontext.Value {
	switch s.below(6) {
	case 0:
		return nil
	case 1:
		return jsontext.Value("null")
	case 2:
		return jsontext.Value(`["4k","hdr"]`)
	case 3:
		return jsontext.Value(`"see the press kit"`)
	default:
		return fmt.Appendf(nil, `{"franchise":{"id":%d,"share":%d.%d},"partner":"%s","regions":["JP","US","SE"]}`,
			s.between(100, 999), s.below(90), s.between(1, 9), s.hex(4))
	}
}
