package paging

import "github.com/penstock-sdk/penstock/transport"

// flags returns the reason why page is the last one according to MoreAt and DoneAt, or
// "".
func (k Keyset) flags(page *transport.Page) (stop string, err error) {
	_, stop, err = flags(page, k.MoreAt, k.DoneAt, k.Optional)
	return stop, err
}
