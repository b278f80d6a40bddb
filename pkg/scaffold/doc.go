// Package scaffold writes the first files of a repository that takes up Stageward:
// the policy, the workflow that deploys behind a gate, the one by which people
// approve, and what to do after that. Answers go in, texts come out.
//
// What goes into a file has passed [Answers.Check]: words of known alphabets, so
// that no name from a repository can become YAML, an expression or a shell command.
//
// It must not know the disk, git, GitHub or the command line.
package scaffold
