package plainsecret_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/internal/plainsecret"
)

// The samples are put together here, so that no scanner of sources takes them for
// secrets that somebody left behind.
func repeated(text string, count int) string { return strings.Repeat(text, count) }

func TestASecretIsFoundByItsShape(t *testing.T) {
	t.Parallel()
	const header = "-----BEGIN "
	for _, row := range []struct{ name, value, what string }{
		{"a PEM key", header + "PRIVATE KEY-----\nabc\n", "a private key"},
		{"an RSA key", header + "RSA PRIVATE KEY-----", "a private key"},
		{"an EC key that is encrypted", header + "ENCRYPTED PRIVATE KEY-----", "a private key"},
		{"an OpenSSH key in a text", "use this: " + header + "OPENSSH PRIVATE KEY-----", "a private key"},
		{"an OpenPGP key", header + "PGP PRIVATE KEY BLOCK-----", "a private key"},
		{"an RSA key in base64", "LS0tLS1CRUdJTi" + "BSU0EgUFJJVkFURSBLRVktLS0tLQo", "a private key"},
		{"a key in base64", "LS0tLS1CRUdJTi" + "BQUklWQVRFIEtFWS0tLS0tCg", "a private key"},
		{"an EC key in base64", "LS0tLS1CRUdJTi" + "BFQyBQUklWQVRFIEtFWS0tLS0tCg", "a private key"},
		{"an OpenSSH key in base64", "LS0tLS1CRUdJTi" + "BPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS0K", "a private key"},
		{"a key that is encrypted, in base64", "LS0tLS1CRUdJTi" + "BFTkNSWVBURUQgUFJJVkFURSBLRVktLS0tLQo", "a private key"},
		{"a key of age", "AGE-SECRET-KEY-1" + repeated("Q", 58), "a private key"},
		{"a token of a person", "ghp_" + repeated("a1B2", 9), "a GitHub token"},
		{"a token of OAuth", "gho_" + repeated("a1B2", 9), "a GitHub token"},
		{"a token of a server", "ghs_" + repeated("a1B2", 9), "a GitHub token"},
		{"a token of a user of an app", "ghu_" + repeated("a1B2", 9), "a GitHub token"},
		{"a token that refreshes", "ghr_" + repeated("a1B2", 9), "a GitHub token"},
		{"a fine-grained token", "github_pat_" + repeated("1A", 11) + "_" + repeated("b", 59), "a GitHub token"},
		{"a token of GitLab", "glpat-" + repeated("x-Y9", 5), "a GitLab token"},
		{"an access key", "AKIA" + repeated("A2", 8), "an AWS access key"},
		{"a temporary access key", "key=ASIA" + repeated("A2", 8) + ";", "an AWS access key"},
		{"a token of a bot", "xoxb-" + repeated("1234567890-", 2), "a Slack token"},
		{"a token of an app", "xoxp-" + repeated("1234567890-", 2), "a Slack token"},
		{"a token of an app's level", "xapp-" + repeated("1-A0b-", 4), "a Slack token"},
		{"a webhook", "https://hooks.slack.com/services/" + "T0A1B2C3D/B0A1B2C3D/" + repeated("a1B2", 6), "a Slack webhook"},
		{"a client secret of Google", "GOCSPX-" + repeated("a1_-", 7), "a Google API key"},
		{"what signs webhooks", "whsec_" + repeated("a1B2", 8), "a Stripe key"},
		{"a key of OpenAI", "sk-proj-" + repeated("a1_-", 7), "a token of a service"},
		{"a key of Anthropic", "sk-ant-" + repeated("a1_-", 7), "a token of a service"},
		{"a key of SendGrid", "SG." + repeated("a1_-", 5) + "a1." + repeated("a1_-", 10) + "a1B", "a token of a service"},
		{"a token of Docker", "dckr_pat_" + repeated("a1_-", 7), "a token of a service"},
		{"a token of DigitalOcean", "dop_v1_" + repeated("0a1b", 16), "a token of a service"},
		{"a token of Hugging Face", "hf_" + repeated("aBcD", 9), "a token of a service"},
		{"a token of Vault", "hvs." + repeated("a1_-", 7), "a token of a service"},
		{"a key of Google", "AIza" + repeated("a1_-B", 7), "a Google API key"},
		{"a live key", "sk_live_" + repeated("a1B2", 6), "a Stripe key"},
		{"a restricted key", "rk_test_" + repeated("a1B2", 6), "a Stripe key"},
		{"a token of npm", "npm_" + repeated("a1B2", 9), "an npm token"},
		{"a token of PyPI", "pypi-" + repeated("AgEIcHlwaS5vcmc", 5), "a PyPI token"},
		{"a web token", "eyJ" + repeated("hbGci", 4) + ".eyJ" + repeated("zdWIi", 4) + "." + repeated("sig_-", 4), "a JSON Web Token"},
		{"an address with a name and a password", "postgres://app:" + "s3cret@db.example:5432/shop", "an address with a password"},
		{"an address with a password alone", "redis://:" + "s3cret@cache.example", "an address with a password"},
		{"the second address of two", "https://a.example, amqp://u:" + "p@b.example", "an address with a password"},
		{"a password that only begins like a reference", "amqp://u:${A}" + "x@b.example", "an address with a password"},
		{"a key of Azure", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + repeated("aB3/", 20) + "==", "an Azure key"},
		{"a shared key of Azure", "Endpoint=sb://a;SharedAccessKey=" + repeated("aB3/", 10), "an Azure key"},
		{"a connection string", "Server=db;User Id=app;Password=" + "s3cret;", "a connection string with a password"},
		{"a shared address of Azure", "https://a.blob.core.windows.net/c?sp=r&sig=" + repeated("aB3%2F", 8), "an Azure key"},
		{"a connection string of libpq", "host=db user=app password=" + "s3cret dbname=shop", "a connection string with a password"},
		{"an address of JDBC", "jdbc:postgresql://db/shop?user=app&password=" + "s3cret", "a connection string with a password"},
		{"an address of MySQL in Go", "app:" + "s3cret@tcp(db:3306)/shop", "a connection string with a password"},
		{"a connection string in lower case", "pwd = " + "s3cret", "a connection string with a password"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if what, ok := plainsecret.Find("greeting", row.value); !ok || what != row.what {
				t.Errorf("%q, %t; want %q", what, ok, row.what)
			}
		})
	}
}

