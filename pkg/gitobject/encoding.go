package gitobject

import (
	"regexp"
	"strings"
	"sync"
)

// asciiKept are the encodings in which every byte of ASCII text means what it
// does in ASCII, so that a reader who ignores the encoding is not shown other
// words. UTF-7, UTF-16, EBCDIC and those that switch by escape sequences
// (ISO-2022) are not among them. The names are those of iconv and WHATWG that
// programs write, in lower case and without "-" and "_".
//
// Few commits name an encoding, so it is compiled when the first one does.
var asciiKept = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\A(?:` + strings.Join([]string{
		`utf8|(?:us)?ascii|ansix3\.41968`,
		`iso8859(?:[1-9]|1[0-1]|1[3-6])|latin(?:[1-9]|10)`,
		`(?:windows|cp)125[0-8]`,
		`cp(?:437|737|775|85[02578]|86[0-69]|874|932|936|949|950)`,
		`koi8(?:r|u|ru)`,
		`euc(?:jp|kr|cn|tw)|s(?:hift)?jis|gbk|gb2312|gb18030|big5`,
	}, "|") + `)\z`)
})

func keepsASCII(encoding string) bool {
	return asciiKept().MatchString(strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(encoding)))
}
