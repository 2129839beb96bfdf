// Package fault is the rule language of faultcache and faultstore: which operations of a driver go wrong, and how.
//
//	get c/* delay 3s                       each read of a chunk takes three seconds more
//	set fail 10%                           one write in ten fails
//	compare-and-set current lose times 1   the pointer is moved once without its mover hearing of it
//	get throttle 50% after 100 for 20      of the reads 101 to 120 half are refused
//	* stop after 17                        the connection is lost at the 18th operation
//
// A text holds rules, divided by ";" or by line ends. A rule is words, divided by blanks; what stands in brackets may be left out:
//
//	operation [key] action [amount] [chance%] [after n] [for n] [times n]
//
//	operation  one of the contract's, or * for all that the action can befall
//	key        a cache's key or a store's table, as the schema names it; with * at its end all that begin so. It may begin behind any slash of the key, so that c/* are the
//	           chunks of all catalogs. One that is called as an action is needs its *
//	action     see below
//	chance     how often the rule hits what it is for, such as 0.5%; else always
//	after n    the first n operations that the rule is for are let be
//	for n      the rule is over after n more, hit or not
//	times n    the rule is over after n hits
//
// What can happen:
//
//	action     cache                       store             what it does
//	delay d    all                         all               waits before the operation, such as 250ms, at most 24h
//	fail       all                         all               unavailable; the operation is not done
//	throttle   all                         all               the same, counted apart: the contracts have one error for both
//	stop       all                         all               this operation and all later ones fail, whatever they are, until the rules change
//	lose       all but get                                   done, but the answer is lost: unavailable
//	drop       get, set                    scan, get, query  a value that is there is not found; one that is set is not kept
//	evict      get, touch,                                   the value is deleted first
//	           compare-and-set
//	corrupt    get, set                    scan, get, query  one byte of the value is another one
//	cut n                                  scan              ends with unavailable when n entities were given and there are more
//	page n                                 scan, query       hands out at most n entities at once
//
// One call is one operation, whatever number of keys it has, for all actions but drop, evict and corrupt: for these it is each value. A rule counts the operations that it is for, those that another
// rule makes fail too, but for values that are not there. Of several rules that hit an operation all have their effect: delays add up, then the first failure ends it.
//
// Chance comes from a seed, the rule's place in the text, the operation, its key and how often the two met before. So goroutines that work on different keys at once do not disturb it; what after, for
// and times count is the order of operations, which is the caller's to repeat.
package fault

// Action is what a rule does.
type Action string

// The actions of all languages: see the package comment.
const (
	Delay    Action = "delay"
	Fail     Action = "fail"
	Throttle Action = "throttle"
	Stop     Action = "stop"
	Lose     Action = "lose"
	Drop     Action = "drop"
	Evict    Action = "evict"
	Corrupt  Action = "corrupt"
	Cut      Action = "cut"
	Page     Action = "page"
)

// actions is the order in which messages name them.
var actions = []Action{Delay, Fail, Throttle, Stop, Lose, Drop, Evict, Corrupt, Cut, Page}

// onValue says whether the action befalls values, one by one, and not calls.
func (a Action) onValue() bool { return a == Drop || a == Evict || a == Corrupt }

// Language is the rules for one kind of driver.
type Language struct {
	// Kind is "cache" or "store", for messages.
	Kind string
	// Operations are the contract's, as rules name them.
	Operations []string
	// Actions are the operations that each action can befall.
	Actions map[Action][]string
	// Unavailable is the contract's error for what a rule makes fail.
	Unavailable error
}
