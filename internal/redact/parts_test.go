package redact_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/redact"
)

// A secretWithParts is a secret with its parts that people must not see, and with texts that
// are not secret although the secret contains them or looks as if it did.
type secretWithParts struct {
	name, secret string
	hidden       []string
	public       []string
}

// check fails the test if a part is shown, alone or in a longer text, or if public text is
// hidden.
func (c secretWithParts) check(t *testing.T) {
	t.Helper()
	set := redact.New([]string{c.secret})
	for _, part := range c.hidden {
		assert.Equal(t, "the login ([redacted]) failed", set.Text("the login ("+part+") failed"))
		if len(part) >= 8 {
			assert.True(t, set.InData([]byte(`{"a":"`+minimal(part)+`"}`)), "in data: %s", part)
		}
	}
	for _, public := range c.public {
		text := "the source answered " + public + " and other text"
		assert.Equal(t, text, set.Text(text))
		assert.False(t, set.InData([]byte(`{"a":"`+minimal(public)+`"}`)), "in data: %s", public)
	}
}

func TestAnAtSignAfterTheHostOfAURLHidesNoSecret(t *testing.T) {
	const p = "q8Zk3vT1xPw9RbL2"
	for _, c := range []secretWithParts{
		{"a password and an address in the query", "smtp://mailer:" + p + "@mail.example.com:587/?from=shop@example.com", []string{p}, []string{"mailer", "mail.example.com", "shop@example.com", "587/?from=shop"}},
		{"a password and an @ in the path", "https://app:" + p + "@api.example.com/@team/orders", []string{p}, []string{"api.example.com", "team/orders"}},
		{"a password and an @ in the fragment", "https://app:" + p + "@api.example.com/#/users/@me", []string{p}, []string{"api.example.com"}},
		{"a token before an address", "https://api.example.com/export?token=" + p + "&email=bob@example.com", []string{p}, []string{"api.example.com", "bob@example.com", "email=bob"}},
		{"a token after an address", "https://api.example.com/export?email=bob@example.com&token=" + p, []string{p}, []string{"bob@example.com", "email=bob"}},
		{"a token after an address and a port", "https://api.example.com:8443/export?email=bob@example.com&token=" + p, []string{p}, []string{"bob@example.com", "8443/export?email=bob"}},
		{"a token after an @ in the path", "https://api.example.com/@team/export?api_key=" + p, []string{p}, []string{"api.example.com/", "team/export"}},
		{"a token after a port and an @ in the path", "https://api.example.com:8443/export/v2/@team?api_key=" + p, []string{p}, []string{"8443/export/v2/", "8443/export/v2/orders"}},
		{"a password and a token, with addresses", "https://app:" + p + "@h/x?mail=a@b.example&token=abcd12345", []string{p, "abcd12345"}, []string{"a@b.example"}},
		{"a password with an @ in the query", "postgres://h:5432/db?user=u&password=p@ssw0rd1", []string{"p@ssw0rd1"}, []string{"5432/db?user=u", "ssw0rd1x"}},
		{"a user with an @ in the query", "jdbc:mysql://h/db?user=u@x&password=" + p, []string{p}, []string{"user=u@x"}},
		{"properties of a host", "jdbc:mysql://(host=dbhost1.example,user=u@x,password=" + p + ")/shopdata", []string{p}, []string{"dbhost1.example", "shopdata"}},
		{"properties of a host in parentheses", "jdbc:mysql://address=(host=dbhost1.example)(port=3306)(user=reporting)(password=p%40ss" + p + ")/shopdata", []string{"p@ss" + p, "p%40ss" + p}, []string{"dbhost1.example", "reporting"}},
		{"a fragment", "https://app.example.com/cb#access_token=" + p + "&state=shop1234", []string{p}, []string{"shop1234"}},
		{"a fragment after a query", "https://app.example.com/cb?state=shop1234#access_token=" + p, []string{p}, []string{"shop1234"}},
		{"a fragment after a token", "https://app.example.com/cb?token=" + p + "#section-orders", []string{p, p + "#section-orders"}, []string{"section-orders"}},
		{"a parameter with a question mark", "https://app.example.com/cb?token=" + p + "?x=1", []string{p + "?x=1"}, nil},
		{"a data source name of MySQL", "app:" + p + "@tcp(dbhost1:3306)/db?user=a@b&password=zzzzzzzz9", []string{p, "zzzzzzzz9"}, []string{"dbhost1:3306", "user=a@b"}},
		{"a URL as the value of a pair", "timeout=30 url=amqp://app:" + p + "@mq/vhost?mail=a@b", []string{p}, []string{"timeout=30"}},
		{"a URL as the value of a quoted pair", `name="shop";url="amqp://app:` + p + `@mq/vhost"`, []string{p}, nil},
		{"a URL in a query", "mode=1&url=amqp://app:" + p + "@mq/vhost", []string{p}, nil},
		{"a pair with the URL of a service", "password=" + p + " url=https://api.example.com/x", []string{p}, []string{"api.example.com"}},
		{"a pair with the URL of a service in a query", "password=" + p + "&url=https://api.example.com/x", []string{p}, []string{"api.example.com"}},
		{"an address as the name of a user", "Server=tcp:dbhost1.example,1433;Uid=shop@dbhost1;Pwd=" + p, []string{p}, []string{"dbhost1.example,1433;Uid=shop"}},
		{"a parameter of the path", "wss://app.example.com/x@y;token=" + p, []string{p}, []string{"app.example.com"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestATokenThatIsTheUserOfALoginIsHidden(t *testing.T) {
	const token = "kT9xq2Lm04vRw8ZpY1s6"
	for _, c := range []secretWithParts{
		{"a URL", "https://" + token + "@git.example.com/shop/orders.git", []string{token}, []string{"git.example.com", "shop/orders.git"}},
		{"a URL with an empty password", "https://" + token + ":@api.example.com/v1", []string{token}, []string{"api.example.com"}},
		{"a URL with any password", "https://" + token + ":x@api.example.com/v1", []string{token}, []string{"api.example.com"}},
		{"a URL with the word of GitHub", "https://" + token + ":x-oauth-basic@git.example.com/shop", []string{token}, []string{"git.example.com"}},
		{"an escaped token", "https://kT9xq2Lm04vRw8%3DZp@api.example.com/v1", []string{"kT9xq2Lm04vRw8=Zp", "kT9xq2Lm04vRw8%3DZp"}, nil},
		{"one digit", "https://kTaxqbLmcdvRwePpYfs6@git.example.com/shop", []string{"kTaxqbLmcdvRwePpYfs6"}, nil},
		{"lower case", "https://9f86d081884c7d65@sentry.example.com/42", []string{"9f86d081884c7d65"}, []string{"sentry.example.com/42"}},
		{"a pair with an empty password", token + ":", []string{token}, nil},
		{"a pair with any password", token + ":X", []string{token}, nil},
		{"a pair with the word of Toggl", token + ":api_token", []string{token}, nil},
		{"a name with a password", "https://ShopReports2024App:q8Zk3vT1xPw9RbL2@api.example.com", []string{"q8Zk3vT1xPw9RbL2"}, []string{"ShopReports2024App"}},
		{"a name without a password", "postgres://reporting-service-01@db.example.com/shop", nil, []string{"reporting-service-01", "db.example.com"}},
		{"a short name without a password", "postgres://Reader01@db.example.com/shop", nil, []string{"Reader01"}},
		{"a number", "https://1234567890123456@api.example.com/v1", nil, []string{"1234567890123456"}},
		{"a host", "https://api2Prod.eu-west-1.Example.com/v1/@team", nil, []string{"api2Prod.eu-west-1.Example.com"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestAPasswordOfAURLIsHiddenAlsoIfItsCharactersAreNotEscaped(t *testing.T) {
	for _, c := range []secretWithParts{
		{"a slash", "redis://:hunter2/x9@cache:6379/0", []string{"hunter2/x9"}, []string{"cache:6379"}},
		{"a question mark", "amqp://app:hunter2?x9@mq.example/vhost", []string{"hunter2?x9"}, []string{"mq.example"}},
		{"a question mark before a token", "amqp://app:hunter2?x9@mq.example/vhost?token=abcd12345", []string{"hunter2?x9", "abcd12345"}, []string{"mq.example"}},
		{"a question mark before a word in a host", "amqp://app:hunter2?x9@token.example/vhost?page=production", []string{"hunter2?x9"}, []string{"token.example", "production"}},
		{"a number sign", "amqp://app:hunter2#x9@mq.example/vhost", []string{"hunter2#x9"}, []string{"mq.example"}},
		{"an at sign", "amqp://app:hunter2@x9@mq.example/vhost", []string{"hunter2@x9"}, []string{"mq.example"}},
		{"an at sign and a slash", "amqp://app:hunter2@x9/y8@mq.example/vhost", []string{"hunter2@x9/y8", "hunter2"}, []string{"mq.example"}},
		{"all of them and a query", "amqp://app:hu/nt?er=2#x9@mq.example/vhost?mail=a@b&token=abcd12345", []string{"hu/nt?er=2#x9", "abcd12345"}, []string{"mq.example"}},
		{"an escape behind an at sign", "amqp://app:hunter2@x9/y%238@mq.example/vhost", []string{"hunter2@x9/y#8", "hunter2@x9/y%238"}, nil},
		{"what looks like a port", "postgres://app:2024/Secret@db.example/shop", []string{"2024/Secret"}, []string{"db.example/shop"}},
		{"a number sign in a parameter", "jdbc:postgresql://db.example/shop?password=hunter2#x9y8", []string{"hunter2#x9y8"}, []string{"db.example/shop"}},
		{"a slash for MySQL", "app:hunter2/x9@tcp(dbhost1:3306)/shop?mail=a@b", []string{"hunter2/x9"}, []string{"dbhost1:3306"}},
		{"a slash for Oracle", "scott/hunter2/x9@dbhost1:1521/svc", []string{"hunter2/x9"}, []string{"dbhost1:1521"}},
		{"an at sign and a slash for Oracle", "scott/hunter2@x9/y8@dbhost1:1521/svc", []string{"hunter2@x9/y8"}, []string{"dbhost1:1521"}},
		{"spaces in quotes for Oracle", `scott/"tig er 12345678"@dbhost1`, []string{"tig er 12345678", `"tig er 12345678"`}, []string{"dbhost1"}},
		{"the descriptor of Oracle", "scott/hunter2x9@(DESCRIPTION = (ADDRESS = (HOST = dbhost1)))", []string{"hunter2x9"}, []string{"dbhost1"}},
	} {
		t.Run(c.name, c.check)
	}
}

func TestOtherTextWithAnAtSignHasNoPassword(t *testing.T) {
	for _, c := range []secretWithParts{
		{"a sentence", "Note: mail bob1@example.com", nil, []string{"mail bob1"}},
		{"an address with a port of IPv6", "http://[2001:db8::1]:8080/users/bob@example.com", nil, []string{"db8::1]:8080/users/bob"}},
		{"a path of hosts", "mongodb://db1.example:27017,db2.example:27017/shop?mail=a@b", nil, []string{"27017,db2.example:27017/shop?mail=a"}},
		{"a path with a colon", "https://api.example.com/v1/items:batch/of@team", nil, []string{"batch/of"}},
	} {
		t.Run(c.name, c.check)
	}
}

// The secrets of products as their documentation and their consoles show them. The values are
// made up.
func TestOnlyTheSecretPartsOfARealSecretAreHidden(t *testing.T) {
	const (
		p       = "q8Zk3vT1xPw9RbL2"
		private = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
		public  = "AAAAB3NzaC1yc2EAAAADAQABAAABgQDl0k3Wc7Yx"
		pem     = `-----BEGIN PRIVATE KEY-----\n` + private + `\n-----END PRIVATE KEY-----\n`
	)
	for _, c := range []secretWithParts{
		// Databases.
		{"Cassandra over ODBC", "Contact Points=h;Keyspace=production;Uid=reporting;Password=" + p, []string{p}, []string{"production", "reporting"}},
		{"Cassandra in JSON", `{"user":"reporting","password":"` + p + `","keyspace":"production","keyspace_name":"analytics"}`, []string{p}, []string{"production", "tier: production", "analytics"}},
		{"PostgreSQL for libpq", "host=dbhost1.example port=5432 user=reporting password=" + p + " sslmode=verify-full sslkey=/etc/ssl/client.key sslpassword=zzzzzzzz9", []string{p, "zzzzzzzz9"}, []string{"dbhost1.example", "reporting", "verify-full", "/etc/ssl/client.key"}},
		{"PostgreSQL as a URL", "postgresql://reporting:" + p + "@dbhost1.example:5432/shopdata?sslmode=verify-full&sslkey=/etc/ssl/client.key", []string{p}, []string{"reporting", "dbhost1.example", "verify-full", "/etc/ssl/client.key"}},
		{"MySQL over ADO.NET", "Server=dbhost1.example;Uid=reporting;Pwd=" + p + ";AllowPublicKeyRetrieval=True;SslKey=C:\\keys\\client.pem", []string{p}, []string{"True", "reporting", "client.pem", `C:\keys\client.pem`}},
		{"MySQL over JDBC", "jdbc:mysql://dbhost1.example/shopdata?user=reporting&password=" + p + "&allowPublicKeyRetrieval=true&serverRSAPublicKeyFile=mysqlpublic", []string{p}, []string{"true", "reporting", "mysqlpublic"}},
		{"MySQL for Go", "reporting:" + p + "@tcp(dbhost1.example:3306)/shopdata", []string{p}, []string{"dbhost1.example", "3306)/shopdata"}},
		{"SQL Server", "Server=tcp:dbhost1.example,1433;Database=shopdata;User ID=reporting;Password=" + p + ";Encrypt=True;ColumnEncryptionKeyCacheTtl=7200;KeyStoreAuthentication=KeyVaultClientSecret", []string{p}, []string{"dbhost1.example", "shopdata", "KeyVaultClientSecret", "7200"}},
		{"SQL Server over JDBC", "jdbc:sqlserver://dbhost1.example:1433;databaseName=shopdata;user=reporting;password={" + p + "};trustStorePassword=zzzzzzzz9;trustStoreType=PKCS12-store", []string{p, "zzzzzzzz9"}, []string{"shopdata", "reporting", "PKCS12-store"}},
		{"Oracle", "reporting/" + p + "@dbhost1.example:1521/shopdata", []string{p}, []string{"reporting", "dbhost1.example", "shopdata", "1521/shopdata"}},
		{"Oracle over JDBC", "jdbc:oracle:thin:reporting/" + p + "@//dbhost1.example:1521/shopdata", []string{p}, []string{"dbhost1.example", "1521/shopdata"}},
		{"MongoDB", "mongodb+srv://reporting:" + p + "@cluster0.example.net/shopdata?authMechanism=SCRAM-SHA-256&tlsCertificateKeyFile=/etc/ssl/client.pem&tlsCertificateKeyFilePassword=zzzzzzzz9", []string{p, "zzzzzzzz9"}, []string{"reporting", "cluster0.example.net", "SCRAM-SHA-256", "/etc/ssl/client.pem"}},
		{"Redis of Azure", "shop.redis.example:6380,ssl=True,password=" + p + ",name=production,abortConnect=False", []string{p}, []string{"abortConnect", "production", "True"}},
		{"Snowflake over JDBC", "jdbc:snowflake://shop.example/?user=reporting&warehouse=production&private_key_file=/etc/keys/rsa_key.p8&private_key_file_pwd=" + p, []string{p}, []string{"reporting", "production", "/etc/keys/rsa_key.p8"}},
		{"Snowflake in JSON", `{"account":"shop-eu1","user":"reporting","private_key":"` + pem + `","private_key_passphrase":"` + p + `","private_key_path":"/etc/keys/rsa_key.p8","authenticator":"keypair-jwt"}`, []string{private, p}, []string{"shop-eu1", "reporting", "rsa_key.p8", "keypair-jwt"}},
		{"Databricks", "jdbc:databricks://shop.example:443/default;httpPath=/sql/1.0/warehouses;AuthMech=3;UID=token;PWD=" + p + ";TokenCachePassPhraseSize=production", []string{p}, []string{"/sql/1.0/warehouses", "production"}},
		{"ClickHouse", "clickhouse://reporting:" + p + "@dbhost1.example:9440/shopdata?secure=true", []string{p}, []string{"reporting", "shopdata"}},
		{"Cosmos DB", "AccountEndpoint=https://shop.documents.example:443/;AccountKey=" + p + "==;PartitionKey=customer-region;", []string{p + "=="}, []string{"shop.documents.example", "customer-region"}},
		{"InfluxDB", `{"url":"https://influx.example","token":"` + p + `","token_name":"default-token","token_description":"production"}`, []string{p}, []string{"default-token", "production", "influx.example"}},
		{"Redshift", `{"username":"reporting","password":"` + p + `","engine":"redshift","host":"dbhost1.example","port":5439,"masterarn":"arn:aws:secretsmanager","kms_key_arn":"arn:aws:kms:eu-west-1"}`, []string{p}, []string{"reporting", "redshift", "dbhost1.example", "arn:aws:kms:eu-west-1"}},
		// Storage and queues.
		{"Azure Storage", "DefaultEndpointsProtocol=https;AccountName=shopstorage;AccountKey=" + p + "==;EndpointSuffix=core.windows.net", []string{p + "=="}, []string{"shopstorage", "core.windows.net"}},
		{"Azure Service Bus", "Endpoint=sb://shop.servicebus.example/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=" + p + "=;EntityPath=orders-queue", []string{p + "="}, []string{"RootManageSharedAccessKey", "orders-queue", "shop.servicebus.example"}},
		{"Azure IoT Hub", "HostName=shop.azure-devices.example;DeviceId=sensor-0001;SharedAccessKey=" + p + "=", []string{p + "="}, []string{"sensor-0001", "shop.azure-devices.example"}},
		{"a shared access signature of Azure", "https://shop.blob.example/orders-2024?sv=2024-01-01&skoid=0f1e2d3c-4b5a&sig=" + p + "%3D", []string{p + "=", p + "%3D"}, []string{"orders-2024", "0f1e2d3c-4b5a"}},
		{"AWS", "[default]\naws_access_key_id = AKIAABCDEFGHIJKLMNOP\naws_secret_access_key = " + p + "/x+y\nregion = eu-central-1\n", []string{p + "/x+y"}, []string{"AKIAABCDEFGHIJKLMNOP", "eu-central-1"}},
		{"AWS in JSON", `{"AccessKeyId":"ASIAABCDEFGHIJKLMNOP","SecretAccessKey":"` + p + `","SessionToken":"FwoGZXIvYXdzEBYa","Expiration":"2030-01-02T03:04:05Z"}`, []string{p, "FwoGZXIvYXdzEBYa"}, []string{"ASIAABCDEFGHIJKLMNOP", "2030-01-02T03:04:05Z"}},
		{"S3 for Hadoop", "fs.s3a.access.key=AKIAABCDEF;fs.s3a.secret.key=" + p + ";fs.s3a.server-side-encryption-algorithm=SSE-KMS-aws", []string{p}, []string{"SSE-KMS-aws"}},
		{"Kafka", `org.apache.kafka.common.security.plain.PlainLoginModule required username="reporting" password="` + p + `";`, []string{p}, []string{"reporting"}},
		{"Kafka in a file", "bootstrap.servers=broker1.example:9092\nssl.keystore.location = /etc/kafka/client.jks\nssl.keystore.type = PKCS12-store\nssl.keystore.password = " + p + "\nssl.key.password = zzzzzzzz9\nssl.endpoint.identification.algorithm = https-strict\n", []string{p, "zzzzzzzz9"}, []string{"/etc/kafka/client.jks", "PKCS12-store", "https-strict"}},
		{"RabbitMQ", "amqps://reporting:" + p + "@mq.example:5671/production?keyfile=/etc/ssl/client.key", []string{p}, []string{"reporting", "production", "/etc/ssl/client.key"}},
		{"NATS", "nats://" + "reporting:" + p + "@nats1.example:4222,nats2.example:4222", []string{p}, []string{"reporting", "nats2.example"}},
		// Services.
		{"Google", `{"type":"service_account","project_id":"shop-production","private_key_id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","private_key":"` + pem + `","client_email":"etl@shop.example","client_id":"123456789012345678901","auth_uri":"https://accounts.google.com/o/oauth2/auth","token_uri":"https://oauth2.googleapis.com/token","auth_provider_x509_cert_url":"https://www.googleapis.com/oauth2/v1/certs","universe_domain":"googleapis.com"}`,
			[]string{private}, []string{"shop-production", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "etl@shop.example", "https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/auth", "https://www.googleapis.com/oauth2/v1/certs"}},
		{"a client of OAuth 2.0", `{"client_id":"shop-client-1","client_secret":"` + p + `","refresh_token":"zzzzzzzz9","token_type":"Bearer-token","access_token_url":"https://auth.example/token","expires_in":3600,"token_expires_at":"2030-01-02","token_endpoint_auth_method":"client_secret_basic"}`,
			[]string{p, "zzzzzzzz9"}, []string{"shop-client-1", "Bearer-token", "https://auth.example/token", "2030-01-02", "client_secret_basic"}},
		{"a signing key", `{"key_name":"primary-key","signing_key":"` + p + `","signing_key_algorithm":"RS256-standard","key_size":"2048-bits","key_format":"pkcs8-format","key_version":"production-2"}`,
			[]string{p}, []string{"primary-key", "RS256-standard", "2048-bits", "pkcs8-format", "production-2"}},
		{"a JSON Web Key", `{"kty":"EC","crv":"P-256-curve","kid":"production-2024","use":"sig","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","d":"` + p + `"}`, []string{p}, []string{"P-256-curve", "production-2024", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}},
		{"an AppRole of Vault", `{"role_id":"role-production","secret_id":"` + p + `","mount_path":"auth/approle"}`, []string{p}, []string{"role-production", "auth/approle"}},
		{"Stripe", `{"publishable_key":"pk_live_51Hxyzabcdef","secret_key":"` + p + `","public_token":"production"}`, []string{p}, []string{"pk_live_51Hxyzabcdef", "production"}},
		{"Oracle Cloud", "[DEFAULT]\nfingerprint = 20:3b:97:13:55:1c\nkey_fingerprint = 20:3b:97:13:55:1c\nkey_file = /home/etl/.oci/oci_api_key.pem\npass_phrase = production1\npassphrase = " + p + "\n", []string{p}, []string{"20:3b:97:13:55:1c", "/home/etl/.oci/oci_api_key.pem"}},
		{"Sentry", "https://0f1e2d3c:" + p + "@sentry.example/4501", []string{p}, []string{"sentry.example/4501"}},
		{"Application Insights", "InstrumentationKey=" + p + ";IngestionEndpoint=https://eu.in.example/;ApplicationId=shop-app-1", []string{p}, []string{"https://eu.in.example/", "shop-app-1"}},
		{"a configuration in YAML", "host: db.example.com\nuser: reporting\ntls_key: /etc/ssl/client.key\npassword: '" + p + "'\nurl: amqp://app:zzzzzzzz9@mq.example\ndatabase: app:yyyyyyyy8@tcp(dbhost1:3306)/shopdata\n", []string{p, "zzzzzzzz9", "yyyyyyyy8"}, []string{"db.example.com", "reporting", "/etc/ssl/client.key", "shopdata"}},
		{"a password of few digits and words", `{"api_key":"12345","password":"null","secret":"False","token":"123456"}`, []string{"123456"}, []string{"12345 rows", "null", "False"}},
		{"a token that is a switch", "https://api.example/export?token=true&key=none&api_key=" + p, []string{p}, []string{"true", "none"}},
		{"properties of a host of MySQL", "jdbc:mysql://(host=h,sslKey=true,password=" + p + ")/db", []string{p}, []string{"true"}},
		{"a JSON string", `"` + p + `"`, []string{p}, nil},
		{"a list of keys in JSON", `["` + p + `","zzzzzzzz9","false"]`, []string{p, "zzzzzzzz9"}, []string{"false"}},
		// Files with keys.
		{"a key of PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\nComment: production-server at shop\r\nPublic-Lines: 2\r\n" + public + "\r\nAAAAC3NzaC1lZDI1NTE5\r\nPrivate-Lines: 1\r\n" + private + "\r\nPrivate-MAC: 0f1e2d3c4b5a69788796\r\n",
			[]string{private, "0f1e2d3c4b5a69788796"}, []string{"ssh-ed25519", "production-server", "production-server at shop", public, "AAAAC3NzaC1lZDI1NTE5"}},
		{"a key of PuTTY with pasted line ends", `PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: production\nPublic-Lines: 1\n` + public + `\nPrivate-Lines: 1\n` + private + `\nPrivate-MAC: 0f1e2d3c4b5a69788796`, []string{private}, []string{"production", public}},
		{"a key of OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----\n" + private + "\nb3BlbnNzaC1r\n-----END OPENSSH PRIVATE KEY-----\n", []string{private, "b3BlbnNzaC1r"}, []string{"OPENSSH PRIVATE KEY"}},
		{"a key of PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\nComment: https://gnupg.example\n\n" + private + "\n-----END PGP PRIVATE KEY BLOCK-----\n", []string{private}, []string{"https://gnupg.example", "GnuPG v2"}},
		{"a key of OpenSSL with its certificate", "-----BEGIN CERTIFICATE-----\n" + public + "\n-----END CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0F1E2D3C4B5A6978\n\n" + private + "\n-----END RSA PRIVATE KEY-----\n", []string{private}, []string{public, "AES-256-CBC,0F1E2D3C4B5A6978"}},
		{"a key with its public key in JSON", `{"public_key":"` + public + `","ssh_public_key":"ssh-ed25519 ` + public + `","private_key":"` + private + `"}`, []string{private}, []string{public}},
		{"a file with a key on one line", "-----BEGIN PRIVATE KEY----- " + private + " AgEAAoIBAQC7VJTUt9Us8cKj -----END PRIVATE KEY-----", []string{private, "AgEAAoIBAQC7VJTUt9Us8cKj"}, []string{"PRIVATE KEY"}},
	} {
		t.Run(c.name, c.check)
	}
}

// The digits of bytes contain no white space and no quotes, so they show what the part is.
func TestAPartIsHiddenInHexAsItReads(t *testing.T) {
	for name, c := range map[string]struct{ secret, part string }{
		"a key pasted with its line end":        {"q8Zk3vT1xPw9\n", "q8Zk3vT1xPw9"},
		"a backslash in a quoted value":         {`host=db user=app password='q8Zk\'3vT1xPw9'`, `q8Zk'3vT1xPw9`},
		"a plus sign for a space in a URL":      {"https://api.example.com/x?token=q8Zk3vT1+xPw9", "q8Zk3vT1 xPw9"},
		"a backslash in a quoted Oracle login":  {`app/"q8Zk\3vT1xPw9"@db.example.com/shop`, `q8Zk\3vT1xPw9`},
		"a password in a quoted value of Azure": {`Server=db;Pwd="q8Zk""3vT1xPw9"`, `q8Zk"3vT1xPw9`},
	} {
		t.Run(name, func(t *testing.T) {
			digits := hex.EncodeToString([]byte(c.part))
			set := redact.New([]string{c.secret})
			assert.Equal(t, "the login ([redacted]) failed", set.Text("the login ("+digits+") failed"))
			assert.True(t, set.InData([]byte(`{"a":"`+digits+`"}`)))
		})
	}
}
