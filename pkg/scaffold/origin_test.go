package scaffold_test

import (
	"strings"
	"testing"

	"github.com/stageward/stageward/pkg/scaffold"
)

func TestWhereACloneIsFrom(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                                           "",
		"/srv/git/shop.git":                          "",
		"file:///srv/git/acme/shop.git":              "",
		"../shop":                                    "",
		"C:/repos/shop":                              "",
		"https://github.com/acme":                    "",
		"https://github.com/acme/shop/tree":          "",
		"https://github.com/acme/..":                 "",
		"https://github.com/$(id)/shop":              "",
		"https://github.com/acme/`id`":               "",
		"https://github.com/acme/shop'; id; '":       "",
		"https://github.com/acme/shop\\nx":           "",
		"https://github.com/acme/shop?x=y":           "",
		"ext::sh -c id acme/shop":                    "",
		"git@github.com:acme/sh op.git":              "",
		"git@git hub.com:acme/shop.git":              "",
		"-oProxyCommand=id:acme/shop":                "",
		"-oid:acme/shop":                             "",
		"https://github.com/acme/shop":               "github.com acme/shop",
		"https://github.com/acme/shop.git":           "github.com acme/shop",
		"https://github.com/acme/shop.git/":          "github.com acme/shop",
		"HTTPS://GitHub.com/Acme/Shop.js":            "github.com Acme/Shop.js",
		"https://u:secret@github.com/acme/shop":      "github.com acme/shop",
		"https://git.corp.example:8443/a/b.git":      "git.corp.example a/b",
		"git@github.com:acme/shop.git":               "github.com acme/shop",
		"github.com:acme/shop":                       "github.com acme/shop",
		"ssh://git@github.com/acme/shop.git":         "github.com acme/shop",
		"ssh://git@ssh.github.com:443/acme/shop.git": "github.com acme/shop",
		"git@github.com-work:acme/shop.git":          "github.com acme/shop",
		"org-1@acme.ghe.com:acme/shop.git":           "acme.ghe.com acme/shop",
		"git://github.com/acme/shop.git":             "github.com acme/shop",
	} {
		remote, ok := scaffold.Origin("[core]\n\tbare = false\n[remote \"origin\"]\n\turl = " + address + "\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n")
		if got := strings.TrimSpace(remote.Host + " " + remote.Repository); want == "" && (ok || got != "") || want != "" && got != want {
			t.Errorf("%q is %q (%t), want %q", address, got, ok, want)
		}
		if strings.Contains(remote.Host+remote.Repository, "secret") {
			t.Errorf("%q shows a password", address)
		}
	}
}

func TestWhichRemoteCounts(t *testing.T) {
	t.Parallel()
	const shop, fork = "\turl = git@github.com:acme/shop.git\n", "\turl = git@github.com:eve/shop.git\n"
	for name, row := range map[string]struct{ config, want string }{
		"no remote":                           {"[core]\n\turl = git@github.com:acme/shop.git\n", ""},
		"an address without a section":        {shop, ""},
		"two, and neither is origin":          {"[remote \"a\"]\n" + shop + "[remote \"b\"]\n" + fork, ""},
		"an origin in another section":        {"[branch \"origin\"]\n" + shop, ""},
		"an origin of another case":           {"[remote \"Origin\"]\n" + shop + "[remote \"b\"]\n" + fork, ""},
		"a comment":                           {"[remote \"origin\"]\n#" + shop + ";" + shop, ""},
		"an origin that is not understood":    {"[remote \"origin\"]\n\turl = /srv/x\n[remote \"fork\"]\n" + fork, ""},
		"an address to push to only":          {"[remote \"origin\"]\n\tpushurl = git@github.com:acme/shop.git\n", ""},
		"the section ends":                    {"[remote \"origin\"]\n[core]\n" + shop, ""},
		"origin among others":                 {"[remote \"fork\"]\n" + fork + "[remote \"origin\"]\n" + shop, "origin acme/shop"},
		"the only one":                        {"[remote \"upstream\"]\n" + shop, "upstream acme/shop"},
		"two addresses: the first is fetched": {"[remote \"origin\"]\n" + shop + fork, "origin acme/shop"},
		"another address behind the section":  {"[remote \"origin\"] url = git@github.com:acme/shop.git\n", "origin acme/shop"},
		"other letters, quotes and line ends": {"[REMOTE \"origin\"]\r\n\tURL=\"git@github.com:acme/shop.git\"\r\n", "origin acme/shop"},
		"a name that is no word":              {"[remote \"a\\\"; $(id)\"]\n" + shop, "a\\\"; $(id) acme/shop"},
	} {
		remote, _ := scaffold.Origin(row.config)
		got := ""
		if remote.Repository != "" {
			got = remote.Name + " " + remote.Repository
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestWhatAReferencePointsAt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		"8d5e957f297893487bd98fa830fa6413dd0": "",
		"ref: refs/tags/v1\n":                 "",
		"ref: refs/heads/\n":                  "",
		"ref: refs/heads/.invalid\n":          "",
		"ref: refs/heads/$(id)\n":             "",
		"ref: refs/heads/a\nb\n":              "",
		"ref: refs/heads/it's\n":              "",
		"ref: refs/heads/${{ x }}\n":          "",
		"ref: refs/heads/main\n":              "main",
		"ref: refs/heads/release/1.x":         "release/1.x",
	} {
		if got := scaffold.Target(text, "refs/heads/"); got != want {
			t.Errorf("%q points at %q, want %q", text, got, want)
		}
	}
}
