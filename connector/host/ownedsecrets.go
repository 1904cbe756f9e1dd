package host

import (
	"cmp"
	"slices"
)

// ownedSecrets are secrets that their owners replace, such as the tokens that clients obtain.
// An old one may still be valid, and a source may repeat it in an error, so all of them are
// kept until there are too many:
//
//   - more than maxOwned, or
//   - more than maxOldText bytes of those that are not among the latest few of their owner.
//     The patterns of a secret take about 60 times its size, and one client may renew a long
//     token every few seconds.
//
// Then the oldest ones of all owners are dropped, until half of the limit is left. The latest
// few of each owner are dropped last: a client that often renews its token does not displace
// the valid tokens of the others.
type ownedSecrets struct {
	owners map[any]*owned
	uses   int // the number of calls of add
	count  int // the number of secrets
	size   int // their size in bytes
	bound  int // the size at which drop looks whether there are too many
}

// owned holds the secrets of one owner. The one that was used last is the last one.
type owned struct{ secrets []ownedSecret }

type ownedSecret struct {
	value string
	used  int // the number of the latest call of add with it
}

const (
	// maxOwned is the number of secrets of all owners. Each takes about 10 KB.
	maxOwned = maxHidden
	// fewOwned is the number of the latest secrets of an owner that do not count as old: two
	// tokens and two refresh tokens of a source that replaces both.
	fewOwned = 4
	// maxOldText is the size in bytes of the old secrets of all owners.
	maxOldText = 1 << 20
)

// add adds secrets of an owner. It returns those that the owner did not have.
func (o *ownedSecrets) add(owner any, secrets []string) (added []string) {
	if len(secrets) == 0 {
		return nil
	}
	of := o.owners[owner]
	if of == nil {
		if o.owners == nil {
			o.owners = map[any]*owned{}
		}
		of = &owned{}
		o.owners[owner] = of
	}
	o.uses++
	for _, s := range secrets {
		if at := of.find(s); at >= 0 {
			of.secrets = slices.Delete(of.secrets, at, at+1)
		} else {
			o.count, o.size = o.count+1, o.size+len(s)
			added = append(added, s)
		}
		of.secrets = append(of.secrets, ownedSecret{s, o.uses})
	}
	return added
}

// find returns the index of a secret, or -1. It starts with the latest one, which is the one
// in use.
func (o *owned) find(secret string) int {
	at := len(o.secrets) - 1
	for at >= 0 && o.secrets[at].value != secret {
		at--
	}
	return at
}

// drop drops old secrets if there are too many. It reports whether it has dropped any.
func (o *ownedSecrets) drop() bool {
	if o.count <= maxOwned && o.size <= max(o.bound, maxOldText) {
		return false
	}
	type secret struct {
		of   *owned
		age  int // the number of later secrets of the owner
		used int
		len  int
	}
	all, old := make([]secret, 0, o.count), 0
	for _, of := range o.owners {
		for i, one := range of.secrets {
			s := secret{of, len(of.secrets) - 1 - i, one.used, len(one.value)}
			if all = append(all, s); s.age >= fewOwned {
				old += s.len
			}
		}
	}
	before, maxCount, maxOld := o.count, maxOwned, maxOldText
	if o.count > maxOwned || old > maxOldText {
		// Half of the limits, so that this work is seldom done.
		maxCount, maxOld = maxOwned/2, maxOldText/2
	}
	slices.SortFunc(all, func(a, b secret) int {
		if a.age >= fewOwned && b.age >= fewOwned {
			return cmp.Or(cmp.Compare(b.used, a.used), cmp.Compare(a.age, b.age))
		}
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(b.used, a.used))
	})
	kept := map[*owned]int{}
	o.count, o.size, old = 0, 0, 0
	for _, s := range all {
		if s.age >= fewOwned {
			old += s.len
		}
		if o.count == maxCount || old > maxOld {
			break
		}
		o.count, o.size = o.count+1, o.size+s.len
		kept[s.of]++
	}
	for owner, of := range o.owners {
		of.secrets = slices.Clone(of.secrets[len(of.secrets)-kept[of]:])
		if len(of.secrets) == 0 {
			delete(o.owners, owner)
		}
	}
	o.bound = o.size + maxOldText/2
	return o.count < before
}

// all returns the secrets of all owners.
func (o *ownedSecrets) all() []string {
	all := make([]string, 0, o.count)
	for _, of := range o.owners {
		for _, one := range of.secrets {
			all = append(all, one.value)
		}
	}
	return all
}
