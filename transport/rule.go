package transport

import (
	"errors"
	"fmt"
)

// An Action is what a [Rule] does about an answer.
type Action int

// The actions of a rule. The zero Action is none, and refused by [WithRules].
const (
	// DoFail fails the request at once.
	DoFail Action = iota + 1
	// DoBlame fails the request at once, with an error whose Configuration
	// method reports true.
	DoBlame
	// DoRepeat repeats the request as [Retry] allows, whatever its method, and
	// waits as long as the answer asks for.
	DoRepeat
	// DoIgnore takes the answer for an empty one: no records for [Records], the
	// zero value for [Get], and the answer as it is for [Client.Do].
	DoIgnore
	// DoRefresh renews the credentials and repeats the request, once. Where
	// the client's Auth can't, or it doesn't help, the request fails like one
	// that was answered 401.
	DoRefresh
	// DoSplit fails the request with [ErrSplit], which tells who asks by
	// windows of time ([EachWindow]) to ask for less.
	DoSplit
)

// ErrSplit is wrapped by the error of a request that asked for too much at a
// time, as a [Rule] says.
var ErrSplit = errors.New("the request asks for too much at a time")

// A Rule changes what is done about an answer of the source.
type Rule struct {
	// Status is the HTTP status that the rule is about. Optional; 0 is any, and
	// then When is required.
	Status int

	// When says whether the rule is about an answer, for what only its body or
	// headers tell, an error sent with status 200 included. It must not change
	// the answer. Optional; the default is every answer with the status.
	When func(*Response) bool

	// Do is what to do. Required.
	Do Action
}

// WithRules changes what is done about answers of the source. The first rule
// that is about an answer decides; where none is, [Retry] does. Rules of
// several WithRules are tried in their order.
func WithRules(rules ...Rule) Option {
	return func(s *settings) {
		for i, r := range rules {
			switch {
			case r.Do < DoFail || r.Do > DoSplit:
				s.fail("WithRules: rule %d: Do is required", i)
			case r.Status == 0 && r.When == nil:
				s.fail("WithRules: rule %d: Status or When is required", i)
			default:
				s.rules = append(s.rules, r)
			}
		}
	}
}

// ruleFor returns the rule that is about an answer, or nil.
func (k *call) ruleFor(resp *Response) *Rule {
	for i := range k.client.rules {
		r := &k.client.rules[i]
		if (r.Status == 0 || r.Status == resp.Status) && (r.When == nil || r.When(resp)) {
			return r
		}
	}
	return nil
}

// A ruledError is an answer that a rule decides about.
type ruledError struct{ rule *Rule }

func (e *ruledError) Error() string {
	if e.rule.Do == DoSplit {
		return ErrSplit.Error()
	}
	return "a rule of the client refuses the answer"
}

func (e *ruledError) Is(target error) bool { return target == ErrSplit && e.rule.Do == DoSplit }

// judgeRule says what a rule does about an answer.
func (k *call) judgeRule(r *Rule, resp *Response) verdict {
	v := verdict{reason: fmt.Sprintf("%s, by a rule", statusText(resp.Status))}
	switch r.Do {
	case DoBlame:
		v.kind = configuration
	case DoRepeat:
		v.kind, v.again = temporary, true
	case DoRefresh:
		v.kind = configuration
		_, v.refresh = k.client.auth.(refresher)
	}
	return v
}
