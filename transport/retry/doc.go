// Package retry repeats functions whose failure may be temporary, such as a database
// query whose connection breaks. It does not depend on net/http.
//
//	var policy retry.Policy // 8 attempts within 15 minutes
//	err := policy.Do(ctx, func(ctx context.Context) error {
//		rows, err := db.QueryContext(ctx, query)
//		if isSyntaxError(err) {
//			return retry.Permanent(err)
//		}
//		...
//	})
//
// A client of package transport repeats its requests by itself. The option
// transport.WithRetry sets its policy.
package retry
