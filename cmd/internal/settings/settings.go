// Package settings is what a function is told while it runs, so that no deployment is needed for it: the key of its cache, and a policy for its queries.
//
//	secret, err := settings.ParseSecret("arn:aws:secretsmanager:...")
//	key, err := secret.Read(ctx, settings.NewExtension(os.Getenv))
//
//	follower := settings.NewFollower(read, apply, 0, log)
//	follower.Look(ctx) // with each call
package settings
