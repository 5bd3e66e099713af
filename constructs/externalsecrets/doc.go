// Package externalsecrets has the External Secrets Operator (https://external-secrets.io) fill the Secrets of an
// application, so that no person and no repository has to hold their values. It provides a construct for each source of
// values:
//
//   - [GeneratedSecret]: passwords that the operator generates once, in the cluster
//   - [StoreSecret]: values that the operator reads regularly from a secret store, such as Vault or that of a cloud
//     provider
//
// Both can compose further keys from these values. Tiers name the Secret and its keys like those of any other Secret:
//
//	externalsecrets.NewGeneratedSecret(chart, "secrets", externalsecrets.GeneratedSecretProps{
//		Passwords: []string{"database-password", "redis-password"},
//		Templates: map[string]string{
//			"database-name": "shop",
//			"database-user": "shop",
//		},
//		PostgresURLs: map[string]externalsecrets.PostgresURL{
//			"database-url": {Host: "shop-database", Port: 5432, Database: "shop", User: "shop", PasswordKey: "database-password"},
//		},
//	})
//	constructs.NewRedis(chart, "redis", constructs.RedisProps{
//		Password: constructs.SecretKeyRef{Secret: "shop-secrets", Key: "redis-password"},
//	})
//
// Synthesis compares the keys of the Secret with those that the objects of the application read. It fails for a key
// that nothing fills, even an optional one, because nobody else can add it; and for a key that nothing reads.
//
// Pods that start before the Secret exists wait for it.
//
// The objects require External Secrets 1.2 or newer. Properties, methods and errors follow the conventions of the
// package constructs: methods named after a kind return that object, for patches, and synthesis reports invalid
// properties.
package externalsecrets