func TestASecretIsFoundByItsName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"password", "PASSWORD", "db_password", "db-password", "dbPassword", "DBPassword", "database.password", "smtp passwd",
		"passphrase", "client_secret", "clientSecret", "webhook-secret", "token", "API_TOKEN", "githubToken", "credential", "credentials",
		"api_key", "apikey", "apiKey", "APIKey", "my-api-key", "private_key", "access_key", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY",
		"connection_string", "connectionString", "azure-connection-string",
		"db_pass", "smtpPass", "pwd", "DB_PWD", "secret_key_base", "PGPASSWORD", "dbpassword", "password2", "token_1",
	} {
		if what, ok := plainsecret.Find(name, "x"); !ok || what != "a secret, as its name says" {
			t.Errorf("%s: %q, %t", name, what, ok)
		}
		for _, fine := range []string{"", "${DB_PASSWORD}", "$DB_PASSWORD"} {
			if what, ok := plainsecret.Find(name, fine); ok {
				t.Errorf("%s: %q is %s", name, fine, what)
			}
		}
	}
	random := repeated("0a1b2c3d4e5f6789", 4)
	for _, name := range []string{"encryption_key", "signingKey", "master-key", "session_key", "storage_key", "shared_key", "accountKey", "auth-key", "hmac_key", "auth", "password_salt", "app_key", "jwtKey"} {
		for _, value := range []string{random, "base64:" + random} {
			if _, ok := plainsecret.Find(name, value); !ok {
				t.Errorf("%s may be %s", name, value)
			}
		}
	}
}

