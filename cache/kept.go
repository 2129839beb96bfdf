package cache

import "slices"

// Kept are the versions of a history that warm-ups keep alive: the current one, the one that was built last, and the last Options.Keep; each content once, the newest first. The others may have ended.
func (c *Cache) Kept(h History) []Version {
	var kept []Version
	for i, v := range h.Versions {
		lives := i < c.options.Keep || v.Manifest == h.Manifest || v.Manifest == h.Newest().Manifest
		if lives && !slices.ContainsFunc(kept, func(k Version) bool { return k.Manifest == v.Manifest }) {
			kept = append(kept, v)
		}
	}
	return kept
}
