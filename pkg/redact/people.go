package redact

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/lazy"
	"github.com/stageward/stageward/pkg/order"
	"github.com/stageward/stageward/pkg/suppose"
)

const (
	webFlow = "web-flow"
	host    = "@users.noreply.example"
	// What GitHub writes for itself.
	gitHub, gitHubMail = "GitHub", "noreply@github.com"
	// supposedNumbers is what the numbers of people are greater than who are made up.
	supposedNumbers = 1 << 40
	// mostLogin is longer than any login: GitHub takes 39 characters, and its server a few
	// more behind them.
	mostLogin = 100
)

var (
	standIn = lazy.New(`^person-[1-9][0-9]*$`)
	address = lazy.New(`(?:"[^"\r\n]*"|[\pL\pN\pM._+-]+)[@\x{FF20}](?:(?:[\pL\pN\pM-]+\.)+[\pL\pM]{2,}|localhost\b)`)
)

// people knows who stands for whom. It is told of everybody before anybody is asked
// for, so that the order in which facts are read does not matter.
type people struct {
	// kept are logins that stay, again is true for facts that were redacted before.
	kept  map[string]bool
	again bool
	// numbers has those of each login, by its key; mails the login behind an e-mail,
	// or "" where no account is known; names the e-mail behind a name.
	numbers map[string][]int64
	mails   map[string]string
	names   map[string]string
	// kinds has what each login is said to be, program or person.
	kinds map[string]string
	// instead is the stand-in of a login or of an e-mail without one, number that of
	// a number.
	instead map[string]string
	number  map[int64]int64
	// spoken are full names, the longest first; last is how many stand-ins were tried.
	spoken []spelling
	last   int
}

func newPeople(logins []string, again bool) *people {
	p := &people{
		kept: map[string]bool{webFlow: true}, again: again, numbers: map[string][]int64{}, mails: map[string]string{},
		names: map[string]string{}, kinds: map[string]string{}, instead: map[string]string{}, number: map[int64]int64{},
	}
	for _, each := range logins {
		p.kept[fact.LoginKey(each)] = true
	}
	return p
}

// meet tells of an account. number is 0 where it is not known.
func (p *people) meet(login string, number int64) {
	key := fact.LoginKey(login)
	if key == "" {
		return
	}
	known := p.numbers[key]
	if number != 0 && !slices.Contains(known, number) {
		known = append(known, number)
	}
	p.numbers[key] = known
}

// sort tells of what kind an account is. One that was ever a person's is a person's.
func (p *people) sort(login, kind string) {
	if key := fact.LoginKey(login); kind == string(fact.Bot) && p.kinds[key] == "" || kind != string(fact.Bot) {
		p.kinds[key] = kind
	}
}

// hear tells of somebody who wrote an object. login is "" where GitHub links none.
func (p *people) hear(name, mail, login string) {
	if mail = strings.ToLower(mail); mail == gitHubMail || name+mail == "" {
		return
	}
	if p.mails[mail] == "" {
		p.mails[mail] = fact.LoginKey(login)
	}
	if _, known := p.names[name]; !known {
		p.names[name] = mail
	}
}

// stays reports whether a login is nobody's whom the policy does not name.
func (p *people) stays(key string) bool {
	return key == "" || p.kept[key] || p.isProgram(key) || p.again && standIn.MatchString(key)
}

func (p *people) isProgram(key string) bool {
	return key == webFlow || strings.HasSuffix(key, "[bot]") || p.kinds[key] == string(fact.Bot)
}

// assign gives everybody a stand-in.
func (p *people) assign() {
	for _, key := range slices.Sorted(maps.Keys(p.numbers)) {
		if p.instead[key] = key; !p.stays(key) {
			p.instead[key] = p.next()
		}
		p.count(p.instead[key], p.numbers[key])
	}
	for _, mail := range slices.Sorted(maps.Keys(p.mails)) {
		if p.mails[mail] == "" && !p.isStandIn(mail) {
			p.instead[mail] = p.next()
		}
	}
	for name := range p.names {
		if found, can := spellingOf(name); can && len(name) > 2 && !p.stays(fact.LoginKey(name)) {
			p.spoken = append(p.spoken, found)
		}
	}
	order.By(p.spoken, func(a, b spelling) int { return cmp.Or(len(b.name)-len(a.name), strings.Compare(a.name, b.name)) })
}

