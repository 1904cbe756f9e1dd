package secretspelling

import "net/url"

// addresses returns the addresses of databases and URLs that contain a password or a
// token. The scheme, the host and the other parameters are not confidential.
func addresses(g generator) []Kind {
	host := "db.example.com"
	plain := func() string { return g.text(14, alphanum) }
	marked := func() string { return "p@s:" + g.text(6, alphanum) + "/w?r#d%" + g.text(4, alphanum) }
	around := func(name, before, password, after string, decoded ...string) Kind {
		return Kind{Name: name, Value: before + password + after, Parts: append([]string{password}, decoded...)}
	}
	escaped := func(name, before, after string) Kind {
		password := marked()
		return around(name, before, url.QueryEscape(password), after, password)
	}
	fused := func(k Kind) Kind {
		k.Fused = true
		return k
	}
	return []Kind{
		around("a URL of PostgreSQL", "postgres://app:", plain(), "@"+host+":5432/shop?sslmode=require"),
		escaped("a URL of PostgreSQL with an escaped password", "postgres://app:", "@"+host+":5432/shop"),
		around("a DSN of MySQL", "app:", plain(), "@tcp("+host+":3306)/shop?parseTime=true"),
		around("a connection string of libpq", "host="+host+" user=app password=", plain(), " dbname=shop"),
		around("a connection string of ODBC", "Server="+host+";Database=shop;Uid=app;Password=", plain(), ";Encrypt=yes"),
		around("a URL of JDBC", "jdbc:sqlserver://"+host+":1433;user=app;password=", plain(), ";encrypt=true"),
		escaped("a URL of MongoDB", "mongodb+srv://app:", "@"+host+"/shop?w=majority"),
		around("a URL of Redis", "redis://:", plain(), "@"+host+":6379/0"),
		around("a URL of AMQP", "amqps://app:", plain(), "@"+host+"/vhost"),
		fused(around("the URL of a webhook", "https://hooks.example.com/services/T0/B0/", g.text(24, alphanum), "")),
		escaped("a signed URL", "https://blob.example.com/shop/orders.csv?se=2030&sig=", ""),
		around("a connection string of a storage account", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=", g.base64(64), ";EndpointSuffix=example.com"),
		escaped("a shared access signature", "sv=2024-01-01&sp=r&sig=", "&se=2030"),
	}
}
