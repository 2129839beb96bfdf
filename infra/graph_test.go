package infra_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chunkaside/chunkaside/infra"
)

// TestReferences: whatever a template refers to is there, in every shape; parameters and conditions are all used.
func TestReferences(t *testing.T) {
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		used := map[string]bool{}
		for _, tree := range []any{d.Conditions, d.Resources, d.Outputs, d.Rules} {
			names, conditions := references(tree)
			for _, name := range names {
				used[name] = true
				if name != "" && !strings.HasPrefix(name, "AWS::") && d.Parameters[name] == nil && d.Resources[name] == nil {
					t.Errorf("there is no %s", name)
				}
			}
			for _, name := range conditions {
				used[name] = true
				if name != "" && d.Conditions[name] == nil {
					t.Errorf("there is no condition %s", name)
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(d.Parameters)) {
			if !used[name] {
				t.Errorf("nothing uses the parameter %s", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(d.Conditions)) {
			if !used[name] {
				t.Errorf("nothing uses the condition %s", name)
			}
		}
	})
}

// TestPresence: what is there only on a condition is referred to only on that condition.
func TestPresence(t *testing.T) {
	eachShape(t, func(t *testing.T, _ *infra.Options, d document) {
		for name, r := range d.Resources {
			names, _ := references(r)
			for _, to := range names {
				condition := text(d.Resources[to], "Condition")
				if condition != "" && text(r, "Condition") != condition {
					t.Errorf("%s refers to %s, which is there only if %s", name, to, condition)
				}
			}
		}
	})
}

// TestResolvers: each root field of the API's schema has one resolver, with the data source that answers it, and fields of other types have none.
func TestResolvers(t *testing.T) {
	eachShape(t, func(t *testing.T, o *infra.Options, d document) {
		got, want := map[string]string{}, map[string]string{}
		for name, r := range d.ofType("AWS::AppSync::Resolver") {
			field := text(r, "TypeName") + "." + text(r, "FieldName")
			if got[field] != "" {
				t.Errorf("%s has two resolvers", field)
			}
			source := base(text(r, "DataSourceName", "Fn::GetAtt"))
			got[field] = text(d.Resources[source], "Properties", "Name")
			if text(d.Resources[name], "DependsOn") != "ApiSchema" {
				t.Errorf("%s may be made before its field", name)
			}
		}
		for _, f := range served(t, d) {
			switch f {
			case "Mutation.publishCatalog":
				want[f] = "Announcements"
			case "Mutation.warmCatalog":
				want[f] = "Warmer"
			default:
				want[f] = "Catalog"
			}
		}
		if o.API != infra.Functions && len(want) < 14 || o.API == infra.Functions && len(want) > 0 {
			t.Errorf("the API has %d fields with resolvers", len(want))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("resolvers: -want +got\n%s", diff)
		}
		if caches := d.ofType("AWS::AppSync::ApiCache"); len(caches) > 0 {
			t.Error("AppSync would cache answers without regard to the fields asked for")
		}
	})
}

// served are the root fields that need a resolver, of the schema in the template.
func served(t *testing.T, d document) (fields []string) {
	for _, s := range d.ofType("AWS::AppSync::GraphQLSchema") {
		sdl := list(s, "Definition", "Fn::Sub")[0].(string)
		document, err := parser.ParseSchema(&ast.Source{Input: strings.ReplaceAll(sdl, "${Callers}", "@aws_iam")})
		if err != nil {
			t.Fatal(err)
		}
		if len(document.Schema) != 1 || len(document.Schema[0].OperationTypes) != 3 {
			t.Error("the schema does not name its three root types")
		}
		for _, root := range []string{"Query", "Mutation"} {
			for _, f := range document.Definitions.ForName(root).Fields {
				fields = append(fields, root+"."+f.Name)
			}
		}
	}
	return fields
}

// TestFunctions: both are of arm64, are asked through their alias by whatever asks them, and go back if a new version fails.
func TestFunctions(t *testing.T) {
	eachShape(t, func(t *testing.T, o *infra.Options, d document) {
		if got := list(d.Resources["Globals"], "Properties", "Architectures"); !slices.Equal(got, []any{"arm64"}) {
			t.Errorf("architectures are %v", got)
		}
		functions := d.ofType("AWS::Serverless::Function")
		for name, f := range functions {
			if text(f, "AutoPublishAlias") != "live" || at(f, "Role") == nil || at(f, "LoggingConfig", "LogGroup") == nil {
				t.Errorf("%s has no alias, no role or no log of its own", name)
			}
		}
		if len(functions) != 2 || len(list(functions["Resolver"], "DeploymentPreference", "Alarms")) != 2 || at(functions["Warmer"], "ReservedConcurrentExecutions") == nil {
			t.Errorf("functions are %v", functions)
		}
		if snapshot := at(functions["Resolver"], "SnapStart") != nil; snapshot != (o.Package == infra.Image) || snapshot == (at(functions["Resolver"], "ProvisionedConcurrencyConfig") != nil) {
			t.Error("a snapshot and provisioned concurrency exclude each other; a zip has no snapshot")
		}
		for name, r := range d.Resources {
			walk(r, func(v any) {
				for _, direct := range []string{text(v, "Fn::GetAtt")} {
					if direct == "Resolver.Arn" || direct == "Warmer.Arn" {
						t.Errorf("%s passes by the alias", name)
					}
				}
			})
		}
	})
}

// TestStreams: each table's edits come with all that keeps one bad record from stopping the others.
func TestStreams(t *testing.T) {
	eachShape(t, func(t *testing.T, o *infra.Options, d document) {
		mappings := d.ofType("AWS::Lambda::EventSourceMapping")
		if len(mappings) != 3 {
			t.Errorf("%d streams, want 3", len(mappings))
		}
		for name, m := range mappings {
			for _, property := range []string{"MaximumBatchingWindowInSeconds", "BisectBatchOnFunctionError", "MaximumRetryAttempts", "MaximumRecordAgeInSeconds", "DestinationConfig"} {
				if at(m, property) == nil {
					t.Errorf("%s has no %s", name, property)
				}
			}
			if !slices.Equal(list(m, "FunctionResponseTypes"), []any{"ReportBatchItemFailures"}) {
				t.Errorf("%s does not read which records failed", name)
			}
		}
		if tables := d.ofType("AWS::DynamoDB::Table"); len(tables) != 3 && o.Tables || len(tables) > 0 && !o.Tables {
			t.Errorf("%d tables", len(tables))
		}
	})
}

// TestNetwork: no function has a way to the internet.
func TestNetwork(t *testing.T) {
	eachShape(t, func(t *testing.T, o *infra.Options, d document) {
		for name, r := range d.Resources {
			switch text(r, "Type") {
			case "AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway", "AWS::EC2::Route":
				t.Errorf("%s leads out of the network", name)
			}
		}
		if inside := at(d.Resources["Globals"], "Properties", "VpcConfig") != nil; inside != o.VPC || len(d.ofType("AWS::EC2::VPCEndpoint")) > 0 != o.VPC {
			t.Errorf("in a network: %v", inside)
		}
	})
}
