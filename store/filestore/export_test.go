package filestore

// MaxLine is for TestFaults.
const MaxLine = maxLine

// SetMaxInflated lets TestInflatesWithoutEnd do without 8 GB.
func (s *Store) SetMaxInflated(n int64) { s.maxInflated = n }
