package transport

import (
	"fmt"
	"net/http"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/status"
	"github.com/penstock-sdk/penstock/transport/timewindow"
)

// An Action determines how a [Rule] handles a response.
type Action int

// The actions of a rule. The zero Action is not valid.
const (
	// DoFail fails the request immediately.
	DoFail Action = iota + 1
	// DoBlame fails the request immediately, with an error whose Configuration method
	// returns true.
	DoBlame
	// DoRepeat repeats the request as [WithRetry] describes, even if its method is
	// not idempotent. If the response asks for a wait, the client waits that long. The
	// Wait of the rule can read the wait from the body.
	DoRepeat
	// DoIgnore treats the response as empty: [Records] and [Stream] yield no records,
	// [Get] returns the zero value, and [Client.Do] the response as it is. An ignored
	// page does not say which page follows it. With a paging that reads that from the
	// page, such as paging.NextURL, ignoring any but the first page is an error. A 304 must
	// not be ignored on any of several pages, or by Get ([ErrNotModified]): use
	// [Request].Validators instead.
	DoIgnore
	// DoRefresh renews the credentials and repeats the request, once. If the client's
	// Auth cannot renew them, or the source refuses the new ones, the request fails
	// as with a 401.
	DoRefresh
	// DoSplit fails the request with [timewindow.ErrSplit]. timewindow.Each then
	// divides the window into halves.
	DoSplit
)

// A Rule changes how some responses of a source are handled.
type Rule struct {
	// Status is the HTTP status of the responses that the rule applies to. Optional;
	// 0 means any status, and then When is required.
	Status int

	// When reports whether the rule applies to a response with the status, by its
	// body or headers. The Location of a redirect is an absolute URL. The function may
	// also find an error in a response with status 200. It must not change the response.
	// For [Stream] and [Report], a response with status 2xx has no Body, because that is
	// read later. Optional; the default is every response with the status.
	When func(*Response) bool

	// Do is the action for these responses. Required.
	Do Action

	// Wait returns how long the source asks to wait, for sources that say so in the
	// body, such as a GraphQL API that reports the cost of a query and the rate at which
	// its budget is restored. It is called for responses that the rule applies to, and
	// must not change them. It may be set only with DoRepeat. Optional; the default is
	// to use Retry-After and the headers of the source's limits.
	//
	// All requests of the group ([WithLimitKey]) pause for that time, and the attempt
	// does not count toward retry.Policy.Attempts, just as after a Retry-After.
	// retry.Policy.Elapsed still applies. If Wait returns false or a wait that is not
	// positive, the default applies.
	Wait func(*Response) (time.Duration, bool)
}

// WithRules adds rules for responses of the source. The first rule that applies to a
// response decides. If none does, [WithRetry] applies. If there are several WithRules
// options, their rules are tried in order.
func WithRules(rules ...Rule) Option {
	return func(s *settings) {
		for i, r := range rules {
			switch {
			case r.Do < DoFail || r.Do > DoSplit:
				s.fail("WithRules: rule %d: Do is required", i)
			case r.Status == 0 && r.When == nil:
				s.fail("WithRules: rule %d: Status or When is required", i)
			case r.Wait != nil && r.Do != DoRepeat:
				s.fail("WithRules: rule %d: Wait requires the action DoRepeat", i)
			default:
				s.rules = append(s.rules, r)
			}
		}
	}
}

// applyRule applies the first rule that matches a response. It marks the response as
// ignored, or returns a ruledError. Without a matching rule, it does nothing.
func (k *call) applyRule(resp *Response) error {
	if err := k.notModified(resp); err != nil || resp.unmodified {
		return err
	}
	for i := range k.client.rules {
		r := &k.client.rules[i]
		if r.Status != 0 && r.Status != resp.Status || r.When != nil && !r.When(resp) {
			continue
		}
		if r.Do != DoIgnore {
			return &ruledError{r}
		}
		resp.ignored = true
		return nil
	}
	if resp.Status == http.StatusNotModified {
		return ErrNotModified
	}
	return nil
}

// A ruledError reports a response that a rule applies to.
type ruledError struct{ rule *Rule }

func (e *ruledError) Error() string {
	switch e.rule.Do {
	case DoSplit:
		return timewindow.ErrSplit.Error()
	case DoRepeat:
		return "a rule repeats this response"
	}
	return "a rule of the client rejects the response"
}

func (e *ruledError) Is(target error) bool {
	return target == timewindow.ErrSplit && e.rule.Do == DoSplit
}

// judgeRule applies a rule to decide how to handle a response.
func (k *call) judgeRule(r *Rule, resp *Response) verdict {
	v := verdict{reason: fmt.Sprintf("%s, by a rule", status.Text(resp.Status))}
	switch r.Do {
	case DoBlame:
		v.kind = configuration
	case DoRepeat:
		v.kind, v.again = temporary, true
		v.wait, v.asked = k.ruledWait(r, resp)
	case DoRefresh:
		v.kind = configuration
		_, v.refresh = k.client.auth.(refresher)
	}
	return v
}

// ruledWait returns the wait that a response asks for to which a rule applies.
func (k *call) ruledWait(r *Rule, resp *Response) (time.Duration, bool) {
	if r.Wait != nil {
		if d, ok := r.Wait(resp); ok && d > 0 {
			d = roundUp(min(d, maxAskedWait))
			k.pause(d, "the source asks to wait")
			return d, true
		}
	}
	return k.askedWait(resp.Status, resp.Header)
}
