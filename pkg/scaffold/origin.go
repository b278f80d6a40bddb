package scaffold

import (
	"strings"

	"github.com/stageward/stageward/pkg/lazy"
)

// Remote is where a clone is from.
type Remote struct {
	// Name is what the clone calls it, such as origin.
	Name string
	// Host is the server's name, in small letters; Repository is owner/name.
	Host, Repository string
}

// Origin finds the repository in the text of a .git/config: the remote origin, or
// the only one. ok is false where there is none, or its address is not one of a
// repository on a server like GitHub. The address is never shown: there can be a
// password in it.
//
// Source: git-config(1), "Syntax".
func Origin(config string) (remote Remote, ok bool) {
	addresses := map[string]string{}
	only := ""
	for _, each := range remotes(config) {
		if _, taken := addresses[each.name]; !taken { // of several addresses git fetches from the first
			addresses[each.name], only = each.address, each.name
		}
	}
	name := "origin"
	if _, has := addresses[name]; !has {
		if len(addresses) != 1 {
			return Remote{}, false
		}
		name = only
	}
	remote, ok = parseAddress(addresses[name])
	remote.Name = name
	return remote, ok
}

type remoteLine struct{ name, address string }

var (
	sectionForm = lazy.New(`^\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]`)
	addressLine = lazy.New(`(?i)^url\s*=\s*(.*)$`)
)

// remotes returns the addresses of remotes in the order of the file.
func remotes(config string) []remoteLine {
	var found []remoteLine
	section := ""
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if header := sectionForm.FindStringSubmatch(line); header != nil {
			section = ""
			if strings.EqualFold(header[1], "remote") {
				section = header[2]
			}
			line = strings.TrimSpace(line[len(header[0]):])
		}
		if said := addressLine.FindStringSubmatch(line); said != nil && section != "" {
			found = append(found, remoteLine{section, strings.Trim(strings.TrimSpace(said[1]), `"`)})
		}
	}
	return found
}

var (
	// longForm is an address with a scheme, shortForm the one that scp has: there one
	// letter is a drive.
	longForm  = lazy.New(`^(?i:https?|ssh|git|git\+ssh)://(?:[^/@]*@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]+)?/+([^/]+/[^/]+?)(?:\.git)?/*$`)
	shortForm = lazy.New(`^(?:[^/@:]+@)?([A-Za-z0-9][A-Za-z0-9.-]+):/*([^/]+/[^/]+?)(?:\.git)?/*$`)
)

func parseAddress(address string) (Remote, bool) {
	parts := longForm.FindStringSubmatch(address)
	if parts == nil && !strings.Contains(address, "://") {
		parts = shortForm.FindStringSubmatch(address)
	}
	if parts == nil || !IsRepository(parts[2]) {
		return Remote{}, false
	}
	host := strings.ToLower(parts[1])
	// ssh.github.com is the door at port 443; github.com-work is a common name in
	// ~/.ssh/config for a second account.
	if host == "ssh.github.com" || strings.HasPrefix(host, "github.com-") {
		host = "github.com"
	}
	return Remote{Host: host, Repository: parts[2]}, true
}

// Target returns the name of the branch that a symbolic reference of git points at,
// such as HEAD, or "". prefix is what stands before the name. A name that cannot
// stand in a workflow counts as none.
func Target(reference, prefix string) string {
	name, ok := strings.CutPrefix(strings.TrimSpace(reference), "ref: "+prefix)
	if !ok || !IsBranch(name) {
		return ""
	}
	return name
}
