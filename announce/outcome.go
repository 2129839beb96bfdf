package announce

// Outcome is what became of an announcement, as the results of publishes say it.
type Outcome struct {
	// Announced is nil where nothing was to be announced: readers have the version that they had, or nobody is to be told.
	Announced *bool `json:"announced,omitempty"`
	// NotAnnounced is why Announced is false. The version is published all the same.
	NotAnnounced string `json:"notAnnounced,omitempty"`
}

// OutcomeOf is the outcome of an Announce.
func OutcomeOf(err error) Outcome {
	announced := err == nil
	if announced {
		return Outcome{Announced: &announced}
	}
	return Outcome{Announced: &announced, NotAnnounced: err.Error()}
}
