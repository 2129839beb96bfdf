//go:build race

package simulation_test

// raceEnabled: all takes ten times as long, so there is less of it.
const raceEnabled = true
