package policy

import (
	"slices"
	"strings"

	"github.com/stageward/stageward/pkg/fact"
	"github.com/stageward/stageward/pkg/verdict"
)

// PermissionUses returns what each permission of a token is for that the gates of
// stages take, such as "checks: read": gates by id, each once and in order, and what
// else is read.
func PermissionUses(stages []Stage) map[string][]string {
	uses := map[string][]string{}
	for _, stage := range stages {
		asked := stage.Gates
		for _, lane := range stage.OpenLanes() {
			asked = append(asked[:len(asked):len(asked)], Gate{Check: lane.Check})
		}
		for _, each := range asked {
			for _, permission := range permissionsOf(each) {
				uses[permission] = append(uses[permission], each.Check.ID)
			}
		}
	}
	for _, permission := range reportPermissions(stages) {
		uses[permission] = append(uses[permission], "what changes")
	}
	for permission, ids := range uses {
		slices.Sort(ids)
		uses[permission] = slices.Compact(ids)
	}
	uses[policyPermission] = slices.Insert(uses[policyPermission], 0, "the policy")
	return uses
}

// reportPermissions returns what the report takes that decides nothing: what
// would be deployed, where the policy says which job deploys.
func reportPermissions(stages []Stage) []string {
	for _, stage := range stages {
		if stage.DeployedBy != (fact.JobOf{}) && !stage.Unrestricted {
			return strings.Split(fact.NeedRange.TokenPermission(), ", ")
		}
	}
	return nil
}

// policyPermission is what reading the policy takes.
const policyPermission = "contents: read"

// permissionsOf returns the permissions that the facts of a gate take.
func permissionsOf(asked Gate) []string {
	if asked.Mode == verdict.Off {
		return nil
	}
	var all []string
	for _, need := range asked.Check.Needs {
		if permissions := need.Kind.TokenPermission(); permissions != "" {
			all = append(all, strings.Split(permissions, ", ")...)
		}
	}
	return all
}
