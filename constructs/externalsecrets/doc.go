// Package externalsecrets holds constructs that fill the Secrets of an application, by the External Secrets Operator
// (https://external-secrets.io), so that neither a person nor a repository has to hold them.
//
//   - [GeneratedSecret]: passwords that the operator makes in the cluster, once
//   - [StoreSecret]: values that it reads from a secret store, such as Vault or a cloud provider's, again and again
//
// Both compose further keys of these. Tiers name the Secret and its keys, as they name those of any
// Secret:
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
// Synthesis compares the keys of the Secret with those that the objects of the application read. It fails for a key that nothing fills, even
// if it is optional, since nobody else can add it; and for one that nothing reads.
//
// Pods that start before the Secret is there wait for it.
//
// The objects need External Secrets 1.2 or newer.
package externalsecrets
