package memcache

// Held returns how many entries there are, expired ones that nobody has looked at since included, and what they count against
// Options.MaxBytes.
func (d *Driver) Held() (entries int, bytes int64) {
	d.entries.mu.Lock()
	defer d.entries.mu.Unlock()
	return len(d.entries.entries), d.entries.bytes
}