// next returns a stand-in. A login that looks like one is nobody's.
func (p *people) next() string {
	for {
		p.last++
		name := fmt.Sprintf("person-%d", p.last)
		if _, taken := p.numbers[name]; !taken {
			return name
		}
	}
}

func (p *people) isStandIn(mail string) bool {
	name, ours := strings.CutSuffix(mail, host)
	return ours && p.again && standIn.MatchString(name)
}

// count gives the numbers of an account others. A login that two accounts had stays one
// that two accounts had.
func (p *people) count(name string, numbers []int64) {
	slices.Sort(numbers)
	for i, each := range numbers {
		if _, known := p.number[each]; known {
			continue
		}
		seed := name
		if i > 0 {
			seed = fmt.Sprintf("%s %d", name, i+1)
		}
		if p.number[each] = suppose.Number(seed); p.again && each > supposedNumbers || p.isProgram(name) {
			p.number[each] = each
		}
	}
}

// of returns who stands for a login.
func (p *people) of(login string) string {
	key := fact.LoginKey(login)
	if name, known := p.instead[key]; known && !p.stays(key) {
		return name
	}
	if p.stays(key) {
		return login
	}
	return nobody
}

// line returns who stands for somebody who wrote an object, with an e-mail.
func (p *people) line(mail string) (name, address string) {
	if mail = strings.ToLower(mail); mail == gitHubMail {
		return gitHub, mail
	}
	name = p.instead[mail]
	if login := p.mails[mail]; login != "" {
		name = p.of(login)
	}
	if p.isStandIn(mail) {
		name = strings.TrimSuffix(mail, host)
	}
	if name == "" {
		name = nobody
	}
	return name, name + host
}

// without returns a text without the people in it. spared are words that stay.
func (p *people) without(text string, spared map[string]bool) string {
	text = address.ReplaceAllStringFunc(text, func(mail string) string {
		if p.again && strings.HasSuffix(mail, host) {
			return mail
		}
		_, instead := p.line(mail)
		return instead
	})
	for _, each := range p.spoken {
		if !spared[strings.ToLower(each.name)] {
			instead, _ := p.line(p.names[each.name])
			text = each.replace(strings.ReplaceAll(text, each.name, instead), instead)
		}
	}
	return eachWord(text, isOfLogin, func(word string) string { return p.inWord(word, spared) })
}

func isOfLogin(char rune) bool {
	return char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z' || char >= '0' && char <= '9' || char == '-' || char == '_'
}

// inWord looks for logins in a word, and between its hyphens, the longest first.
func (p *people) inWord(word string, spared map[string]bool) string {
	var out strings.Builder
	for word != "" {
		length := p.longest(word, spared)
		out.WriteString(p.of(word[:length]))
		if length == 0 {
			length = strings.IndexFunc(word+"-", isHyphen)
			out.WriteString(p.numbered(word[:length], spared))
		}
		word = word[length:]
		if word != "" {
			out.WriteByte(word[0])
			word = word[1:]
		}
	}
	return out.String()
}

// longest returns how long the longest login is with which a word begins; 0 for none.
func (p *people) longest(word string, spared map[string]bool) int {
	if p.named(word, spared) {
		return len(word)
	}
	for end := min(len(word)-1, mostLogin); end > 0; end-- {
		if isHyphen(rune(word[end])) && p.named(word[:end], spared) {
			return end
		}
	}
	return 0
}

func isHyphen(char rune) bool { return char == '-' || char == '_' }

func (p *people) named(part string, spared map[string]bool) bool {
	if len(part) > mostLogin {
		return false
	}
	key := fact.LoginKey(part)
	_, known := p.numbers[key]
	return known && !p.stays(key) && !spared[key] && strings.Trim(key, "0123456789") != ""
}

// eachWord replaces each longest piece of a text that consists of such characters.
func eachWord(text string, in func(rune) bool, with func(string) string) string {
	var out strings.Builder
	start := -1
	for i, char := range text {
		switch {
		case in(char) && start < 0:
			start = i
		case !in(char) && start >= 0:
			out.WriteString(with(text[start:i]))
			start = -1
		}
		if !in(char) {
			out.WriteString(text[i : i+len(string(char))])
		}
	}
	if start >= 0 {
		out.WriteString(with(text[start:]))
	}
	return out.String()
}
