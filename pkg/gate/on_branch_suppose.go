package gate

import (
	"cmp"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/suppose"
)

// supposesContainment lets the branch contain the commit.
var supposesContainment = Supposing[onBranch]{
	Noun:    "containment",
	With:    func(params onBranch, in Supposed, _ string) error { return params.relate(in, "behind") },
	Without: func(params onBranch, in Supposed, _ string) error { return params.relate(in, "diverged") },
}

func (p onBranch) relate(in Supposed, status string) error {
	name, missing := p.name(Input{Facts: in.Facts})
	if missing != nil {
		name = p.Branch // as good as any: the gate will say that it is not known
	}
	in.Facts.Containment[p.Branch] = fact.Of(fact.Containment{
		Branch: cmp.Or(name, p.Branch), Contained: status == "behind", Status: status,
	}, suppose.Source())
	return nil
}