// A look-alike that is refused would stop every deployment.
func TestLookAlikesAreFine(t *testing.T) {
	t.Parallel()
	const commit = "2f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e"
	for _, row := range []struct{ name, value string }{
		{"token_ttl", "1h"},
		{"secret_name", "db-prod"},
		{"password_policy", "long"},
		{"tokenizer", "words"},
		{"passwords", "many"},
		{"secretary", "olga"},
		{"compass", "north"},
		{"bypass", "off"},
		{"auth0", repeated("0a1b2c3d4e5f6789", 2)},
		{"password_length_2", "12"},
		{"app_key", "shop"},
		{"certificate", "LS0tLS1CRUdJTi" + "BDRVJUSUZJQ0FURS0tLS0tCg"},
		{"url", "https://shop.example/reset?password={password}&sig=v2"},
		{"dsn", "host=db user=app password=$DB_PASSWORD dbname=shop"},
		{"dsn", "app:${DB_PASSWORD}@tcp(db:3306)/shop"},
		{"slack", "https://hooks.slack.com/services/"},
		{"service", "hf_tokenizer"},
		{"key", "shop"},
		{"cache_key", repeated("0a1b2c3d4e5f6789", 4)},
		{"public_key", repeated("aB3/", 16)},
		{"access_key_id_name", "AWS_KEY"},
		{"token_url", "https://login.example/token"},
		{"PASSWORD_FILE", "/run/secrets/db"},
		{"signing_key", "release-2026"},
		{"signing_key", strings.ToUpper(commit)},
		{"encryption_key", "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
		{"encryption_key", "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		{"encryption_key", repeated("a", 44)},
		{"encryption_key", repeated("a1", 22)},
		{"session_key", repeated("a-b_", 12)},
		{"commit", commit},
		{"digest", "sha256:" + repeated("0a1b2c3d4e5f6789", 4)},
		{"id", "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
		{"image", "ghcr.io/acme/shop@sha256:" + repeated("0a1b2c3d4e5f6789", 4)},
		{"host", "db.prod.internal.example"},
		{"url", "https://shop.example:8443/a:b@c?x=y:z@w"},
		{"url", "https://app@shop.example/"},
		{"url", "postgres://db.example:5432/shop"},
		{"url", "postgres://app:${DB_PASSWORD}@db.example/shop"},
		{"url", "postgres://app:$DB_PASSWORD@db.example/shop"},
		{"mail", "mailto:ops@shop.example"},
		{"scp", "git@github.com:acme/shop.git"},
		{"dsn", "Server=db;User Id=app;Password=${DB_PASSWORD}"},
		{"dsn", "AccountName=a;AccountKey=${AZURE_KEY_OF_PROD}"},
		{"certificate", "-----BEGIN CERTIFICATE-----"},
		{"public", "-----BEGIN PUBLIC KEY-----"},
		{"pgp", "-----BEGIN PGP PUBLIC KEY BLOCK-----"},
		{"package", "pypi-mirror"},
		{"registry", "npm_registry"},
		{"prefix", "ghp_"},
		{"channel", "xoxb"},
		{"stripe", "pk_live_" + repeated("a1B2", 6)},
		{"name", "AKIAIOSFODNN"},
		{"text", "eyJ is how they begin"},
		{"text", "Password: ask olga"},
		{"word", "password"},
	} {
		if what, ok := plainsecret.Find(row.name, row.value); ok {
			t.Errorf("%s: %q is %s", row.name, row.value, what)
		}
	}
}

// No answer holds the value, and none takes long.
func FuzzFind(f *testing.F) {
	f.Add("password", "hunter2")
	f.Add("url", "postgres://app:s3cret@db")
	f.Add("APIKeyÄß", "-----BEGIN PRIVATE KEY-----")
	f.Fuzz(func(t *testing.T, name, value string) {
		what, ok := plainsecret.Find(name, value)
		if ok != (what != "") {
			t.Fatalf("%q, %t", what, ok)
		}
		if again, _ := plainsecret.Find(name, value); again != what {
			t.Fatalf("%q, then %q", what, again)
		}
	})
}
