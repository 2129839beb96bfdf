package cost

// limits are the quotas that the peak uses.
func (in *Input) limits() []Limit {
	t, s, q, c := in.Traffic, in.Setup, in.Quotas, &in.Catalog
	stored := float64(c.Manifest) * kept
	for _, size := range c.Chunks {
		stored += float64(size) * (1 + s.EditedChunks*(kept-1)/c.count())
	}
	looks := in.looks(t.Peak)
	return []Limit{
		in.limit("AppSync request tokens a second", t.Peak*t.Tokens, q.Tokens),
		in.limit("Lambda environments", s.Environments, q.Concurrency),
		in.limit("Lambda invocations a second", t.Peak, q.Concurrency*invocationsPerEnvironment),
		in.limit("Momento operations a second", looks, q.Operations),
		in.limit("Momento operations in the second after an edit", looks+s.Environments*c.follow(s), q.Operations),
		{Name: "Momento operations when one process starts", Used: c.start(), Quota: q.Operations},
		{Name: "Momento bytes stored", Used: stored, Quota: q.StorageBytes},
	}
}

// limit is one whose use grows with the traffic.
func (in *Input) limit(name string, used, quota float64) Limit {
	l := Limit{Name: name, Used: used, Quota: quota}
	if used > 0 {
		l.ReachedAt = in.Traffic.Peak * quota / used
	}
	return l
}

// partitionUnits is what DynamoDB reads of one partition in a second, whatever the table may use.
const partitionUnits = 3000

// fieldLimits are those of an API that resolves field by field.
func (in *Input) fieldLimits() []Limit {
	f := in.FieldByField
	return []Limit{
		in.limit("AppSync request tokens a second", in.Traffic.Peak*f.Tokens, in.Quotas.Tokens),
		in.limit("DynamoDB units a second, where all ask for one partition", in.Traffic.Peak*f.Resolvers*f.ReadUnits, partitionUnits),
	}
}
