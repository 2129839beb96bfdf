package infra_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the repository's folder.
const root = ".."

// source parses the Go files of a folder that are no tests, by their paths.
func source(t testing.TB, folder string, deep bool) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	top := filepath.Join(root, folder)
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != top && (!deep || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files: %v", top, len(files), err)
	}
	return files
}

// body is what a function calls: other functions and methods by name, and operations of the SDK's client.
type body struct{ calls, operations map[string]bool }

// bodies are those of a package's functions and methods, by name. Two of one name count as one: that finds more, never less.
func bodies(files map[string]*ast.File) map[string]body {
	found := map[string]body{}
	for _, file := range files {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || function.Body == nil {
				continue
			}
			b, ok := found[function.Name.Name]
			if !ok {
				b = body{map[string]bool{}, map[string]bool{}}
				found[function.Name.Name] = b
			}
			ast.Inspect(function.Body, func(n ast.Node) bool {
				b.note(n)
				return true
			})
		}
	}
	return found
}

func (b body) note(n ast.Node) {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if isClient(n.X) {
			b.operations[n.Sel.Name] = true
			return
		}
		b.calls[n.Sel.Name] = true
		// A waiter or a paginator calls an operation whose name is a part of its own.
		if name, ok := strings.CutPrefix(n.Sel.Name, "NewTable"); ok && strings.HasSuffix(name, "Waiter") {
			b.operations["DescribeTable"] = true
		}
	case *ast.Ident:
		b.calls[n.Name] = true
	}
}

// isClient says whether an expression is called client, or a field is.
func isClient(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "client"
	case *ast.Ident:
		return x.Name == "client"
	}
	return false
}

// bucketOperations are the operations of S3 that the warmer calls.
func bucketOperations(t testing.TB) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, b := range bodies(source(t, "warmer/s3objects", false)) {
		maps.Copy(found, b.operations)
	}
	if len(found) == 0 {
		t.Fatal("the warmer calls nothing of S3: this test does not read the code rightly")
	}
	return found
}

// storeOperations are, for each method of store.Store, the operations of DynamoDB that it leads to.
func storeOperations(t testing.TB) map[string]map[string]bool {
	t.Helper()
	all := bodies(source(t, "store/dynamostore", false))
	found := map[string]map[string]bool{}
	for _, method := range []string{"Scan", "Get", "Query"} {
		found[method] = map[string]bool{}
		seen := map[string]bool{}
		var follow func(name string)
		follow = func(name string) {
			b, ok := all[name]
			if !ok || seen[name] {
				return
			}
			seen[name] = true
			maps.Copy(found[method], b.operations)
			for call := range b.calls {
				// The methods of the contract do not call each other, but parameters and packages have their names.
				if !slices.Contains([]string{"Scan", "Get", "Query"}, call) {
					follow(call)
				}
			}
		}
		follow(method)
		if len(found[method]) == 0 {
			t.Fatalf("%s calls nothing: this test does not read the code rightly", method)
		}
	}
	return found
}

// TestSDKs: the clients of AWS that the code has are those that the test of the policies knows.
func TestSDKs(t *testing.T) {
	const services = "github.com/aws/aws-sdk-go-v2/service/"
	found := map[string]bool{}
	for path, file := range source(t, ".", true) {
		for _, spec := range file.Imports {
			if name, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), services); ok {
				name, _, _ = strings.Cut(name, "/")
				folder := filepath.ToSlash(filepath.Dir(path))
				found[strings.TrimPrefix(folder, root+"/")+": "+name] = true
			}
		}
	}
	if got, want := slices.Sorted(maps.Keys(found)), []string{"store/dynamostore: dynamodb", "warmer/s3objects: s3"}; !slices.Equal(got, want) {
		t.Errorf("clients of AWS: %v, want %v: say in TestPolicies which function calls what", got, want)
	}
}

// TestWhoReads holds the table of the policies' test against the code: queries of the store are made by narrow reads alone, which the resolver has and the warmer does not; and what writes tables is called by
// neither function.
func TestWhoReads(t *testing.T) {
	callers := func(method string, folders ...string) (paths []string) {
		for _, folder := range folders {
			for path, file := range source(t, folder, false) {
				ast.Inspect(file, func(n ast.Node) bool {
					call, ok := n.(*ast.CallExpr)
					if !ok {
						return true
					}
					if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == method && len(call.Args) > 1 {
						paths = append(paths, strings.TrimPrefix(filepath.ToSlash(path), root+"/"))
					}
					return true
				})
			}
		}
		slices.Sort(paths)
		return slices.Compact(paths)
	}
	own := []string{"catalog", "cache", "warmer", "cmd/warmer", "cmd/resolver", "cmd/internal/wiring", "cmd/internal/telemetry"}
	wrappers := []string{"cmd/internal/wiring/drivers.go", "cmd/internal/wiring/lazy.go"} // which hand on what they are asked
	if got, want := callers("Query", own...), append([]string{"catalog/narrowread.go"}, wrappers...); !slices.Equal(got, want) {
		t.Errorf("the store's Query is called in %v, want %v", got, want)
	}
	if got, want := callers("NewNarrow", own...), []string{"cmd/internal/wiring/wiring.go"}; !slices.Equal(got, want) {
		t.Errorf("narrow reads are set up in %v, want %v", got, want)
	}
	for _, method := range []string{"CreateTables", "Write", "SetText"} {
		if got := callers(method, own...); len(got) > 0 {
			t.Errorf("%s is called in %v", method, got)
		}
	}
}
