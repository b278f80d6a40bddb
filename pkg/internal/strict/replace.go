package strict

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Text is one scalar of a tree, with the keys on the way to it. An entry of a list
// has the keys of the list.
type Text struct {
	Position
	Keys  []string
	Value string
	// IsKey is true for a key of a map; it is then the last of Keys as well.
	IsKey bool
}

// Texts returns every scalar of the tree, keys included, in the order of the file.
func (n Node) Texts() []Text {
	var all []Text
	if n.node != nil {
		collect(n.node, nil, &all)
	}
	return all
}

func collect(node *yaml.Node, keys []string, into *[]Text) {
	switch node.Kind {
	case yaml.ScalarNode:
		*into = append(*into, Text{Position: place(node), Keys: keys, Value: node.Value})
	case yaml.SequenceNode:
		for _, each := range node.Content {
			collect(each, keys, into)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			below := append(slices.Clone(keys), key.Value)
			*into = append(*into, Text{Position: place(key), Keys: below, Value: key.Value, IsKey: true})
			collect(node.Content[i+1], below, into)
		}
	}
}

// Replaced returns a copy of the tree in which each value is what replace returns
// for it; keys stay as they are, and so does every position. The tree itself is
// not changed.
func (n Node) Replaced(replace func(Text) string) Node {
	if n.node != nil {
		n.node = replaced(n.node, nil, replace)
	}
	return n
}

func replaced(node *yaml.Node, keys []string, replace func(Text) string) *yaml.Node {
	copied := *node
	copied.Content = slices.Clone(node.Content)
	switch node.Kind {
	case yaml.ScalarNode:
		copied.Value = replace(Text{Position: place(node), Keys: keys, Value: node.Value})
	case yaml.SequenceNode:
		for i, each := range copied.Content {
			copied.Content[i] = replaced(each, keys, replace)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(copied.Content); i += 2 {
			copied.Content[i+1] = replaced(copied.Content[i+1], append(slices.Clone(keys), copied.Content[i].Value), replace)
		}
	}
	return &copied
}

// Only returns a copy of the tree in which the map below a key of the root has no
// other entry than those of a name. Where there is no such map, nothing changes.
func (n Node) Only(key, name string) Node {
	if n.node == nil || n.node.Kind != yaml.MappingNode {
		return n
	}
	root := *n.node
	root.Content = slices.Clone(root.Content)
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != key || root.Content[i+1].Kind != yaml.MappingNode {
			continue
		}
		section := *root.Content[i+1]
		section.Content = nil
		for j, all := 0, root.Content[i+1].Content; j+1 < len(all); j += 2 {
			if all[j].Value == name {
				section.Content = append(section.Content, all[j], all[j+1])
			}
		}
		root.Content[i+1] = &section
	}
	n.node = &root
	return n
}

// Entries returns the keys of the map below a key of the root, each once, in the
// order of the file. What is no word is left out; Parse has refused it.
func (n Node) Entries(key string) []Text {
	var keys []Text
	if n.node == nil || n.node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.node.Content); i += 2 {
		section := n.node.Content[i+1]
		if n.node.Content[i].Value != key || section.Kind != yaml.MappingNode {
			continue
		}
		for j := 0; j+1 < len(section.Content); j += 2 {
			name := section.Content[j]
			known := slices.ContainsFunc(keys, func(before Text) bool { return before.Value == name.Value })
			if isWord(name) && !known {
				keys = append(keys, Text{Position: place(name), Keys: []string{key, name.Value}, Value: name.Value, IsKey: true})
			}
		}
	}
	return keys
}
