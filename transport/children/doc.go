// Package children reads what belongs to other records, several parents at a
// time: the items of every order, the issues of every project, the rows of every
// account in a list. It does not depend on net/http.
//
//	orders := transport.Records[Order](ctx, client, ordersRequest, paging.NextURL{At: "next"})
//	for item, err := range children.Each(ctx, orders, 4, c.itemsOf) {
//		if err != nil {
//			return err
//		}
//		...
//	}
//
// [Each] yields the children. [Families] yields each parent with its children.
// [List] makes the parents from a slice.
package children
