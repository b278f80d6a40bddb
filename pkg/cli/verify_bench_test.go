package cli_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stageward/stageward/pkg/cli"
	"github.com/stageward/stageward/pkg/internal/gittest"
)

// BenchmarkVerify compares the whole command, the start of git included, with
// `git verify-commit` over the same commits on the same machine at the same
// time. Only the ratio means something on another machine.
func BenchmarkVerify(b *testing.B) {
	const commits = 500
	for _, row := range []struct {
		name   string
		signer func() gittest.Signer
	}{
		{"ssh-ed25519", func() gittest.Signer { return gittest.SSH(b, "olga@acme.example") }},
		{"openpgp-ed25519", func() gittest.Signer { return gittest.OpenPGP(b, "paul", gittest.Key{}) }},
		{"openpgp-rsa2048", func() gittest.Signer { return gittest.OpenPGP(b, "rita", gittest.Key{RSABits: 2048}) }},
		{"openpgp-rsa4096", func() gittest.Signer { return gittest.OpenPGP(b, "rolf", gittest.Key{RSABits: 4096}) }},
	} {
		b.Run(row.name, func(b *testing.B) {
			signer := row.signer()
			clone, signers := gitKnows(b, signer)
			tip := chain(b, clone, signer, commits)
			ids := strings.Fields(clone.Git(b, "log", "--format=%H", tip))
			begun := time.Now()
			clone.Git(b, append([]string{"verify-commit"}, ids...)...) // fails when git calls one of them bad
			theirs := time.Since(begun)
			runs := 0
			for b.Loop() {
				if got := verify(b.Context(), clone, tip, "--ancestors", "--signers", signers); got.code != 0 {
					b.Fatal(got)
				}
				runs++
			}
			ours := b.Elapsed() / time.Duration(runs)
			b.ReportMetric(commits/ours.Seconds(), "commits/s")
			b.ReportMetric(commits/theirs.Seconds(), "git-commits/s")
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x-faster")
		})
	}
}

// gitKnows makes a clone in which the signer counts for git, too.
func gitKnows(b *testing.B, signer gittest.Signer) (clone gittest.Clone, signers string) {
	b.Helper()
	signers = signersFile(b, signer.Public)
	if !strings.HasPrefix(signer.Public, "-----BEGIN PGP") {
		gittest.Need(b, "ssh-keygen")
		clone = gittest.New(b)
		clone.Git(b, "config", "gpg.ssh.allowedSignersFile", signers)
		return clone, signers
	}
	gittest.Need(b, "gpg")
	home, err := os.MkdirTemp("", "g") //nolint:usetesting // b.TempDir is too long for the socket of gpg's agent
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		exec.CommandContext(context.Background(), "gpgconf", "--homedir", home, "--kill", "all").Run() //nolint:usetesting // b.Context has ended
		os.RemoveAll(home)
	})
	if output, err := exec.CommandContext(b.Context(), "gpg", "--homedir", home, "--batch", "--quiet", "--import", signers).CombinedOutput(); err != nil {
		b.Fatalf("gpg: %v: %s", err, output)
	}
	return gittest.New(b, "GNUPGHOME="+home), signers
}

// heapWatch is where rows go. It looks at the heap now and then.
type heapWatch struct {
	rows int
	peak uint64
}

func (w *heapWatch) Write(text []byte) (int, error) {
	const now = 250
	if w.rows++; w.rows%now == 0 {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		w.peak = max(w.peak, memory.HeapInuse+memory.StackInuse)
	}
	return len(text), nil
}

// BenchmarkVerifyMemory shows that memory does not grow with the history,
// except for the ids of the commits that were met (32 bytes each, in a table).
func BenchmarkVerifyMemory(b *testing.B) {
	for _, commits := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("commits=%d", commits), func(b *testing.B) {
			signer := gittest.SSH(b, "olga@acme.example")
			clone, signers := gittest.New(b), signersFile(b, signer.Public)
			tip := chain(b, clone, signer, commits)
			watch := &heapWatch{}
			for b.Loop() {
				runtime.GC()
				code := cli.Main(b.Context(), []string{"verify", tip, "--ancestors", "--dir", clone.Folder, "--signers", signers}, cli.System{
					Getenv: func(string) string { return "" }, Stdout: watch, Stderr: watch, Now: verifyNow,
				})
				if code != 0 {
					b.Fatalf("exit code %d", code)
				}
			}
			b.ReportMetric(float64(watch.peak)/(1<<20), "peak-MiB")
			b.ReportMetric(float64(commits*b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}
