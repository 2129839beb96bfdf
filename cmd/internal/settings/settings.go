// Package settings is what a function is told while it runs, so that no deployment is needed for it: the key of its cache.
//
//	secret, err := settings.ParseSecret("arn:aws:secretsmanager:...")
//	key, err := secret.Read(ctx, settings.NewExtension(os.Getenv))
package settings
