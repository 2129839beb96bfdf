package infra_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/infra"
)

// reads are the store's methods that each function calls, by way of the contract. Who reads more adds it here, and then to the policies. TestWhoReads says why the warmer has no Query.
var reads = map[string][]string{
	"ResolverRole": {"Get", "Query", "Scan"},
	"WarmerRole":   {"Get", "Scan"},
}

// unsaid is what a function may do though no call of an SDK says so: Lambda does it as the function, or by a protocol of its own.
var unsaid = map[string][]string{
	"ResolverRole": {"kms:Decrypt", "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"},
	"WarmerRole": {
		"appsync:GraphQL", // the announcement is a signed request of HTTP
		"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
		"kms:Decrypt", "kms:GenerateDataKey",
		"lambda:InvokeFunction", // so is the invocation by which it goes on
		"logs:CreateLogStream", "logs:PutLogEvents",
		"sqs:SendMessage", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
	},
}

// network is what Lambda does as a function in a network.
var network = []string{"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses"}

// TestPolicies: each function may make the calls of the SDK that its code makes, and no others.
func TestPolicies(t *testing.T) {
	operations, objects := storeOperations(t), bucketOperations(t)
	eachShape(t, func(t *testing.T, o *infra.Options, d document) {
		for role, methods := range reads {
			want := set(unsaid[role]...)
			for _, method := range methods {
				for operation := range operations[method] {
					want["dynamodb:"+operation] = true
				}
			}
			if role == "WarmerRole" {
				for operation := range objects {
					want["s3:"+operation] = true
				}
			}
			if o.VPC {
				maps.Copy(want, set(network...))
			}
			if o.VPC {
				delete(want, "lambda:InvokeFunction")
			}
			if o.API == infra.Functions || o.VPC {
				delete(want, "appsync:GraphQL")
			}
			if o.Package == infra.Zip && !o.VPC { // then extensions can be layers, which read settings as the function
				if o.Cache == infra.Momento {
					want["secretsmanager:GetSecretValue"] = true
				}
				if role == "ResolverRole" {
					maps.Copy(want, set("appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"))
				}
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(allowed(d, role)))); diff != "" {
				t.Errorf("%s: -the code needs +the policies allow\n%s", role, diff)
			}
		}
	})
}

// TestHandover: the alias by which the warmer calls itself is the one that it has, and the only function that it may call. Where nothing reaches Lambda's API, it has neither.
func TestHandover(t *testing.T) {
	eachShape(t, func(t *testing.T, o *infra.Options, d document) {
		warmer := at(d.Resources["Warmer"], "Properties")
		want := text(warmer, "AutoPublishAlias")
		if o.VPC {
			want = ""
		}
		if got := text(warmer, "Environment", "Variables", "CHUNKASIDE_HANDOVER"); got != want {
			t.Errorf("the warmer hands over to %q, want %q", got, want)
		}
		for _, s := range statements(d) {
			if s.role == "WarmerRole" && slices.Contains(s.actions, "lambda:InvokeFunction") && (len(s.resources) != 1 || text(s.resources[0], "Ref") != "Warmer.Alias") {
				t.Errorf("%s: on %v", s.id, s.resources)
			}
		}
	})
}

func set(names ...string) map[string]bool {
	found := map[string]bool{}
	for _, name := range names {
		found[name] = true
	}
	return found
}

// allowed are the actions of a role, by what its policies say.
func allowed(d document, role string) map[string]bool {
	actions := map[string]bool{}
	for _, s := range statements(d) {
		if s.role == role {
			for _, action := range s.actions {
				actions[action] = true
			}
		}
	}
	return actions
}

// statement is one of a role's.
type statement struct {
	role, id  string
	actions   []string
	resources []any
}

// statements are all that give a role a right; those that stand in a condition too.
func statements(d document) (all []statement) {
	add := func(role string, policy any) {
		walk(at(policy, "PolicyDocument", "Statement"), func(v any) {
			if at(v, "Effect") == nil {
				return
			}
			s := statement{role: role, id: text(v, "Sid"), resources: list(v, "Resource")}
			for _, action := range list(v, "Action") {
				s.actions = append(s.actions, action.(string))
			}
			all = append(all, s)
		})
	}
	for name, role := range d.ofType("AWS::IAM::Role") {
		for _, policy := range list(role, "Policies") {
			add(name, policy)
		}
	}
	for _, policy := range d.ofType("AWS::IAM::RolePolicy") {
		add(text(policy, "RoleName", "Ref"), policy)
	}
	return all
}

// wide are the actions for which AWS knows no narrower resource than "*".
var wide = set(append(slices.Clone(network), "xray:PutTelemetryRecords", "xray:PutTraceSegments", "dynamodb:ListStreams")...)

// TestLeastPrivilege: a statement is for one need, names its actions and its resources, and no role takes over what somebody else wrote.
func TestLeastPrivilege(t *testing.T) {
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		needs := map[string]bool{}
		for _, s := range statements(d) {
			if need := s.role + "." + s.id; s.id == "" || needs[need] && s.id != "ReadStream" {
				t.Errorf("%s: a statement without a need of its own: %q", s.role, s.id)
			} else {
				needs[need] = true
			}
			for _, action := range s.actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s.%s allows %s", s.role, s.id, action)
				}
			}
			for _, resource := range s.resources {
				if resource == "*" && !all(s.actions, wide) {
					t.Errorf("%s.%s: %v on everything", s.role, s.id, s.actions)
				}
				if arn := text(resource, "Fn::Sub"); strings.Contains(arn, "*") && !strings.HasSuffix(arn, ":s3:::${ExportBucket}/*") {
					t.Errorf("%s.%s: on %s", s.role, s.id, arn)
				}
			}
		}
		for name, role := range d.ofType("AWS::IAM::Role") {
			if at(role, "ManagedPolicyArns") != nil {
				t.Errorf("%s has policies that are not in the template", name)
			}
			if trusted := list(role, "AssumeRolePolicyDocument", "Statement"); len(trusted) != 1 || !strings.HasSuffix(text(trusted[0], "Principal", "Service"), ".amazonaws.com") {
				t.Errorf("%s trusts %v", name, trusted)
			}
		}
	})
}

func all(names []string, in map[string]bool) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !in[name] })
}
